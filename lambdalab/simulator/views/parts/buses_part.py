"""The summary's ``buses`` and ``schedules``: what was put, met or due, and what became of the targets."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.trace.facts import (
    BusCreated,
    EventPut,
    RuleConfigured,
    RuleFired,
    ScheduleConfigured,
    ScheduleFired,
    TargetGivenUp,
    TargetReached,
)
from lambdalab.simulator.views.fold import Take


class BusesPart:
    """Counts what buses did. The default bus is there from its first rule or event on."""

    def __init__(self) -> None:
        self._shown_as: dict[str, str] = {}
        self._rows: dict[str, dict[str, int]] = {}
        self._schedules: dict[str, dict[str, int]] = {}
        self.takes: dict[type, Take] = {
            BusCreated: self._created,
            RuleConfigured: self._configured,
            EventPut: self._put,
            RuleFired: self._fired,
            ScheduleConfigured: self._scheduled,
            ScheduleFired: self._due,
            TargetReached: self._reached,
            TargetGivenUp: self._given_up,
        }

    def _row(self, bus: str) -> dict[str, int]:
        return self._rows.setdefault(bus, {"put": 0, "matched": 0, "delivered": 0, "failed": 0})

    def _schedule(self, name: str) -> dict[str, int]:
        return self._schedules.setdefault(name, {"due": 0, "delivered": 0, "failed": 0})

    def _count(self, fact: TargetReached | TargetGivenUp, what: str) -> None:
        kind, _, name = fact.via.partition("/")
        if fact.bus is not None:
            self._row(fact.bus)[what] += 1
        elif kind == "schedule":
            self._schedule(name)[what] += 1

    def _scheduled(self, at: int, fact: ScheduleConfigured) -> None:
        self._schedule(fact.schedule)

    def _due(self, at: int, fact: ScheduleFired) -> None:
        self._schedule(fact.schedule)["due"] += 1

    def _created(self, at: int, fact: BusCreated) -> None:
        self._shown_as[fact.bus] = fact.shown_as
        self._row(fact.bus)

    def _configured(self, at: int, fact: RuleConfigured) -> None:
        self._row(fact.bus)

    def _put(self, at: int, fact: EventPut) -> None:
        if fact.lost:
            return
        row = self._row(fact.bus)
        row["put"] += 1
        row["matched"] += len(fact.matched)

    def _fired(self, at: int, fact: RuleFired) -> None:
        self._row(fact.bus)["matched"] += 1

    def _reached(self, at: int, fact: TargetReached) -> None:
        self._count(fact, "delivered")

    def _given_up(self, at: int, fact: TargetGivenUp) -> None:
        self._count(fact, "failed")

    def result(self) -> dict[str, Any]:
        """``buses`` and ``schedules`` of the summary."""
        return {
            "buses": {self._shown_as.get(name, name): dict(row) for name, row in self._rows.items()},
            "schedules": {name: dict(row) for name, row in self._schedules.items()},
        }
