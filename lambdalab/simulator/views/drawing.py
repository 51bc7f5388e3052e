"""How the parts of the timeline put items into its lanes."""

from __future__ import annotations

from typing import Any, Protocol

from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.views.items import Item
from lambdalab.simulator.views.lanes import Lanes
from lambdalab.simulator.views.stacking import Stack


class Draw(Protocol):
    """Puts an item into a lane, from ``at`` to ``until``."""

    def __call__(self, kind: str, lane: str, at: int, until: int, *, fact: f.Fact, **more: Any) -> Item:
        """Draw it."""
        ...


class Neighbours:
    """Draws what the services around the functions do. Each item says in ``what`` what it is: it is no invocation."""

    def __init__(self, lanes: Lanes, draw: Draw) -> None:
        self._lanes = lanes
        self._draw = draw
        self._stacks: dict[str, Stack] = {}

    def lane(self, kind: str, name: str, sub: str) -> str:
        """The lane of a service's resource; returns its id."""
        return self._lanes.neighbour(kind, name, sub)

    def row(self, lane: str, at: int, until: int | None = None) -> int:
        """A row that is free at ``at``; without ``until`` it is taken until :meth:`free`."""
        stack = self._stacks.setdefault(lane, Stack())
        row = stack.take(at) if until is None else stack.take(at, until)
        self._lanes.need_rows(lane, stack.height)
        return row

    def free(self, lane: str, row: int, at: int) -> None:
        """What was in a row has ended."""
        self._stacks[lane].free(row, at)

    def moment(self, kind: str, lane: str, at: int, what: str, fact: f.Fact, **more: Any) -> None:
        """Something that happens at once."""
        self._draw(kind, lane, at, at, row=self.row(lane, at, at + 1), what=what, fact=fact, **more)

    def span(self, kind: str, lane: str, begun: int, at: int, what: str, fact: f.Fact, **more: Any) -> None:
        """Something that has taken from ``begun`` to ``at``."""
        self._draw(kind, lane, begun, at, row=self.row(lane, begun, at), what=what, fact=fact, **more)

    def open_span(
        self, kind: str, lane: str, row: int, begun: int, at: int, what: str, fact: f.Fact, **more: Any
    ) -> None:
        """The same in a row that was taken before."""
        self._draw(kind, lane, begun, at, row=row, what=what, fact=fact, **more)
