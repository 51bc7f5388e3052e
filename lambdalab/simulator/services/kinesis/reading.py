"""GetShardIterator and GetRecords. Source: BC kinesis."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer, World
from lambdalab.simulator.kernel import MILLISECOND, Micros
from lambdalab.simulator.services.kinesis import refusals
from lambdalab.simulator.services.kinesis.sequence import shard_of
from lambdalab.simulator.services.kinesis.stream import Record, Shard, Stream
from lambdalab.simulator.services.kinesis.throughput import Meter
from lambdalab.simulator.services.shards import Place, place_of
from lambdalab.simulator.trace.facts import StreamThrottled
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.errors import AwsError

WITH_SEQUENCE = ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER")
INVALID_ITERATOR = "Invalid ShardIterator."


class Reading:
    """Hands records to consumers, who keep their own place."""

    def __init__(self, world: World, streams: Mapping[str, Stream], meter: Callable[[Stream, Shard], Meter]) -> None:
        self._world = world
        self._streams = streams
        self._meter = meter

    def iterator(self, stream: Stream, params: Mapping[str, Any]) -> Answer | AwsError:
        """GetShardIterator."""
        shard = stream.shards.get(params["ShardId"])
        if shard is None:
            return refusals.shard_is_gone(stream.name, params["ShardId"])
        index = self._index(stream, shard, params)
        if isinstance(index, AwsError):
            return index
        place = Place(stream.name, shard.id, index, self._world.kernel.now)
        return Answer({"ShardIterator": place.token()})

    def _index(self, stream: Stream, shard: Shard, params: Mapping[str, Any]) -> int | AwsError:
        kind, number = params["ShardIteratorType"], params.get("StartingSequenceNumber")
        if (kind in WITH_SEQUENCE) is not (number is not None):
            return refusals.starting_point(kind, number is not None)
        if number is not None:
            wrong = _wrong_sequence(stream, shard, str(number))
            return wrong or (shard.log.at(number) if kind == "AT_SEQUENCE_NUMBER" else shard.log.after(number))
        if kind == "AT_TIMESTAMP":
            return self._since(shard, params.get("Timestamp"))
        return 0 if kind == "TRIM_HORIZON" else len(shard.log.records)

    def _since(self, shard: Shard, given: Any) -> int | AwsError:
        if given is None:
            return refusals.argument(
                "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. "
                "Current request has no timestamp parameter."
            )
        moment, now = micros_of(given), self._world.epoch_us + self._world.kernel.now
        if moment is None:
            return refusals.argument("The timestampInMillis parameter is no moment.")
        if moment > now:
            return refusals.argument(
                "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
                f"timestampInMillis: {moment // 1000}, currentTimestampInMillis: {now // 1000}"
            )
        return shard.log.since(Micros(moment - self._world.epoch_us))

    def records(self, params: Mapping[str, Any]) -> Answer | AwsError:
        """GetRecords: as many as are there, at most ``Limit`` and 10 MiB."""
        now = self._world.kernel.now
        place = place_of(params["ShardIterator"])
        if place is None or place.issued_at > now:
            return refusals.argument(INVALID_ITERATOR)
        if now - place.issued_at > quotas.ITERATOR_LIFE:
            return refusals.iterator_expired(self._world.wall_clock(place.issued_at), self._world.wall_clock())
        stream = self._streams.get(place.stream)
        shard = stream.shards.get(place.shard) if stream else None
        if stream is None or shard is None:
            return refusals.shard_is_gone(place.stream, place.shard)
        meter = self._meter(stream, shard)
        if not meter.may_read(now):
            self._world.trace.record(StreamThrottled(stream.arn, shard.id, "read"))
            return refusals.too_fast(stream, shard)
        found = _page(shard, place.index, params.get("Limit", quotas.GET_RECORDS_MAX))
        meter.gave(sum(record.size for record in found))
        return Answer(self._shown(stream, shard, place.index, found))

    def _shown(self, stream: Stream, shard: Shard, index: int, found: list[Record]) -> dict[str, Any]:
        now, end = self._world.kernel.now, min(index, len(shard.log.records)) + len(found)
        behind = now - shard.log.records[end].arrived_at if end < len(shard.log.records) else 0
        output: dict[str, Any] = {
            "Records": [
                {
                    "SequenceNumber": record.sequence,
                    "ApproximateArrivalTimestamp": self._world.wall_clock(to_millisecond(record.arrived_at)),
                    "Data": record.data,
                    "PartitionKey": record.partition_key,
                    "EncryptionType": "NONE",
                }
                for record in found
            ],
            "MillisBehindLatest": behind // MILLISECOND,
        }
        if shard.open or end < len(shard.log.records):
            output["NextShardIterator"] = Place(stream.name, shard.id, end, now).token()
        else:
            output["ChildShards"] = [
                {"ShardId": child.id, "ParentShards": list(child.parents), "HashKeyRange": hash_keys(child)}
                for child in stream.children_of(shard)
            ]
        return output


def hash_keys(shard: Shard) -> dict[str, str]:
    """A shard's hash keys as Kinesis shows them."""
    return {"StartingHashKey": str(shard.low), "EndingHashKey": str(shard.high)}


def micros_of(moment: Any) -> int | None:
    """A timestamp parameter in microseconds since 1970: a moment, a number of seconds, or text in ISO 8601."""
    try:
        if isinstance(moment, int | float):
            return round(moment * 1_000_000)
        found = moment if isinstance(moment, dt.datetime) else dt.datetime.fromisoformat(str(moment))
        return round((found if found.tzinfo else found.replace(tzinfo=dt.UTC)).timestamp() * 1_000_000)
    except (ValueError, OverflowError):
        return None


def to_millisecond(moment: Micros) -> Micros:
    """A moment as timestamps show it, which know milliseconds."""
    return Micros(moment - moment % MILLISECOND)


def _page(shard: Shard, index: int, limit: int) -> list[Record]:
    found: list[Record] = []
    size = 0
    for record in shard.log.records[index : index + min(limit, quotas.GET_RECORDS_MAX)]:
        size += record.size
        if found and size > quotas.GET_RECORDS_BYTES_MAX:
            break
        found.append(record)
    return found


def _wrong_sequence(stream: Stream, shard: Shard, number: str) -> AwsError | None:
    came = shard_of(number) if number.isdecimal() and len(number) < 130 else None
    if came is None:
        return refusals.sequence(stream, shard, number[:130])
    if came[0] != shard.number:
        text = f"Invalid StartingSequenceNumber. It encodes shardId-{came[0]:012d}, while it was used in a call to a "
        return refusals.argument(f"{text}shard with {shard.id}")
    if came[1] != shard.opened_s:
        return refusals.sequence(stream, shard, number, " because it did not come from this stream")
    return None
