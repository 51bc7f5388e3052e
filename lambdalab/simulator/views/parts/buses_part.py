"""The summary's ``buses``: what was put on each, how many rules it met, and what became of the targets."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.trace.facts import (
    BusCreated,
    EventPut,
    RuleConfigured,
    RuleFired,
    TargetGivenUp,
    TargetReached,
)
from lambdalab.simulator.views.fold import Take


class BusesPart:
    """Counts what buses did. The default bus is there from its first rule or event on."""

    def __init__(self) -> None:
        self._shown_as: dict[str, str] = {}
        self._rows: dict[str, dict[str, int]] = {}
        self.takes: dict[type, Take] = {
            BusCreated: self._created,
            RuleConfigured: self._configured,
            EventPut: self._put,
            RuleFired: self._fired,
            TargetReached: self._reached,
            TargetGivenUp: self._given_up,
        }

    def _row(self, bus: str) -> dict[str, int]:
        return self._rows.setdefault(bus, {"put": 0, "matched": 0, "delivered": 0, "failed": 0})

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
        if fact.bus is not None:
            self._row(fact.bus)["delivered"] += 1

    def _given_up(self, at: int, fact: TargetGivenUp) -> None:
        if fact.bus is not None:
            self._row(fact.bus)["failed"] += 1

    def result(self) -> dict[str, Any]:
        """``buses`` of the summary."""
        return {self._shown_as.get(name, name): dict(row) for name, row in self._rows.items()}
