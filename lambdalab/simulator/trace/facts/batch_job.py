"""Facts about jobs of S3 Batch Operations: a function for each object of a manifest."""

from __future__ import annotations

__all__ = (
    "BatchJobChanged", "BatchJobCreated", "BatchJobFact", "BatchReportWritten", "BatchTaskEnded", "BatchTaskRetried",
)  # fmt: skip

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class BatchJobCreated(Recorded, frozen=True):
    """A job exists. ``function`` is the ARN that it invokes for each object of ``manifest`` (``BUCKET/KEY``)."""

    kind: ClassVar[Literal["batch_job.created"]] = "batch_job.created"
    job: str
    description: str
    function: str
    manifest: str
    created_by: str


class BatchJobChanged(Recorded, frozen=True):
    """A job has another status, with so many tasks in all and so many that are over; ``reason`` says why it failed."""

    kind: ClassVar[Literal["batch_job.changed"]] = "batch_job.changed"
    job: str
    status: str
    tasks: int
    succeeded: int
    failed: int
    reason: str | None


class BatchTaskEnded(Recorded, frozen=True):
    """A task is over after so many invocations. ``message`` is what the report says of it."""

    kind: ClassVar[Literal["batch_job.task_ended"]] = "batch_job.task_ended"
    job: str
    bucket: str
    key: str
    result: Literal["Succeeded", "PermanentFailure", "TemporaryFailure"]
    attempts: int
    message: str


class BatchTaskRetried(Recorded, frozen=True):
    """A task failed for the time being, and is tried again after ``delay_us``."""

    kind: ClassVar[Literal["batch_job.task_retried"]] = "batch_job.task_retried"
    job: str
    bucket: str
    key: str
    attempt: int
    delay_us: int
    message: str


class BatchReportWritten(Recorded, frozen=True):
    """The completion report of a job is in its bucket; ``key`` is that of its manifest.json."""

    kind: ClassVar[Literal["batch_job.report_written"]] = "batch_job.report_written"
    job: str
    bucket: str
    key: str
    tasks: int


BatchJobFact = BatchJobCreated | BatchJobChanged | BatchTaskEnded | BatchTaskRetried | BatchReportWritten
