"""Facts of streams, Kinesis's and those of tables: what enters them, and how their shards change."""

from __future__ import annotations

__all__ = ("StreamDeleted", "StreamDeployed", "StreamFact", "StreamRecordPut", "StreamResharded", "StreamThrottled")

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class StreamDeployed(Recorded, frozen=True):
    """A stream exists. ``stream`` is its ARN; ``mode`` is None and ``view`` its StreamViewType if it is a table's."""

    kind: ClassVar[Literal["stream.deployed"]] = "stream.deployed"
    stream: str
    name: str
    shown_as: str
    mode: Literal["PROVISIONED", "ON_DEMAND"] | None
    retention_h: int
    shards: tuple[str, ...]
    view: str | None = None


class StreamDeleted(Recorded, frozen=True):
    """A stream is gone, with everything in it."""

    kind: ClassVar[Literal["stream.deleted"]] = "stream.deleted"
    stream: str


class StreamRecordPut(Recorded, frozen=True):
    """A record stands at the end of a shard. ``data`` is text, or base64 where it is none (``binary``).

    A table's stream keeps no data of its own: the fact before, of the item, has its images.
    """

    kind: ClassVar[Literal["stream.record"]] = "stream.record"
    stream: str
    shard: str
    sequence: str
    partition_key: str
    bytes: int
    data: str | None = None
    binary: bool = False


class StreamThrottled(Recorded, frozen=True):
    """A shard had no throughput left: for a record, or for a read."""

    kind: ClassVar[Literal["stream.throttled"]] = "stream.throttled"
    stream: str
    shard: str
    what: Literal["write", "read"]


class StreamResharded(Recorded, frozen=True):
    """Shards were split or merged: those ``closed`` take no records any more, those ``opened`` do instead."""

    kind: ClassVar[Literal["stream.resharded"]] = "stream.resharded"
    stream: str
    closed: tuple[str, ...]
    opened: tuple[str, ...]


StreamFact = StreamDeployed | StreamDeleted | StreamRecordPut | StreamThrottled | StreamResharded
