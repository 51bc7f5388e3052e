"""What the timeline draws of state machines: each visit to a state, with its retries."""

from __future__ import annotations

from typing import NamedTuple

from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.trace.words import duration
from lambdalab.simulator.views.drawing import Neighbours
from lambdalab.simulator.views.fold import Take

CUT_SHORT = {"TIMED_OUT": "timeout"}  # how states end that were under way when their execution did


class _Visit(NamedTuple):
    """A state that was entered and not left; ``begun``: this attempt."""

    lane: str
    row: int
    begun: int
    attempt: int
    fact: f.StateEntered


class MachineItems:
    """Draws one lane a state machine, which is there from the first execution."""

    def __init__(self, place: Neighbours) -> None:
        self._place = place
        self._shown: dict[str, str] = {}
        self._open: dict[tuple[str, str], dict[tuple[str, str], _Visit]] = {}  # by execution: by path and state
        self.takes: dict[type, Take] = {
            f.MachineDeployed: self._deployed,
            f.StateEntered: self._entered,
            f.StateRetried: self._retried,
            f.StateFailed: self._failed,
            f.StateExited: self._exited,
            f.MachineExecutionEnded: self._ended,
        }

    def _deployed(self, at: int, fact: f.MachineDeployed) -> None:
        self._shown[fact.machine] = fact.shown_as

    def _entered(self, at: int, fact: f.StateEntered) -> None:
        lane = self._place.lane("machine", self._shown.get(fact.machine, fact.machine), "State machine")
        visits = self._open.setdefault((fact.machine, fact.execution), {})
        visits[fact.path, fact.state] = _Visit(lane, self._place.row(lane, at), at, 1, fact)

    def _retried(self, at: int, fact: f.StateRetried) -> None:
        visits = self._open[fact.machine, fact.execution]
        visit = visits[fact.path, fact.state]
        what, until = _name(visit.fact), at + fact.delay_us
        draw = self._place.open_span
        draw("err", visit.lane, visit.row, visit.begun, at, what, fact, message=fact.error, attempt=visit.attempt)
        label = f"again in {duration(fact.delay_us)}"
        draw("wait", visit.lane, visit.row, at, until, what, fact, label=label)
        visits[fact.path, fact.state] = visit._replace(begun=until, attempt=visit.attempt + 1)

    def _failed(self, at: int, fact: f.StateFailed) -> None:
        visit = self._open[fact.machine, fact.execution].pop((fact.path, fact.state), None)
        if visit is not None:
            self._close("timeout" if fact.error == "States.Timeout" else "err", visit, at, fact, fact.error)

    def _exited(self, at: int, fact: f.StateExited) -> None:
        visit = self._open[fact.machine, fact.execution].pop((fact.path, fact.state), None)
        if visit is not None:  # else its failure was caught, and is drawn
            self._close("ok", visit, at, fact, None)

    def _ended(self, at: int, fact: f.MachineExecutionEnded) -> None:
        for visit in self._open.pop((fact.machine, fact.execution), {}).values():
            self._close(CUT_SHORT.get(fact.status, "drop"), visit, at, fact, "cut short")

    def _close(self, kind: str, visit: _Visit, at: int, fact: f.Fact, message: str | None) -> None:
        begun = min(visit.begun, at)  # it may have been waiting for its next attempt
        attempt = visit.attempt if visit.attempt > 1 else None
        self._place.open_span(
            kind, visit.lane, visit.row, begun, at, _name(visit.fact), fact, message=message, attempt=attempt
        )
        self._place.free(visit.lane, visit.row, at)

    def still_open(self) -> list[tuple[str, int, int, str]]:
        """(lane, row, since when, what) of the states that nobody has left."""
        visits = (visit for each in self._open.values() for visit in each.values())
        return [(visit.lane, visit.row, visit.begun, _name(visit.fact)) for visit in visits]


def _name(fact: f.StateEntered) -> str:
    return f"{fact.path}/{fact.state}" if fact.path else fact.state
