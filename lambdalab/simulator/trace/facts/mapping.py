"""Facts of event source mappings: what they poll, filter, hand to their function, and what becomes of it."""

from __future__ import annotations

__all__ = (
    "BatchEnded", "BatchSent", "BatchThrottled", "MappingConfigured", "MappingFact", "MappingScaled",
    "MappingStateChanged", "PollRefused", "RecordsPolled",
)  # fmt: skip

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded

MappingState = Literal["Creating", "Enabling", "Enabled", "Disabling", "Disabled", "Updating", "Deleting", "Deleted"]


class MappingConfigured(Recorded, frozen=True):
    """A mapping exists with these settings, or has got new ones. ``mapping`` is its UUID.

    ``source`` is the ARN it polls; ``filters`` counts its patterns; ``partial``: its function reports batch item
    failures; ``counted``: it feeds the metrics of EventCount. ``pollers_max`` belongs to provisioned pollers.
    From ``position`` on the fields are those of a stream's mapping; -1 retries or seconds are without end.
    """

    kind: ClassVar[Literal["mapping.configured"]] = "mapping.configured"
    mapping: str
    shown_as: str
    source: str
    function: str
    qualifier: str | None
    batch_size: int
    window_us: int
    filters: int
    partial: bool
    counted: bool
    concurrency_max: int | None
    pollers_min: int | None
    pollers_max: int | None
    position: str | None = None
    parallel: int = 1
    retries: int = -1
    age_s: int = -1
    bisect: bool = False
    tumbling_s: int = 0
    destination: str | None = None


class MappingStateChanged(Recorded, frozen=True):
    """A mapping changed its state; only an Enabled one polls."""

    kind: ClassVar[Literal["mapping.state"]] = "mapping.state"
    mapping: str
    state: MappingState


class MappingScaled(Recorded, frozen=True):
    """From now on a mapping may have ``concurrency`` batches under way at once."""

    kind: ClassVar[Literal["mapping.scaled"]] = "mapping.scaled"
    mapping: str
    concurrency: int
    reason: Literal["started", "backlog", "idle", "function errors", "throttles", "settings"]


class PollRefused(Recorded, frozen=True):
    """The source refused a poll, for the first time since one went well; the mapping goes on trying."""

    kind: ClassVar[Literal["mapping.poll_refused"]] = "mapping.poll_refused"
    mapping: str
    error: str
    message: str


class RecordsPolled(Recorded, frozen=True):
    """A poll brought records; the filter criteria let ``filtered`` of them not pass: the function never sees those."""

    kind: ClassVar[Literal["mapping.polled"]] = "mapping.polled"
    mapping: str
    records: int
    filtered: int
    shard: str | None = None


class BatchSent(Recorded, frozen=True):
    """A batch is handed to the function. ``concurrency`` counts the mapping's batches under way, this one included.

    Of a stream: ``age_us`` is how long ago its last record arrived, ``attempt`` counts its invocations from 1.
    """

    kind: ClassVar[Literal["mapping.batch_sent"]] = "mapping.batch_sent"
    mapping: str
    request_id: str
    function: str
    records: int
    bytes: int
    concurrency: int
    shard: str | None = None
    age_us: int | None = None
    attempt: int = 1


class BatchThrottled(Recorded, frozen=True):
    """The function had no room for the batch: the poller keeps it and tries again after ``delay_us``."""

    kind: ClassVar[Literal["mapping.batch_throttled"]] = "mapping.batch_throttled"
    mapping: str
    request_id: str
    function: str
    delay_us: int
    reason: str


class BatchEnded(Recorded, frozen=True):
    """A batch is done: ``deleted`` records are gone from their source, ``failed`` ones will come again.

    ``outcome``: ``ok``, ``partial`` (some items failed), ``failed`` (the function did), ``malformed`` (its response
    could not be understood, so all failed), ``throttled`` (given up: the records become visible again), ``refused``.
    """

    kind: ClassVar[Literal["mapping.batch_ended"]] = "mapping.batch_ended"
    mapping: str
    request_id: str
    function: str
    outcome: Literal["ok", "partial", "failed", "malformed", "throttled", "refused"]
    records: int
    failed: int
    deleted: int


MappingFact = (
    MappingConfigured
    | MappingStateChanged
    | MappingScaled
    | PollRefused
    | RecordsPolled
    | BatchSent
    | BatchThrottled
    | BatchEnded
)
