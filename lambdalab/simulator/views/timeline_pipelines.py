"""What the timeline draws of pipelines: their actions, and executions that another one has overtaken."""

from __future__ import annotations

from typing import NamedTuple

from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.views.drawing import Neighbours
from lambdalab.simulator.views.fold import Take


class _Action(NamedTuple):
    """An action that goes on."""

    lane: str
    row: int
    begun: int
    what: str


class PipelineItems:
    """Draws one lane a pipeline, which is there from the first action."""

    def __init__(self, place: Neighbours) -> None:
        self._place = place
        self._shown: dict[str, str] = {}
        self._open: dict[tuple[str, str, str], _Action] = {}
        self.takes: dict[type, Take] = {
            f.PipelineDeployed: self._deployed,
            f.PipelineActionStarted: self._started,
            f.PipelineActionEnded: self._ended,
            f.PipelineExecutionChanged: self._changed,
        }

    def _deployed(self, at: int, fact: f.PipelineDeployed) -> None:
        self._shown[fact.pipeline] = fact.shown_as

    def _lane(self, pipeline: str) -> str:
        return self._place.lane("pipeline", self._shown.get(pipeline, pipeline), "Pipeline")

    def _started(self, at: int, fact: f.PipelineActionStarted) -> None:
        lane, what = self._lane(fact.pipeline), f"{fact.stage}/{fact.action}"
        self._open[fact.execution, fact.stage, fact.action] = _Action(lane, self._place.row(lane, at), at, what)

    def _ended(self, at: int, fact: f.PipelineActionEnded) -> None:
        action = self._open.pop((fact.execution, fact.stage, fact.action))
        kind, message = ("ok", None) if fact.status == "Succeeded" else ("err", fact.message[:80])
        self._place.open_span(kind, action.lane, action.row, action.begun, at, action.what, fact, message=message)
        self._place.free(action.lane, action.row, at)

    def _changed(self, at: int, fact: f.PipelineExecutionChanged) -> None:
        if fact.status == "Superseded":
            self._place.moment("drop", self._lane(fact.pipeline), at, "execution superseded", fact)

    def still_open(self) -> list[tuple[str, int, int, str]]:
        """(lane, row, since when, what) of the actions that go on."""
        return [(action.lane, action.row, action.begun, action.what) for action in self._open.values()]
