"""Facts about pipelines."""

from __future__ import annotations

__all__ = (
    "PipelineActionEnded", "PipelineActionStarted", "PipelineDeployed", "PipelineExecutionChanged", "PipelineFact",
)  # fmt: skip

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class PipelineDeployed(Recorded, frozen=True):
    """There is a pipeline. ``actions`` are ``STAGE/ACTION``, in their order."""

    kind: ClassVar[Literal["pipeline.deployed"]] = "pipeline.deployed"
    pipeline: str
    shown_as: str
    actions: tuple[str, ...]


class PipelineExecutionChanged(Recorded, frozen=True):
    """An execution is InProgress, Succeeded, Failed or Superseded. ``summary`` says why."""

    kind: ClassVar[Literal["pipeline.execution_changed"]] = "pipeline.execution_changed"
    pipeline: str
    execution: str
    status: str
    summary: str


class PipelineActionStarted(Recorded, frozen=True):
    """An action of an execution has begun."""

    kind: ClassVar[Literal["pipeline.action_started"]] = "pipeline.action_started"
    pipeline: str
    execution: str
    stage: str
    action: str
    provider: str


class PipelineActionEnded(Recorded, frozen=True):
    """An action has Succeeded or Failed. ``rounds``: how often its function was asked."""

    kind: ClassVar[Literal["pipeline.action_ended"]] = "pipeline.action_ended"
    pipeline: str
    execution: str
    stage: str
    action: str
    status: str
    message: str
    rounds: int


PipelineFact = PipelineDeployed | PipelineExecutionChanged | PipelineActionStarted | PipelineActionEnded
