"""The summary's ``streams``: what entered each shard, and how far the mappings that read it have got."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.trace.facts import StreamDeployed, StreamRecordPut, StreamResharded, StreamThrottled
from lambdalab.simulator.views.fold import Take


@dataclass(slots=True)
class _Shard:
    records: int = 0


@dataclass(slots=True)
class _Stream:
    shown_as: str
    records: int = 0
    bytes: int = 0
    throttled: int = 0
    shards: dict[str, _Shard] = field(default_factory=dict)


class StreamsPart:
    """Counts what streams take in."""

    def __init__(self) -> None:
        self._streams: dict[str, _Stream] = {}
        self.takes: dict[type, Take] = {
            StreamDeployed: self._deployed,
            StreamRecordPut: self._put,
            StreamResharded: self._resharded,
            StreamThrottled: self._throttled,
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
        self._streams[fact.stream].throttled += fact.what == "write"

    def names(self) -> dict[str, str]:
        """What people call the streams, by their ARNs."""
        return {arn: stream.shown_as for arn, stream in self._streams.items()}

    def result(self, now: int) -> dict[str, Any]:
        """``streams`` of the summary."""
        return {
            stream.shown_as: {
                "records": stream.records,
                "bytes": stream.bytes,
                "throttled": stream.throttled,
                "shards": {name: {"records": shard.records} for name, shard in stream.shards.items()},
            }
            for stream in self._streams.values()
        }
