"""CloudWatch alarms: what a deployment listens to. Source: fact H.1; CloudWatch User Guide, "Using alarms".

An alarm looks at whole periods, when they are over. An error is stamped at its invocation's start. Fact H.1

What alarms on Lambda need most is counted here, sample by sample, as it happens; any other metric is asked for when a
period is over (``Alarms.figures``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import SECOND, Micros, Process, Signal
from lambdalab.simulator.lambda_.alarm import (
    Alarm,
    State,
)
from lambdalab.simulator.lambda_.alarm_reasons import reason_for
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

UTILIZATION = "ProvisionedConcurrencyUtilization"


class Alarms:
    """The alarms of the account. Without any, nothing here costs anything.

    ``figures`` tells the statistics of an alarm's metric in periods (their numbers) when it is not counted here.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._alarms: dict[str, Alarm] = {}
        self._counting = False
        self.figures: Callable[[Alarm, range], list[float | None]] = lambda alarm, periods: [None] * len(periods)
        self._routed = RoutedRequests()
        self._waiting: list[tuple[frozenset[str], Signal]] = []

    def deploy(self, alarm: Alarm) -> None:
        """Add an alarm. One with the name of another takes its place, and its state. BC PutMetricAlarm"""
        if alarm.is_counted and not self._counting:
            self._counting = True
            self._world.trace.watch(self._see)
        before = self._alarms.get(alarm.name)
        if before is not None:
            alarm.state, alarm.reason, alarm.changed_at = before.state, before.reason, before.changed_at
        self._alarms[alarm.name] = alarm
        self._world.kernel.spawn(self._look_every_period(alarm), background=True)

    def remove(self, name: str) -> None:
        """Take an alarm away."""
        self._alarms.pop(name, None)

    def all(self) -> list[Alarm]:
        """Every alarm, in the order of their names."""
        return [self._alarms[name] for name in sorted(self._alarms)]

    def set_state(self, alarm: Alarm, state: State, reason: str) -> None:
        """Put an alarm into a state, until it looks at its metric again."""
        self._change(alarm, state, reason)

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
                alarm.is_counted
                and alarm.metric in samples
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
            if not alarm.is_counted:
                yield from kernel.sleep(Micros(0))  # behind what else happens at this moment: a filter's default value
            if self._alarms.get(alarm.name) is not alarm:
                return
            values = self._figures(alarm, range(period - alarm.range + 1, period + 1))
            state = alarm.judge(values)
            for old in [number for number in alarm.samples if number <= period - alarm.range]:
                del alarm.samples[old]
            if state != alarm.state:
                self._change(alarm, state, self._reason(alarm, state, values, period))
            if state == "ALARM" and alarm.act is not None and values[-1] is not None:
                alarm.act(values[-1])

    def _reason(self, alarm: Alarm, state: State, values: Sequence[float | None], last: int) -> str:
        starts = (period_start_s(self._world.epoch_us, last - back, alarm.period_s) for back in range(len(values)))
        return reason_for(alarm, state, list(zip(reversed(values), starts, strict=True)))

    def _figures(self, alarm: Alarm, periods: range) -> list[float | None]:
        """The statistics of these periods; those before the run have none."""
        of_run = range(max(0, periods.start), periods.stop)
        figures = [alarm.counted(number) for number in of_run] if alarm.is_counted else self.figures(alarm, of_run)
        return [None] * (len(periods) - len(of_run)) + figures

    def _change(self, alarm: Alarm, state: State, reason: str) -> None:
        self._world.trace.record(AlarmChanged(alarm.name, alarm.state, state))
        alarm.state, alarm.reason, alarm.changed_at = state, reason, self._world.kernel.now
        self._ring(alarm)

    def _ring(self, alarm: Alarm) -> None:
        if alarm.state != "ALARM":
            return
        for names, signal in self._waiting:
            if alarm.name in names:
                signal.fire()
        self._waiting = [entry for entry in self._waiting if not entry[1].fired]


def period_start_s(epoch_us: int, number: int, period_s: int) -> int:
    """The second since 1970 at which an alarm's period begins; of whole minutes, at one of the clock."""
    start = epoch_us // SECOND + number * period_s
    return start if period_s < 60 else start - start % 60
