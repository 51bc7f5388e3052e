"""CloudWatch alarms on Lambda's metrics: what a deployment listens to. Source: fact H.1; CloudWatch User Guide.

An alarm looks at whole periods, when they are over. An error is stamped at its invocation's start. Fact H.1
"""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import SECOND, Micros, Process, Signal
from lambdalab.simulator.trace import Stamped
from lambdalab.simulator.trace.facts import (
    AlarmChanged,
    InvocationEnded,
    InvocationRouted,
    InvocationThrottled,
    ProvisionedSpilled,
    ProvisionedUsed,
)
from lambdalab.simulator.trace.routed import RoutedRequests

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
STATISTICS: Mapping[str, Callable[[list[float]], float]] = {
    "Sum": sum,
    "Maximum": max,
    "Minimum": min,
    "Average": lambda values: sum(values) / len(values),
    "SampleCount": len,
}
METRICS = ("Errors", "Invocations", "Throttles", "Duration", "ProvisionedConcurrencyUtilization")
UTILIZATION = "ProvisionedConcurrencyUtilization"
MISSING = ("missing", "notBreaching", "breaching", "ignore")


@dataclass(slots=True)
class Alarm:
    """One alarm; ``period_s`` is a multiple of 60. ``dimensions`` are FunctionName, Resource and ExecutedVersion."""

    name: str
    metric: str
    dimensions: Mapping[str, str]
    threshold: float
    comparison: str
    statistic: str = "Sum"
    period_s: int = 60
    periods: int = 1
    datapoints: int = 1
    missing: str = "missing"
    state: State = "INSUFFICIENT_DATA"
    act: Callable[[float], None] | None = None  # told the statistic of each period at whose end it is in ALARM
    samples: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))

    def judge(self, period: int) -> State:
        """The state when ``period`` is over, from the periods up to it."""
        breaching = found = 0
        for number in range(period - self.periods + 1, period + 1):
            values = self.samples.get(number)
            found += bool(values)
            if values:
                breaching += COMPARISONS[self.comparison](STATISTICS[self.statistic](values), self.threshold)
            elif self.missing == "breaching":
                breaching += 1
        if breaching >= self.datapoints:
            return "ALARM"
        if found or self.missing in ("notBreaching", "breaching"):
            return "OK"
        return self.state if self.missing == "ignore" else "INSUFFICIENT_DATA"


class Alarms:
    """The alarms of the account. Without any, nothing here costs anything."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._alarms: dict[str, Alarm] = {}
        self._routed = RoutedRequests()
        self._waiting: list[tuple[frozenset[str], Signal]] = []

    def deploy(self, alarm: Alarm) -> None:
        """Add an alarm."""
        if not self._alarms:
            self._world.trace.watch(self._see)
        self._alarms[alarm.name] = alarm
        self._world.kernel.spawn(self._look_every_period(alarm), background=True)

    def remove(self, name: str) -> None:
        """Take an alarm away."""
        self._alarms.pop(name, None)

    def ringing(self, names: frozenset[str]) -> str | None:
        """The first of these alarms that is in ALARM."""
        return next((name for name in sorted(names) if name in self._alarms and self._is_ringing(name)), None)

    def bell(self, names: frozenset[str]) -> Signal:
        """Fires when one of these alarms goes off."""
        signal = self._world.kernel.signal()
        self._waiting.append((names, signal))
        return signal

    def _is_ringing(self, name: str) -> bool:
        return self._alarms[name].state == "ALARM"

    def _see(self, stamped: Stamped) -> None:
        fact = stamped.fact
        if isinstance(fact, InvocationRouted):
            self._routed.note(fact)
        elif isinstance(fact, InvocationThrottled):
            alias = self._routed.end(fact.request_id)
            self._count(stamped.at, {"Throttles": 1.0}, fact.function, alias, None)
        elif isinstance(fact, InvocationEnded):
            alias = self._routed.end(fact.request_id)
            failed = float(fact.status != "ok")
            samples = {"Errors": failed, "Invocations": 1.0, "Duration": fact.duration_us / 1_000}
            self._count(stamped.at - fact.duration_us, samples, fact.function, alias, fact.version)
        elif isinstance(fact, ProvisionedUsed):
            share = fact.in_use / fact.allocated
            self._count(stamped.at, {UTILIZATION: share}, fact.function, fact.qualifier, None)
        elif isinstance(fact, ProvisionedSpilled):
            self._count(stamped.at, {UTILIZATION: 1.0}, fact.function, fact.qualifier, None)

    def _count(
        self, at: int, samples: Mapping[str, float], function: str, alias: str | None, version: str | None
    ) -> None:
        resources = (function, f"{function}:{alias}") if alias else (function, f"{function}:{version}")
        for alarm in self._alarms.values():
            wanted = alarm.dimensions
            if (
                alarm.metric in samples
                and wanted.get("FunctionName", function) == function
                and wanted.get("Resource", function) in resources
                and wanted.get("ExecutedVersion", version) == version
            ):
                alarm.samples[at // (alarm.period_s * SECOND)].append(samples[alarm.metric])

    def _look_every_period(self, alarm: Alarm) -> Process[None]:
        kernel, length = self._world.kernel, alarm.period_s * SECOND
        while self._alarms.get(alarm.name) is alarm:
            period = kernel.now // length
            yield from kernel.sleep(Micros((period + 1) * length - kernel.now))
            state, values = alarm.judge(period), alarm.samples.get(period)
            for old in [number for number in alarm.samples if number <= period - alarm.periods]:
                del alarm.samples[old]
            if state != alarm.state:
                self._world.trace.record(AlarmChanged(alarm.name, alarm.state, state))
                alarm.state = state
                self._ring(alarm)
            if state == "ALARM" and alarm.act is not None and values:
                alarm.act(STATISTICS[alarm.statistic](values))

    def _ring(self, alarm: Alarm) -> None:
        if alarm.state != "ALARM":
            return
        for names, signal in self._waiting:
            if alarm.name in names:
                signal.fire()
        self._waiting = [entry for entry in self._waiting if not entry[1].fired]
