"""The summary's ``async``: what became of the events of the asynchronous queue."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.trace.facts import (
    AsyncEventDeadLettered,
    AsyncEventDiscarded,
    AsyncEventReceived,
    AsyncEventSucceeded,
    FunctionDeployed,
    InvocationEnded,
    InvocationThrottled,
    RetryScheduled,
)
from lambdalab.simulator.trace.stamp import Stamped

ATTEMPTS_MAX = 1_000
CONDITIONS = {
    "RetriesExhausted": "retries_exhausted",
    "EventAgeExceeded": "age_exceeded",
    "ZeroReservedConcurrency": "zero_reserved",
}


@dataclass(slots=True)
class _Row:
    received: int = 0
    succeeded: set[str] = field(default_factory=set)
    dropped: int = 0
    dead_lettered: int = 0
    throttled: int = 0
    conditions: dict[str, int] = field(default_factory=dict)
    attempts: list[dict[str, Any]] = field(default_factory=list)
    age_max_us: int = 0


class AsyncPart:
    """Counts events by their end, and lists the first thousand attempts."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}
        self._events: set[str] = set()

    def add(self, stamped: Stamped) -> None:
        """Take one fact in."""
        fact = stamped.fact
        if isinstance(fact, FunctionDeployed):
            self._rows[fact.function] = _Row()
        elif isinstance(fact, AsyncEventReceived):
            self._rows[fact.function].received += 1
            self._events.add(fact.request_id)
        elif isinstance(fact, AsyncEventSucceeded):
            self._ended(fact.function, fact.age_us).succeeded.add(fact.request_id)
        elif isinstance(fact, AsyncEventDiscarded):
            row = self._ended(fact.function, fact.age_us)
            row.dropped += 1
            name = CONDITIONS.get(fact.condition, "")
            row.conditions[name] = row.conditions.get(name, 0) + 1
        elif isinstance(fact, AsyncEventDeadLettered):
            self._rows[fact.function].dead_lettered += 1
        elif isinstance(fact, RetryScheduled):
            self._rows[fact.function].throttled += fact.reason == "Throttled"
        elif isinstance(fact, InvocationEnded | InvocationThrottled):
            self._attempt(stamped)

    def _ended(self, function: str, age_us: int) -> _Row:
        row = self._rows[function]
        row.age_max_us = max(row.age_max_us, age_us)
        return row

    def _attempt(self, stamped: Stamped) -> None:
        fact = stamped.fact
        assert isinstance(fact, InvocationEnded | InvocationThrottled)
        row = self._rows[fact.function]
        if fact.request_id not in self._events or len(row.attempts) >= ATTEMPTS_MAX:
            return
        if isinstance(fact, InvocationThrottled):
            row.attempts.append(
                {
                    "request_id": fact.request_id,
                    "attempt": None,
                    "at_s": stamped.at / SECOND,
                    "outcome": "throttled",
                }
            )
            return
        row.attempts.append(
            {
                "request_id": fact.request_id,
                "attempt": fact.attempt,
                "at_s": (stamped.at - fact.duration_us) / SECOND,
                "outcome": fact.status,
            }
        )

    def result(self, names: dict[str, str]) -> dict[str, Any]:
        """``async`` of the summary, for functions that received an event."""
        return {names[name]: _shown(row) for name, row in self._rows.items() if row.received}


def _shown(row: _Row) -> dict[str, Any]:
    return {
        "received": row.received,
        "succeeded": len(row.succeeded),
        "dropped": row.dropped,
        **{name: row.conditions.get(name, 0) for name in CONDITIONS.values()},
        "dead_lettered": row.dead_lettered,
        "throttled": row.throttled,
        "attempts": row.attempts,
        "age_max_s": row.age_max_us / SECOND,
    }
