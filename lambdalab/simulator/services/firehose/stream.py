"""A Firehose stream as its configuration describes it, its records, and the buffers they wait in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lambdalab.simulator.account import Principal, World
from lambdalab.simulator.kernel import SECOND, Micros, Process
from lambdalab.simulator.vocabulary.arns import arn

MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Hints:
    """When a buffer is emptied: at so many bytes, or so long after its first record."""

    size_bytes: int
    interval_s: int


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket, the prefixes of its keys, and whose right it is to write there."""

    bucket: str
    role: Principal
    prefix: str
    error_prefix: str | None
    hints: Hints
    gzip: bool
    extension: str


@dataclass(frozen=True, slots=True)
class Processor:
    """The function that transforms batches of records, asked ``retries`` times more when that fails."""

    function: str
    role: Principal
    retries: int
    hints: Hints


@dataclass(frozen=True, slots=True)
class Source:
    """The Kinesis stream that a Firehose stream reads, and by whose right."""

    stream_arn: str
    role: Principal


@dataclass(frozen=True, slots=True)
class FirehoseRecord:
    """One record. ``source`` is (shard, partition key, sequence number, arrival) of one from a Kinesis stream."""

    id: str
    data: bytes
    arrived_at: Micros
    source: tuple[str, str, str, Micros] | None = None


@dataclass(slots=True)
class DeliveryStream:
    """A stream of this name. ``delimiter`` stands between the records of an object."""

    name: str
    shown_as: str
    place: Place
    processor: Processor | None = None
    backup: Place | None = None
    source: Source | None = None
    delimiter: bytes = b""
    version: int = 1
    count: int = 0
    created_at: Micros = Micros(0)

    @property
    def arn(self) -> str:
        """The stream's ARN."""
        return arn("firehose", f"deliverystream/{self.name}")


@dataclass(slots=True, eq=False)
class Buffer:
    """Records that wait until there are enough of them, or long enough. ``empty`` takes them then."""

    world: World
    hints: Hints
    empty: Callable[[list[FirehoseRecord]], None]
    records: list[FirehoseRecord] = field(default_factory=list)
    size: int = 0
    fillings: int = 0

    def add(self, record: FirehoseRecord) -> None:
        """Take a record in."""
        if not self.records:
            self.world.kernel.spawn(self._wait(self.fillings))
        self.records.append(record)
        self.size += len(record.data)
        if self.size >= self.hints.size_bytes:
            self._flush()

    def _wait(self, filling: int) -> Process[None]:
        yield from self.world.kernel.sleep(Micros(self.hints.interval_s * SECOND))
        if self.fillings == filling:
            self._flush()

    def _flush(self) -> None:
        records, self.records, self.size = self.records, [], 0
        self.fillings += 1
        self.empty(records)
