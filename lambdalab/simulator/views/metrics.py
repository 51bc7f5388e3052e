"""CloudWatch metrics of the namespace AWS/Lambda, per minute. Source: fact H.1."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.kernel import MINUTE, SECOND
from lambdalab.simulator.trace.facts import (
    AsyncEventDiscarded,
    AsyncEventDuplicated,
    AsyncEventReceived,
    AsyncEventSucceeded,
    DeadLetterFailed,
    DestinationFailed,
    InvocationEnded,
    InvocationStarted,
    InvocationThrottled,
)
from lambdalab.simulator.views.fold import QueuedEvents, Take

UNITS = {"Duration": "Milliseconds", "AsyncEventAge": "Milliseconds"}
VALUES_PER_MINUTE_MAX = 10_000  # percentiles beyond this many samples come from the first ones

Statistics = dict[str, Any]
Counts = dict[int, int]
"""How often each value came."""


@dataclass(slots=True)
class _Series:
    """Samples of one metric of one function, which come in the order of time: only one minute's are held at once."""

    minute: int = 0
    samples: list[float] = field(default_factory=list)
    closed: dict[int, Statistics] = field(default_factory=dict)

    def add(self, at: int, value: float) -> None:
        minute = at // MINUTE
        if minute != self.minute:
            if self.samples:
                self.closed[self.minute] = _statistics(self.samples)
            self.minute, self.samples = minute, []
        if len(self.samples) < VALUES_PER_MINUTE_MAX:
            self.samples.append(value)

    def rows(self) -> dict[int, Statistics]:
        """Statistics by minute, the present one as far as it has come."""
        return self.closed | {self.minute: _statistics(self.samples)} if self.samples else self.closed


class MetricsFold:
    """Collects samples by metric, function and minute."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, str], _Series] = defaultdict(_Series)
        self._counts: dict[tuple[str, str, int], Counts] = defaultdict(dict)
        self._events = QueuedEvents()
        self._received: dict[str, int] = {}
        self.takes: dict[type, Take] = {
            InvocationStarted: self._invocation_started,
            InvocationEnded: self._invocation_ended,
            InvocationThrottled: self._counted("Throttles"),
            AsyncEventReceived: self._event_received,
            AsyncEventDuplicated: self._event_duplicated,
            AsyncEventSucceeded: self._event_succeeded,
            AsyncEventDiscarded: self._event_discarded,
            DeadLetterFailed: self._counted("DeadLetterErrors"),
            DestinationFailed: self._counted("DestinationDeliveryFailures"),
        }

    def _invocation_started(self, at: int, fact: InvocationStarted) -> None:
        self._count("Invocations", fact.function, at, 1)
        self._series["ConcurrentExecutions", fact.function].add(at, fact.concurrency)
        if fact.invocation_type == "Event":
            received = self._received.get(fact.request_id)
            if received is not None:
                self._series["AsyncEventAge", fact.function].add(at, (at - received) / 1_000)

    def _invocation_ended(self, at: int, fact: InvocationEnded) -> None:
        self._series["Duration", fact.function].add(at, fact.duration_us / 1_000)
        started = at - fact.duration_us  # errors are stamped at the invocation's start
        self._count("Errors", fact.function, started, 0 if fact.status == "ok" else 1)

    def _event_received(self, at: int, fact: AsyncEventReceived) -> None:
        self._received[fact.request_id] = at
        self._events.enter(fact.request_id)
        self._count("AsyncEventsReceived", fact.function, at, 1)

    def _event_duplicated(self, at: int, fact: AsyncEventDuplicated) -> None:
        self._events.duplicate(fact.request_id)

    def _event_succeeded(self, at: int, fact: AsyncEventSucceeded) -> None:
        if self._events.leave(fact.request_id):
            self._received.pop(fact.request_id, None)

    def _event_discarded(self, at: int, fact: AsyncEventDiscarded) -> None:
        self._events.leave(fact.request_id)
        self._received.pop(fact.request_id, None)
        self._count("AsyncEventsDropped", fact.function, at, 1)

    def _counted(self, metric: str) -> Take:
        return lambda at, fact: self._count(metric, fact.function, at, 1)

    def _count(self, metric: str, function: str, at: int, value: int) -> None:
        """One sample of a metric that knows only 0 and 1: how often each came is all there is to keep."""
        counts = self._counts[metric, function, max(0, at) // MINUTE]
        counts[value] = counts.get(value, 0) + 1

    def result(self) -> dict[str, dict[str, list[dict[str, float]]]]:
        """``{METRIC: {FUNCTION: [{t_s, sum, min, max, count, p50, p99}]}}``, minutes without samples left out."""
        found = {key: _counted_statistics(counts) for key, counts in self._counts.items()}
        for (metric, function), series in self._series.items():
            found |= {(metric, function, minute): row for minute, row in series.rows().items()}
        table: dict[str, dict[str, list[dict[str, float]]]] = {}
        for (metric, function, minute), statistics in sorted(found.items(), key=lambda item: item[0]):
            row = statistics | {"t_s": minute * (MINUTE // SECOND)}
            table.setdefault(metric, {}).setdefault(function, []).append(row)
        return table


def percentile(ordered: list[float], share: float) -> float:
    """The nearest-rank percentile of sorted samples."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _statistics(samples: list[float]) -> Statistics:
    ordered = sorted(samples)
    return {
        "sum": round(sum(ordered), 6),
        "min": ordered[0],
        "max": ordered[-1],
        "count": len(ordered),
        "p50": percentile(ordered, 0.5),
        "p99": percentile(ordered, 0.99),
    }


def _counted_statistics(counts: Counts) -> Statistics:
    """The same, for samples that are 0 or 1."""
    zeros, ones = counts.get(0, 0), counts.get(1, 0)
    total = zeros + ones
    return {
        "sum": ones,
        "min": 0 if zeros else 1,
        "max": 1 if ones else 0,
        "count": total,
        "p50": int(zeros < max(1, math.ceil(0.5 * total))),
        "p99": int(zeros < max(1, math.ceil(0.99 * total))),
    }
