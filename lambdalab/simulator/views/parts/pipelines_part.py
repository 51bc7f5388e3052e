"""The summary's ``pipelines``: executions and actions of each pipeline."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.trace.facts import (
    PipelineActionEnded,
    PipelineActionStarted,
    PipelineDeployed,
    PipelineExecutionChanged,
)
from lambdalab.simulator.views.fold import Take

SHOWN_MAX = 100


class PipelinesPart:
    """Counts what pipelines did."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Any]] = {}
        self._names: dict[str, str] = {}
        self._shown: dict[str, dict[str, Any]] = {}
        self.takes: dict[type, Take] = {
            PipelineDeployed: self._deployed,
            PipelineExecutionChanged: self._changed,
            PipelineActionStarted: self._started,
            PipelineActionEnded: self._ended,
        }

    def _deployed(self, at: int, fact: PipelineDeployed) -> None:
        self._names[fact.pipeline] = fact.shown_as
        actions = {name: {"started": 0, "succeeded": 0, "failed": 0, "rounds": 0} for name in fact.actions}
        counts = {"started": 0, "succeeded": 0, "failed": 0, "superseded": 0}
        self._rows[fact.pipeline] = {**counts, "actions": actions, "executions": []}

    def _changed(self, at: int, fact: PipelineExecutionChanged) -> None:
        row = self._rows[fact.pipeline]
        if fact.status == "InProgress":
            row["started"] += 1
            if len(row["executions"]) < SHOWN_MAX:
                shown = {"id": fact.execution, "status": fact.status, "at_s": at / SECOND}
                shown |= {"ended_at_s": None, "why": None}
                self._shown[fact.execution] = shown
                row["executions"].append(shown)
            return
        row[fact.status.lower()] += 1
        shown = self._shown.pop(fact.execution, {})
        shown |= {"status": fact.status, "ended_at_s": at / SECOND, "why": fact.summary or None}

    def _started(self, at: int, fact: PipelineActionStarted) -> None:
        self._rows[fact.pipeline]["actions"][f"{fact.stage}/{fact.action}"]["started"] += 1

    def _ended(self, at: int, fact: PipelineActionEnded) -> None:
        row = self._rows[fact.pipeline]["actions"][f"{fact.stage}/{fact.action}"]
        row[fact.status.lower()] += 1
        row["rounds"] += fact.rounds

    def result(self) -> dict[str, Any]:
        """``pipelines`` of the summary."""
        return {self._names[name]: row for name, row in self._rows.items()}
