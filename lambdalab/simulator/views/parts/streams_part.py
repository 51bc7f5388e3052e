"""The summary's ``streams``: what entered each shard, how far its mappings are, how long it was blocked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.trace.facts import (
    CheckpointMoved,
    MappingConfigured,
    RecordsDiscarded,
    ShardBatchEnded,
    StreamDeployed,
    StreamRecordPut,
    StreamResharded,
    StreamThrottled,
)
from lambdalab.simulator.views.fold import Take


@dataclass(slots=True)
class _Shard:
    """``stuck``: the lanes of mappings with a batch that has failed and is not given up yet, since ``since``."""

    records: int = 0
    checkpoints: dict[str, str] = field(default_factory=dict)
    stuck: set[tuple[str, int]] = field(default_factory=set)
    since: int = 0
    blocked: int = 0

    def block(self, lane: tuple[str, int], at: int) -> None:
        """A lane waits for a batch that has failed."""
        if not self.stuck:
            self.since = at
        self.stuck.add(lane)

    def go_on(self, lane: tuple[str, int], at: int) -> None:
        """It does not any more."""
        if lane in self.stuck:
            self.stuck.discard(lane)
            self.blocked += at - self.since if not self.stuck else 0

    def blocked_until(self, now: int) -> int:
        """For how long some lane has waited, up to ``now``."""
        return self.blocked + (now - self.since if self.stuck else 0)


@dataclass(slots=True)
class _Stream:
    shown_as: str
    records: int = 0
    bytes: int = 0
    throttled: Counter[str] = field(default_factory=Counter)
    shards: dict[str, _Shard] = field(default_factory=dict)
    mappings: list[str] = field(default_factory=list)


class StreamsPart:
    """Counts what streams take in, and what becomes of it."""

    def __init__(self) -> None:
        self._streams: dict[str, _Stream] = {}
        self._of_mapping: dict[str, _Stream] = {}
        self.takes: dict[type, Take] = {
            StreamDeployed: self._deployed,
            StreamRecordPut: self._put,
            StreamResharded: self._resharded,
            StreamThrottled: self._throttled,
            MappingConfigured: self._configured,
            ShardBatchEnded: self._ended,
            RecordsDiscarded: self._discarded,
            CheckpointMoved: self._moved,
        }

    def _deployed(self, at: int, fact: StreamDeployed) -> None:
        taken = any(other.shown_as == fact.shown_as for other in self._streams.values())
        name = f"{fact.shown_as} (stream)" if taken else fact.shown_as  # a table and a stream of the same name
        self._streams[fact.stream] = _Stream(name, shards={shard: _Shard() for shard in fact.shards})

    def _put(self, at: int, fact: StreamRecordPut) -> None:
        stream = self._streams[fact.stream]
        stream.records += 1
        stream.bytes += fact.bytes
        stream.shards[fact.shard].records += 1

    def _resharded(self, at: int, fact: StreamResharded) -> None:
        stream = self._streams[fact.stream]
        for shard in fact.opened:
            stream.shards[shard] = _Shard()

    def _throttled(self, at: int, fact: StreamThrottled) -> None:
        self._streams[fact.stream].throttled[fact.what] += 1

    def _configured(self, at: int, fact: MappingConfigured) -> None:
        stream = self._streams.get(fact.source)
        if stream is not None and fact.mapping not in stream.mappings:
            stream.mappings.append(fact.mapping)
            self._of_mapping[fact.mapping] = stream

    def _ended(self, at: int, fact: ShardBatchEnded) -> None:
        shard, lane = self._of_mapping[fact.mapping].shards[fact.shard], (fact.mapping, fact.lane)
        if fact.outcome == "ok":
            shard.go_on(lane, at)
        else:
            shard.block(lane, at)

    def _discarded(self, at: int, fact: RecordsDiscarded) -> None:
        self._of_mapping[fact.mapping].shards[fact.shard].go_on((fact.mapping, fact.lane), at)

    def _moved(self, at: int, fact: CheckpointMoved) -> None:
        self._of_mapping[fact.mapping].shards[fact.shard].checkpoints[fact.mapping] = fact.sequence

    def names(self) -> dict[str, str]:
        """What people call the streams, by the ends of their ARNs that a mapping shows."""
        return {arn: stream.shown_as for arn, stream in self._streams.items()}

    def result(self, now: int) -> dict[str, Any]:
        """``streams`` of the summary. A checkpoint is that of the mapping furthest behind, None before its first."""
        return {
            stream.shown_as: {
                "records": stream.records,
                "bytes": stream.bytes,
                "throttled": stream.throttled["write"],
                "reads_throttled": stream.throttled["read"],
                "shards": {
                    name: {
                        "records": shard.records,
                        "checkpoint": _furthest_behind(shard, stream.mappings),
                        "blocked_s": shard.blocked_until(now) / SECOND,
                    }
                    for name, shard in stream.shards.items()
                },
            }
            for stream in self._streams.values()
        }


def _furthest_behind(shard: _Shard, mappings: list[str]) -> str | None:
    if not mappings or any(mapping not in shard.checkpoints for mapping in mappings):
        return None
    return min(shard.checkpoints.values(), key=int)
