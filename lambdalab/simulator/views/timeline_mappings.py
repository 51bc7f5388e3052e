"""What the timeline draws of event source mappings: batches that wait for another try, records that are given up."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.views.drawing import Draw
from lambdalab.simulator.views.fold import Take
from lambdalab.simulator.views.lanes import Lanes
from lambdalab.simulator.views.stacking import Stack


class MappingItems:
    """Draws one lane a mapping, which is there from the first batch that waits."""

    def __init__(self, lanes: Lanes, draw: Draw) -> None:
        self._lanes = lanes
        self._draw = draw
        self._mappings: dict[str, f.MappingConfigured] = {}
        self._stacks: dict[str, Stack] = {}  # by lane
        self.takes: dict[type, Take] = {
            f.MappingConfigured: self._configured,
            f.BatchRetried: self._retried,
            f.BatchThrottled: self._throttled,
            f.RecordsDiscarded: self._discarded,
            f.DiscardDelivered: self._told,
            f.DiscardFailed: self._refused,
        }

    def _configured(self, at: int, fact: f.MappingConfigured) -> None:
        self._mappings[fact.mapping] = fact

    def _lane(self, mapping: str) -> str:
        known = self._mappings[mapping]
        return self._lanes.mapping(mapping, known.shown_as, known.source)

    def _row(self, lane: str, at: int, until: int) -> int:
        stack = self._stacks.setdefault(lane, Stack())
        row = stack.take(at, until)
        self._lanes.need_rows(lane, stack.height)
        return row

    def _retried(self, at: int, fact: f.BatchRetried) -> None:
        self._wait(at, fact, f"retry in {fact.delay_us / 1_000_000:g} s")

    def _throttled(self, at: int, fact: f.BatchThrottled) -> None:
        self._wait(at, fact, f"back-off {fact.delay_us / 1_000_000:g} s", event=fact.request_id)

    def _wait(self, at: int, fact: f.BatchRetried | f.BatchThrottled, label: str, **more: Any) -> None:
        lane, until = self._lane(fact.mapping), at + fact.delay_us
        row = self._row(lane, at, until)
        self._draw("wait", lane, at, until, row=row, label=label, fact=fact, **more)

    def _discarded(self, at: int, fact: f.RecordsDiscarded) -> None:
        if not fact.kept:
            lane = self._lane(fact.mapping)
            self._draw("drop", lane, at, at, row=self._row(lane, at, at), message=fact.condition, fact=fact)

    def _told(self, at: int, fact: f.DiscardDelivered) -> None:
        lane = self._lanes.target("destination", "destination", "On failure", fact.target)
        self._draw("dlq", lane, at, at, message=fact.condition, fact=fact)

    def _refused(self, at: int, fact: f.DiscardFailed) -> None:
        lane = self._lanes.target("dlq", "dead_letter", "Refused", fact.target)
        self._draw("drop", lane, at, at, message=fact.error, fact=fact)
