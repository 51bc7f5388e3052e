"""What the shards of all streams have in common: records in the order of their sequence numbers, and places in it."""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.vocabulary.quotas import RUN_UNTIL_MAX

ITERATOR_CHARACTERS_MAX = 2_048
RECORDS_MAX = 10**9  # of a shard: no run comes near it
_VERSION = bytes(7) + b"\1"  # every iterator of AWS begins so, whatever follows


class Kept(Protocol):
    """What every record of a stream has."""

    @property
    def sequence(self) -> str:
        """Its sequence number."""
        ...

    @property
    def arrived_at(self) -> Micros:
        """When the stream took it in."""
        ...


Entry = TypeVar("Entry", bound=Kept)


@dataclass(slots=True)
class Log(Generic[Entry]):
    """The records of one shard. A run lasts a day at most, and a stream keeps records so long: none ever leaves."""

    records: list[Entry] = field(default_factory=list)

    def at(self, sequence: str) -> int:
        """The place of the first record with this sequence number or a greater one."""
        return bisect_left(self.records, int(sequence), key=_number)

    def after(self, sequence: str) -> int:
        """The place of the first record behind this sequence number."""
        return bisect_right(self.records, int(sequence), key=_number)

    def since(self, moment: Micros) -> int:
        """The place of the first record that arrived at ``moment`` or later."""
        return bisect_left(self.records, moment, key=lambda record: record.arrived_at)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an iterator stands: before the record number ``index`` of a shard. ``issued_at`` is when it was given."""

    stream: str
    shard: str
    index: int
    issued_at: Micros

    def token(self) -> str:
        """The iterator as a caller gets it."""
        written = json.dumps([self.stream, self.shard, self.index, self.issued_at], separators=(",", ":"))
        return base64.b64encode(_VERSION + written.encode()).decode()


def place_of(token: str) -> Place | None:
    """The place that an iterator names; None for a text that no service has given."""
    try:
        written = base64.b64decode(token[:ITERATOR_CHARACTERS_MAX], validate=True)
        found: Any = json.loads(written.removeprefix(_VERSION)) if written.startswith(_VERSION) else None
    except (ValueError, binascii.Error, RecursionError):
        return None
    if not isinstance(found, list) or [type(part) for part in found] != [str, str, int, int]:
        return None
    stream, shard, index, issued_at = found
    within = 0 <= index <= RECORDS_MAX and 0 <= issued_at <= RUN_UNTIL_MAX
    return Place(stream, shard, index, Micros(issued_at)) if within else None


Watcher = Callable[[str], None]
"""Is told the id of a shard in which something is new: a record, or that it was opened or closed."""


class Watchers:
    """Who is told when something is new in a stream: the mappings that poll it."""

    def __init__(self) -> None:
        self._watchers: dict[str, list[Watcher]] = {}  # by the stream's ARN

    def add(self, stream_arn: str, watcher: Watcher) -> None:
        """Tell ``watcher`` from now on."""
        self._watchers.setdefault(stream_arn, []).append(watcher)

    def remove(self, stream_arn: str, watcher: Watcher) -> None:
        """Tell it no more."""
        if watcher in self._watchers.get(stream_arn, ()):
            self._watchers[stream_arn].remove(watcher)

    def tell(self, stream_arn: str, shard_id: str) -> None:
        """Something is new in a shard."""
        for watcher in tuple(self._watchers.get(stream_arn, ())):
            watcher(shard_id)


def _number(record: Kept) -> int:
    return int(record.sequence)
