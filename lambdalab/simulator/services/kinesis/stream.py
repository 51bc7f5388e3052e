"""One Kinesis data stream: its shards and where its records are. It knows neither the clock nor the trace."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.services.kinesis.sequence import ENDING, sequence_number
from lambdalab.simulator.services.shards import Log
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.assumptions.streams import ON_DEMAND_SHARDS

HASH_KEYS = 2**128
Mode = Literal["PROVISIONED", "ON_DEMAND"]
Status = Literal["CREATING", "ACTIVE", "UPDATING", "DELETING"]


@dataclass(frozen=True, slots=True)
class Record:
    """One data record as a shard keeps it."""

    sequence: str
    partition_key: str
    data: bytes
    arrived_at: Micros

    @property
    def size(self) -> int:
        """The bytes that count: of the data and of the partition key. BC PutRecords"""
        return len(self.data) + len(self.partition_key.encode())


@dataclass(slots=True)
class Shard:
    """A shard of the hash keys from ``low`` to ``high``, both included. A closed one takes no records any more."""

    number: int
    low: int
    high: int
    opened_s: int
    parents: tuple[str, ...] = ()
    closed_s: int | None = None
    log: Log[Record] = field(default_factory=Log)

    @property
    def id(self) -> str:
        """``shardId-000000000000`` and so on."""
        return f"shardId-{self.number:012d}"

    @property
    def open(self) -> bool:
        """Whether it takes records."""
        return self.closed_s is None

    @property
    def first_sequence(self) -> str:
        """StartingSequenceNumber."""
        return sequence_number(self.opened_s, self.number, 0, self.opened_s)

    @property
    def last_sequence(self) -> str | None:
        """EndingSequenceNumber of a closed shard."""
        return None if self.closed_s is None else sequence_number(self.opened_s, self.number, ENDING, self.closed_s)


@dataclass(slots=True)
class Stream:
    """A stream. Its shards stay when they are closed: what is in them can still be read."""

    name: str
    mode: Mode = "PROVISIONED"
    retention_h: int = quotas.STREAM_RETENTION_H_MIN
    record_bytes_max: int = quotas.STREAM_RECORD_BYTES_MAX
    status: Status = "ACTIVE"
    created_s: int = 0
    shards: dict[str, Shard] = field(default_factory=dict)
    scaled: int = 0  # how often UpdateShardCount was called
    count: int = 0  # of all records
    _open_shards: list[Shard] = field(default_factory=list)
    _lows: list[int] = field(default_factory=list)

    @property
    def arn(self) -> str:
        """The stream's ARN."""
        return arn("kinesis", f"stream/{self.name}")

    @property
    def open_shards(self) -> list[Shard]:
        """The shards that take records, by their hash keys."""
        return list(self._open_shards)

    def open_evenly(self, count: int, now_s: int) -> None:
        """Give a new stream ``count`` shards of the same size."""
        bounds = [HASH_KEYS * number // count for number in range(count + 1)]
        for low, beyond in pairwise(bounds):
            self._add(low, beyond - 1, now_s)
        self._order()

    def split(self, shard: Shard, key: int, now_s: int) -> tuple[Shard, Shard]:
        """Close a shard; two children share its hash keys, of which the second begins with ``key``."""
        shard.closed_s = now_s
        return (
            self._open(shard.low, key - 1, now_s, (shard.id,)),
            self._open(key, shard.high, now_s, (shard.id,)),
        )

    def merge(self, shard: Shard, adjacent: Shard, now_s: int) -> Shard:
        """Close two neighbours; their child has the hash keys of both."""
        shard.closed_s = adjacent.closed_s = now_s
        low, high = min(shard.low, adjacent.low), max(shard.high, adjacent.high)
        return self._open(low, high, now_s, (shard.id, adjacent.id))

    def _open(self, low: int, high: int, now_s: int, parents: tuple[str, ...] = ()) -> Shard:
        shard = self._add(low, high, now_s, parents)
        self._order()
        return shard

    def _add(self, low: int, high: int, now_s: int, parents: tuple[str, ...] = ()) -> Shard:
        shard = Shard(len(self.shards), low, high, now_s, parents)
        self.shards[shard.id] = shard
        self._open_shards.append(shard)
        return shard

    def _order(self) -> None:
        """Put the open shards in the order of their hash keys."""
        self._open_shards = sorted((s for s in self._open_shards if s.open), key=lambda shard: shard.low)
        self._lows = [shard.low for shard in self._open_shards]

    def shard_for(self, hash_key: int) -> Shard:
        """The open shard to which a hash key belongs."""
        return self._open_shards[bisect_right(self._lows, hash_key) - 1]

    def children_of(self, shard: Shard) -> list[Shard]:
        """The shards that a closed one was split or merged into."""
        return [each for each in self.shards.values() if shard.id in each.parents]

    def append(self, shard: Shard, partition_key: str, data: bytes, now: Micros, now_s: int) -> Record:
        """Put a record at the end of a shard."""
        self.count += 1
        number = sequence_number(shard.opened_s, shard.number, self.count, now_s)
        record = Record(number, partition_key, data, now)
        shard.log.records.append(record)
        return record


def hash_key_of(partition_key: str) -> int:
    """The 128-bit number that decides about the shard: the MD5 digest of the partition key. BC PutRecord"""
    return int.from_bytes(hashlib.md5(partition_key.encode(), usedforsecurity=False).digest(), "big")


def initial_shards(mode: Mode, count: int | None) -> int:
    """With how many shards a stream begins."""
    return ON_DEMAND_SHARDS if mode == "ON_DEMAND" else count or 1
