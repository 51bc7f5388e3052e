"""The summary's ``async``: what became of the events of the asynchronous queue."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.trace.facts import (
    AsyncEventDeadLettered,
    AsyncEventDiscarded,
    AsyncEventDuplicated,
    AsyncEventReceived,
    AsyncEventSucceeded,
    FunctionDeployed,
    InvocationEnded,
    InvocationThrottled,
)
from lambdalab.simulator.views.fold import QueuedEvents, Take

ATTEMPTS_MAX = 1_000
CONDITIONS = {
    "RetriesExhausted": "retries_exhausted",
    "EventAgeExceeded": "age_exceeded",
    "ZeroReservedConcurrency": "zero_reserved",
}


@dataclass(slots=True)
class _Row:
    received: int = 0
    succeeded: int = 0
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
        self._events = QueuedEvents()
        self._once: set[str] = set()  # one copy has succeeded, another is still on its way
        self.takes: dict[type, Take] = {
            FunctionDeployed: self._deployed,
            AsyncEventReceived: self._received,
            AsyncEventDuplicated: self._duplicated,
            AsyncEventSucceeded: self._succeeded,
            AsyncEventDiscarded: self._discarded,
            AsyncEventDeadLettered: self._dead_lettered,
            InvocationEnded: self._ended,
            InvocationThrottled: self._throttled,
        }

    def _deployed(self, at: int, fact: FunctionDeployed) -> None:
        self._rows.setdefault(fact.function, _Row())  # it may come back to its stack

    def _received(self, at: int, fact: AsyncEventReceived) -> None:
        self._rows[fact.function].received += 1
        self._events.enter(fact.request_id)

    def _duplicated(self, at: int, fact: AsyncEventDuplicated) -> None:
        self._events.duplicate(fact.request_id)

    def _succeeded(self, at: int, fact: AsyncEventSucceeded) -> None:
        row = self._aged(fact.function, fact.age_us)
        row.succeeded += fact.request_id not in self._once  # an event succeeds once, whatever its copies do
        self._once.add(fact.request_id)
        self._left(fact.request_id)

    def _discarded(self, at: int, fact: AsyncEventDiscarded) -> None:
        row = self._aged(fact.function, fact.age_us)
        row.dropped += 1
        name = CONDITIONS.get(fact.condition, "")
        row.conditions[name] = row.conditions.get(name, 0) + 1
        self._left(fact.request_id)

    def _left(self, request_id: str) -> None:
        if self._events.leave(request_id):
            self._once.discard(request_id)

    def _aged(self, function: str, age_us: int) -> _Row:
        row = self._rows[function]
        row.age_max_us = max(row.age_max_us, age_us)
        return row

    def _dead_lettered(self, at: int, fact: AsyncEventDeadLettered) -> None:
        self._rows[fact.function].dead_lettered += 1

    def _ended(self, at: int, fact: InvocationEnded) -> None:
        if self._events:  # most invocations are of no event
            self._attempt(fact.function, fact.request_id, fact.attempt, at - fact.duration_us, fact.status)

    def _throttled(self, at: int, fact: InvocationThrottled) -> None:
        if fact.request_id in self._events:
            self._rows[fact.function].throttled += 1
            self._attempt(fact.function, fact.request_id, None, at, "throttled")

    def _attempt(self, function: str, request_id: str, attempt: int | None, at: int, outcome: str) -> None:
        attempts = self._rows[function].attempts
        if len(attempts) < ATTEMPTS_MAX and request_id in self._events:
            attempts.append({"request_id": request_id, "attempt": attempt, "at_s": at / SECOND, "outcome": outcome})

    def result(self, names: dict[str, str]) -> dict[str, Any]:
        """``async`` of the summary, for functions that received an event."""
        return {names[name]: _shown(row) for name, row in self._rows.items() if row.received}


def _shown(row: _Row) -> dict[str, Any]:
    return {
        "received": row.received,
        "succeeded": row.succeeded,
        "dropped": row.dropped,
        **{name: row.conditions.get(name, 0) for name in CONDITIONS.values()},
        "dead_lettered": row.dead_lettered,
        "throttled": row.throttled,
        "attempts": row.attempts,
        "age_max_s": row.age_max_us / SECOND,
    }
