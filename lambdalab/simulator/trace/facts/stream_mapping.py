"""Facts of mappings that poll streams: how far they have got in a shard, and what they do with a batch that fails."""

from __future__ import annotations

__all__ = (
    "BatchBisected", "BatchDuplicated", "BatchRetried", "CheckpointMoved", "DiscardDelivered", "DiscardFailed",
    "RecordsDiscarded", "ShardBatchEnded", "StreamMappingFact", "WindowEnded",
)  # fmt: skip

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class ShardBatchEnded(Recorded, frozen=True):
    """A batch of a shard has come back from its function. What failed blocks its ``lane`` until it is done or given up.

    ``outcome``: ``ok``, ``partial`` (from the lowest failed record on it will come again), ``failed`` (the function
    did), ``malformed`` (its response could not be understood), ``throttled`` or ``refused`` (it never began).
    """

    kind: ClassVar[Literal["mapping.shard_batch"]] = "mapping.shard_batch"
    mapping: str
    request_id: str
    function: str
    shard: str
    lane: int
    outcome: Literal["ok", "partial", "failed", "malformed", "throttled", "refused"]
    records: int
    failed: int


class BatchRetried(Recorded, frozen=True):
    """A batch comes again after ``delay_us``; ``failures`` of it count for the mapping's MaximumRetryAttempts."""

    kind: ClassVar[Literal["mapping.batch_retried"]] = "mapping.batch_retried"
    mapping: str
    shard: str
    function: str
    records: int
    failures: int
    delay_us: int


class BatchBisected(Recorded, frozen=True):
    """A failed batch was split in two, of ``first`` and of ``second`` records."""

    kind: ClassVar[Literal["mapping.bisected"]] = "mapping.bisected"
    mapping: str
    shard: str
    first: int
    second: int


class BatchDuplicated(Recorded, frozen=True):
    """A batch went well and comes once more: delivery is at least once."""

    kind: ClassVar[Literal["mapping.batch_duplicated"]] = "mapping.batch_duplicated"
    mapping: str
    shard: str
    records: int


class RecordsDiscarded(Recorded, frozen=True):
    """Records are given up and never delivered again; ``kept``: a destination is told where they stand.

    ``first`` and ``last`` are sequence numbers, ``invocations`` how often the function has run with this batch.
    """

    kind: ClassVar[Literal["mapping.discarded"]] = "mapping.discarded"
    mapping: str
    function: str
    shard: str
    request_id: str
    records: int
    first: str
    last: str
    condition: Literal["RetryAttemptsExhausted", "RecordAgeExceeded"]
    invocations: int
    kept: bool
    lane: int = 0


class DiscardDelivered(Recorded, frozen=True):
    """The mapping's on-failure destination ``target`` (its ARN) has the message about discarded records."""

    kind: ClassVar[Literal["mapping.discard_delivered"]] = "mapping.discard_delivered"
    mapping: str
    function: str
    target: str
    condition: str
    records: int
    record: str


class DiscardFailed(Recorded, frozen=True):
    """The on-failure destination refused the message about discarded records, so nobody hears of them."""

    kind: ClassVar[Literal["mapping.discard_failed"]] = "mapping.discard_failed"
    mapping: str
    function: str
    target: str
    condition: str
    error: str


class CheckpointMoved(Recorded, frozen=True):
    """Everything in a shard up to this sequence number is done for the mapping, or given up."""

    kind: ClassVar[Literal["mapping.checkpoint"]] = "mapping.checkpoint"
    mapping: str
    shard: str
    sequence: str


class WindowEnded(Recorded, frozen=True):
    """A tumbling window has had its last invocation; ``early``: its state had grown too large. Moments since 1970."""

    kind: ClassVar[Literal["mapping.window_ended"]] = "mapping.window_ended"
    mapping: str
    shard: str
    start_us: int
    end_us: int
    early: bool


StreamMappingFact = (
    ShardBatchEnded
    | BatchRetried
    | BatchBisected
    | BatchDuplicated
    | RecordsDiscarded
    | DiscardDelivered
    | DiscardFailed
    | CheckpointMoved
    | WindowEnded
)
