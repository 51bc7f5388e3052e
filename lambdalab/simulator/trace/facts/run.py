"""Facts of the run itself: what was deployed, which steps were played, how it ended."""

from __future__ import annotations

__all__ = (
    "CheckEvaluated", "FunctionDeployed", "QueueDeployed", "RunEnded", "RunFact", "RunStarted", "StepPlayed",
    "TableDeleted", "TableDeployed", "TopicDeployed",
)  # fmt: skip

from typing import Any, ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class RunStarted(Recorded, frozen=True):
    """The account is empty, the clock stands at zero. ``epoch_us`` is the wall clock the run pretends to start at."""

    kind: ClassVar[Literal["run.started"]] = "run.started"
    engine: str
    seed: int
    epoch_us: int
    concurrency_limit: int
    compute: str
    notes: tuple[str, ...]


class RunEnded(Recorded, frozen=True):
    """Nothing more is recorded. ``stopped`` is None when the scenario was played out."""

    kind: ClassVar[Literal["run.ended"]] = "run.ended"
    stopped: str | None
    reproducible: bool


class FunctionDeployed(Recorded, frozen=True):
    """A function exists with this configuration. ``on_success`` and ``on_failure`` are destination ARNs.

    ``function`` is its physical name, used by all other facts; ``shown_as`` the name that people see.
    """

    kind: ClassVar[Literal["function.deployed"]] = "function.deployed"
    function: str
    shown_as: str
    arn: str
    runtime: str
    handler: str
    memory_mb: int
    timeout_s: int
    architecture: str
    ephemeral_mb: int
    reserved_concurrency: int | None
    retry_attempts: int
    event_age_s: int
    dead_letter: str | None
    on_success: str | None
    on_failure: str | None
    code_folder: str


class QueueDeployed(Recorded, frozen=True):
    """An SQS queue exists. ``dead_letter`` is the ARN of its redrive target."""

    kind: ClassVar[Literal["queue.deployed"]] = "queue.deployed"
    queue: str
    shown_as: str
    arn: str
    fifo: bool
    visibility_timeout_s: int
    max_receive_count: int | None
    dead_letter: str | None


class TopicDeployed(Recorded, frozen=True):
    """An SNS topic exists, with its subscriptions as (protocol, endpoint)."""

    kind: ClassVar[Literal["topic.deployed"]] = "topic.deployed"
    topic: str
    shown_as: str
    arn: str
    subscriptions: tuple[tuple[str, str], ...]


class TableDeployed(Recorded, frozen=True):
    """A DynamoDB table exists. ``keys`` are its key attributes, partition key first."""

    kind: ClassVar[Literal["table.deployed"]] = "table.deployed"
    table: str
    shown_as: str
    arn: str
    keys: tuple[str, ...]


class TableDeleted(Recorded, frozen=True):
    """A table is gone, with all its items."""

    kind: ClassVar[Literal["table.deleted"]] = "table.deleted"
    table: str


class StepPlayed(Recorded, frozen=True):
    """The scenario did something. ``number`` counts the repetitions of one step from 1."""

    kind: ClassVar[Literal["scenario.step"]] = "scenario.step"
    step: int
    number: int
    action: str
    label: str | None
    request_id: str | None
    outcome: str


class CheckEvaluated(Recorded, frozen=True):
    """A check of the lab was compared with the run's summary."""

    kind: ClassVar[Literal["check.evaluated"]] = "check.evaluated"
    id: str
    says: str
    passed: bool
    actual: Any
    expected: Any
    comparison: str
    hidden: bool


RunFact = (
    RunStarted
    | RunEnded
    | FunctionDeployed
    | QueueDeployed
    | TopicDeployed
    | TableDeployed
    | TableDeleted
    | StepPlayed
    | CheckEvaluated
)
