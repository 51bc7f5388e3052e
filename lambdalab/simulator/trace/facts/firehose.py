"""Facts about Firehose streams: what comes in, what a function makes of it, and what reaches a bucket."""

from __future__ import annotations

__all__ = (
    "FirehoseDelivered", "FirehoseDeployed", "FirehoseFact", "FirehosePut", "FirehoseRefused", "FirehoseRetried",
    "FirehoseTransformed",
)  # fmt: skip

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class FirehoseDeployed(Recorded, frozen=True):
    """There is a Firehose stream: from calls, or from the Kinesis stream ``source``, to ``bucket``.

    ``function`` is the ARN of the function that transforms its records.
    """

    kind: ClassVar[Literal["firehose.deployed"]] = "firehose.deployed"
    stream: str
    shown_as: str
    source: str | None
    bucket: str
    function: str | None


class FirehosePut(Recorded, frozen=True):
    """Records came in. ``units`` are what is billed: the started 5 KB of each record."""

    kind: ClassVar[Literal["firehose.put"]] = "firehose.put"
    stream: str
    records: int
    bytes: int
    units: int
    put_by: str


class FirehoseRetried(Recorded, frozen=True):
    """A function did not transform a batch at this attempt, and is asked again after ``delay_us``."""

    kind: ClassVar[Literal["firehose.retried"]] = "firehose.retried"
    stream: str
    function: str
    records: int
    attempt: int
    delay_us: int
    error: str


class FirehoseTransformed(Recorded, frozen=True):
    """A batch has been through its function: so many records are Ok, Dropped, or failed for the reason ``error``."""

    kind: ClassVar[Literal["firehose.transformed"]] = "firehose.transformed"
    stream: str
    function: str
    records: int
    ok: int
    dropped: int
    failed: int
    attempts: int
    error: str | None


class FirehoseDelivered(Recorded, frozen=True):
    """An object with so many records is in the bucket: data, what could not be processed, or source records."""

    kind: ClassVar[Literal["firehose.delivered"]] = "firehose.delivered"
    stream: str
    bucket: str
    key: str
    records: int
    bytes: int
    content: Literal["data", "processing-failed", "source"]


class FirehoseRefused(Recorded, frozen=True):
    """The bucket did not take an object; it is tried again after ``delay_us``, or given up (None): then it is lost."""

    kind: ClassVar[Literal["firehose.refused"]] = "firehose.refused"
    stream: str
    bucket: str
    records: int
    content: Literal["data", "processing-failed", "source"]
    delay_us: int | None
    error: str


FirehoseFact = (
    FirehoseDeployed | FirehosePut | FirehoseRetried | FirehoseTransformed | FirehoseDelivered | FirehoseRefused
)
