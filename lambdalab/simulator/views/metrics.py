"""CloudWatch metrics of the namespace AWS/Lambda, per minute. Source: fact H.1."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

from lambdalab.simulator.kernel import MINUTE, SECOND
from lambdalab.simulator.trace.facts import (
    AsyncEventDiscarded,
    AsyncEventReceived,
    DeadLetterFailed,
    DestinationFailed,
    InvocationEnded,
    InvocationStarted,
    InvocationThrottled,
)
from lambdalab.simulator.trace.stamp import Stamped

UNITS = {"Duration": "Milliseconds", "AsyncEventAge": "Milliseconds"}
VALUES_PER_MINUTE_MAX = 10_000  # percentiles beyond this many samples come from the first ones


class MetricsFold:
    """Collects samples by metric, function and minute."""

    def __init__(self) -> None:
        self._samples: dict[tuple[str, str, int], list[float]] = defaultdict(list)
        self._received: dict[str, int] = {}

    def add(self, stamped: Stamped) -> None:
        """Take one fact in."""
        at, _, fact = stamped
        if isinstance(fact, InvocationStarted):
            self._sample("Invocations", fact.function, at, 1)
            self._sample("ConcurrentExecutions", fact.function, at, fact.concurrency)
            received = self._received.get(fact.request_id)
            if fact.invocation_type == "Event" and received is not None:
                self._sample("AsyncEventAge", fact.function, at, (at - received) / 1_000)
        elif isinstance(fact, InvocationEnded):
            self._sample("Duration", fact.function, at, fact.duration_us / 1_000)
            started = at - fact.duration_us  # errors are stamped at the invocation's start
            self._sample("Errors", fact.function, started, 0 if fact.status == "ok" else 1)
        elif isinstance(fact, InvocationThrottled):
            self._sample("Throttles", fact.function, at, 1)
        elif isinstance(fact, AsyncEventReceived):
            self._received[fact.request_id] = at
            self._sample("AsyncEventsReceived", fact.function, at, 1)
        elif isinstance(fact, AsyncEventDiscarded):
            self._received.pop(fact.request_id, None)
            self._sample("AsyncEventsDropped", fact.function, at, 1)
        elif isinstance(fact, DeadLetterFailed):
            self._sample("DeadLetterErrors", fact.function, at, 1)
        elif isinstance(fact, DestinationFailed):
            self._sample("DestinationDeliveryFailures", fact.function, at, 1)

    def _sample(self, metric: str, function: str, at: int, value: float) -> None:
        samples = self._samples[metric, function, max(0, at) // MINUTE]
        if len(samples) < VALUES_PER_MINUTE_MAX or metric in ("Invocations", "Throttles"):
            samples.append(value)

    def result(self) -> dict[str, dict[str, list[dict[str, float]]]]:
        """``{METRIC: {FUNCTION: [{t_s, sum, min, max, count, p50, p99}]}}``, minutes without samples left out."""
        table: dict[str, dict[str, list[dict[str, float]]]] = {}
        for (metric, function, minute), samples in sorted(self._samples.items()):
            row = _statistics(samples) | {"t_s": minute * (MINUTE // SECOND)}
            table.setdefault(metric, {}).setdefault(function, []).append(row)
        return table


def percentile(ordered: list[float], share: float) -> float:
    """The nearest-rank percentile of sorted samples."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _statistics(samples: list[float]) -> dict[str, Any]:
    ordered = sorted(samples)
    return {
        "sum": round(sum(ordered), 6),
        "min": ordered[0],
        "max": ordered[-1],
        "count": len(ordered),
        "p50": percentile(ordered, 0.5),
        "p99": percentile(ordered, 0.99),
    }
