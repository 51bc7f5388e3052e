"""Changing streams: create, delete, split, merge, scale, keep longer. Each takes a while. Source: BC kinesis; A-93."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

from lambdalab.simulator.account import Answer, World
from lambdalab.simulator.kernel import SECOND, Process
from lambdalab.simulator.services.kinesis import refusals
from lambdalab.simulator.services.kinesis.describing import shards_open
from lambdalab.simulator.services.kinesis.stream import Shard, Stream, initial_shards
from lambdalab.simulator.trace.facts import StreamDeleted, StreamDeployed, StreamResharded
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.assumptions.streams import STREAM_CHANGE
from lambdalab.simulator.vocabulary.errors import AwsError

Change = Callable[[], None]


class Control:
    """Changes streams. ``tell`` is told of each shard that is closed or opened, ``forget`` of a stream that is gone."""

    def __init__(
        self,
        world: World,
        streams: dict[str, Stream],
        tell: Callable[[Stream, Shard], None],
    ) -> None:
        self._world = world
        self._streams = streams
        self._tell = tell

    @property
    def _now_s(self) -> int:
        return (self._world.epoch_us + self._world.kernel.now) // SECOND

    def open(self, stream: Stream, count: int | None, shown_as: str) -> None:
        """Let a stream begin with its shards."""
        stream.created_s = self._now_s
        stream.open_evenly(initial_shards(stream.mode, count), stream.created_s)
        self._streams[stream.name] = stream
        shards = tuple(stream.shards)
        fact = StreamDeployed(stream.arn, stream.name, shown_as, stream.mode, stream.retention_h, shards)
        self._world.trace.record(fact)

    def create(self, params: Mapping[str, Any]) -> Answer | AwsError:
        """CreateStream."""
        name, mode = params["StreamName"], (params.get("StreamModeDetails") or {}).get("StreamMode", "PROVISIONED")
        count = params.get("ShardCount")
        if name in self._streams:
            return refusals.exists(name)
        if mode == "PROVISIONED" and count is None:
            return refusals.argument("ShardCount must be specified for a stream in PROVISIONED mode.")
        refusal = None if mode == "ON_DEMAND" else self._too_many(count or 1)
        if refusal:
            return refusal
        size = params.get("MaxRecordSizeInKiB", quotas.STREAM_RECORD_BYTES_MAX // 1024) * 1024
        stream = Stream(name, mode, record_bytes_max=size)
        self.open(stream, count, name)
        self._begin(stream, "CREATING", lambda: None)
        return Answer()

    def delete(self, stream: Stream) -> Answer | AwsError:
        """DeleteStream: with everything in it."""
        self._begin(stream, "DELETING", lambda: self._remove(stream))
        return Answer()

    def split(self, stream: Stream, params: Mapping[str, Any]) -> Answer | AwsError:
        """SplitShard."""
        shard, key = stream.shards.get(params["ShardToSplit"]), str(params["NewStartingHashKey"])
        if shard is None:
            return refusals.no_shard(stream, params["ShardToSplit"])
        refusal = self._unfit(stream, shard) or self._too_many(1)
        if refusal:
            return refusal
        if not (key.isdecimal() and len(key) < 40 and shard.low + 1 < int(key) < shard.high):
            return refusals.wrong_split(stream, shard, key[:40])
        self._begin(stream, "UPDATING", lambda: self._split(stream, shard, int(key)))
        return Answer()

    def merge(self, stream: Stream, params: Mapping[str, Any]) -> Answer | AwsError:
        """MergeShards."""
        found = []
        for member in ("ShardToMerge", "AdjacentShardToMerge"):
            shard = stream.shards.get(params[member])
            if shard is None:
                return refusals.no_shard(stream, params[member])
            found.append(shard)
        shard, other = found
        refusal = self._unfit(stream, shard) or self._unfit(stream, other)
        if refusal:
            return refusal
        if shard.high + 1 != other.low and other.high + 1 != shard.low:
            return refusals.not_adjacent(stream, shard, other)
        self._begin(stream, "UPDATING", lambda: self._merge(stream, shard, other))
        return Answer()

    def scale(self, stream: Stream, params: Mapping[str, Any]) -> Answer | AwsError:
        """UpdateShardCount: halves, doubles, or anything in between."""
        now, wanted = len(stream.open_shards), params["TargetShardCount"]
        if stream.mode == "ON_DEMAND":
            return refusals.argument(f"Request is invalid. Stream {stream.name} is in ON_DEMAND mode.")
        if stream.status != "ACTIVE":
            return refusals.not_active(stream)
        if wanted > 2 * now or 2 * wanted < now:
            word = "double" if wanted > now else "less than half"
            text = f"UpdateShardCount cannot scale to {word} of your current open shard count. "
            return refusals.argument(f"{text}Current open shard count: {now} Target shard count: {wanted}")
        if stream.scaled >= quotas.STREAM_SCALINGS_PER_DAY:
            text = f"Stream {stream.name} was scaled {quotas.STREAM_SCALINGS_PER_DAY} times in the last 24 hours."
            return AwsError("LimitExceededException", text, 400)
        refusal = self._too_many(wanted - now)
        if refusal:
            return refusal
        stream.scaled += 1
        self._begin(stream, "UPDATING", lambda: self._scale(stream, wanted))
        return Answer(
            {
                "StreamName": stream.name,
                "CurrentShardCount": now,
                "TargetShardCount": wanted,
                "StreamARN": stream.arn,
            }
        )

    def retain(self, stream: Stream, params: Mapping[str, Any], *, longer: bool) -> Answer | AwsError:
        """IncreaseStreamRetentionPeriod and DecreaseStreamRetentionPeriod."""
        hours, low, high = params["RetentionPeriodHours"], quotas.STREAM_RETENTION_H_MIN, quotas.STREAM_RETENTION_H_MAX
        if not low <= hours <= high:
            word = ("Maximum", high) if hours > high else ("Minimum", low)
            return refusals.argument(
                f"{word[0]} allowed retention period is {word[1]} hours. Requested: {hours} hours."
            )
        if (hours < stream.retention_h) if longer else (hours > stream.retention_h):
            word_ = "shorter" if longer else "longer"
            return refusals.argument(
                f"Requested retention period ({hours} hours) for stream {stream.name} can not be {word_} than existing "
                f"retention period ({stream.retention_h} hours). Use "
                f"{'Decrease' if longer else 'Increase'}RetentionPeriod API."
            )
        stream.retention_h = hours
        return Answer()

    def _too_many(self, more: int) -> AwsError | None:
        now = shards_open(self._streams)
        return refusals.shard_limit(now, more, quotas.SHARDS_MAX) if now + more > quotas.SHARDS_MAX else None

    def _unfit(self, stream: Stream, shard: Shard) -> AwsError | None:
        if stream.mode == "ON_DEMAND":
            return AwsError("ValidationException", f"Stream {stream.name} is in ON_DEMAND mode.", 400)
        if stream.status != "ACTIVE":
            return refusals.not_active(stream)
        return None if shard.open else refusals.closed(stream, shard)

    def _begin(self, stream: Stream, status: Any, change: Change) -> None:
        stream.status = status
        self._world.kernel.spawn(self._finish(stream, change))

    def _finish(self, stream: Stream, change: Change) -> Process[None]:
        yield from self._world.kernel.sleep(STREAM_CHANGE)
        if self._streams.get(stream.name) is stream:
            stream.status = "ACTIVE"
            change()

    def _remove(self, stream: Stream) -> None:
        del self._streams[stream.name]
        self._world.trace.record(StreamDeleted(stream.arn))
        for shard in stream.shards.values():
            self._tell(stream, shard)

    def _split(self, stream: Stream, shard: Shard, key: int) -> None:
        self._resharded(stream, [shard], stream.split(shard, key, self._now_s))

    def _merge(self, stream: Stream, shard: Shard, other: Shard) -> None:
        self._resharded(stream, [shard, other], [stream.merge(shard, other, self._now_s)])

    def _scale(self, stream: Stream, wanted: int) -> None:
        """Split the widest shards in the middle, or merge the narrowest pair of neighbours, one after the other."""
        while len(stream.open_shards) < wanted:
            widest = max(stream.open_shards, key=lambda shard: shard.high - shard.low)
            self._split(stream, widest, (widest.low + widest.high) // 2 + 1)
        while len(stream.open_shards) > wanted:
            found = stream.open_shards
            pairs = list(pairwise(found))
            self._merge(stream, *min(pairs, key=lambda pair: pair[1].high - pair[0].low))

    def _resharded(self, stream: Stream, closed: list[Shard], opened: Iterable[Shard]) -> None:
        made = tuple(opened)
        ids = tuple(shard.id for shard in closed), tuple(shard.id for shard in made)
        self._world.trace.record(StreamResharded(stream.arn, *ids))
        for shard in (*closed, *made):
            self._tell(stream, shard)
