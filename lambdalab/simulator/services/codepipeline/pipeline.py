"""Pipelines, their executions, and the jobs that wait for a function's result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lambdalab.simulator.account import Principal
from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.kernel.kernel import Signal
from lambdalab.simulator.vocabulary.arns import arn

Status = Literal["InProgress", "Succeeded", "Failed", "Superseded"]


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a stage. ``provider`` is S3 (a source) or Lambda (an invocation)."""

    name: str
    provider: Literal["S3", "Lambda"]
    configuration: Mapping[str, str]
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    order: int = 1


@dataclass(slots=True, eq=False)
class Stage:
    """A stage holds one execution at a time; of those that wait before it only the newest is kept."""

    name: str
    actions: tuple[Action, ...]
    busy: bool = False
    waiting: tuple[Execution, Signal] | None = None


@dataclass(slots=True)
class Pipeline:
    """A pipeline. ``store`` is the bucket of its artifacts."""

    name: str
    shown_as: str
    role: Principal
    store: str
    stages: tuple[Stage, ...]
    executions: dict[str, Execution] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The pipeline's ARN."""
        return arn("codepipeline", self.name)


@dataclass(slots=True, eq=False)
class Execution:
    """One execution. ``artifacts``: where each lies, bucket and key; ``states``: of actions by ``STAGE/ACTION``."""

    id: str
    pipeline: Pipeline
    started_at: Micros
    status: Status = "InProgress"
    summary: str = ""
    artifacts: dict[str, tuple[str, str]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Job:
    """A function has been asked. ``answer`` is what PutJobSuccessResult or PutJobFailureResult has brought."""

    id: str
    answered: Signal
    answer: dict[str, Any] | None = None
