"""Amazon Kinesis Data Streams behind the front door. Source: botocore's kinesis model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.account.constraints import violated
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services.kinesis import describing, refusals
from lambdalab.simulator.services.kinesis.control import Control
from lambdalab.simulator.services.kinesis.describing import token_of
from lambdalab.simulator.services.kinesis.reading import Reading
from lambdalab.simulator.services.kinesis.stream import Shard, Stream
from lambdalab.simulator.services.kinesis.throughput import Meter
from lambdalab.simulator.services.kinesis.writing import Writing
from lambdalab.simulator.services.shards import Watchers, place_of
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError


class KinesisService:
    """The streams of the account."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.streams: dict[str, Stream] = {}
        self._meters: dict[tuple[str, int], Meter] = {}
        self.watchers = Watchers()
        self._control = control = Control(world, self.streams, self._tell)
        self._writing = Writing(world, self._meter, self._tell)
        self._reading = Reading(world, self.streams, self._meter)
        self._operations: Mapping[str, Callable[[Stream, dict[str, Any]], Answer | AwsError]] = {
            "DescribeStream": describing.describe,
            "DescribeStreamSummary": lambda stream, params: describing.summarise(stream),
            "ListShards": describing.list_shards,
            "GetShardIterator": self._reading.iterator,
            "DeleteStream": lambda stream, params: control.delete(stream),
            "SplitShard": control.split,
            "MergeShards": control.merge,
            "UpdateShardCount": control.scale,
            "IncreaseStreamRetentionPeriod": lambda stream, params: control.retain(stream, params, longer=True),
            "DecreaseStreamRetentionPeriod": lambda stream, params: control.retain(stream, params, longer=False),
        }
        world.api.register("kinesis", self)

    def deploy(self, stream: Stream, count: int | None, shown_as: str) -> None:
        """Add a stream of the template with ``count`` shards, as it is when a run begins."""
        self._control.open(stream, count, shown_as)

    def source(self, stream_arn: str) -> Stream | None:
        """The stream that an event source mapping names."""
        stream = self.streams.get(stream_arn.rpartition("stream/")[2])
        return stream if stream is not None and stream.arn == stream_arn else None

    def waits_behind(self, stream_arn: str, shard_id: str, sequence: str | None) -> bool:
        """Whether a shard has a record behind this sequence number, or any at all."""
        stream = self.source(stream_arn)
        shard = stream.shards.get(shard_id) if stream else None
        if shard is None:
            return False
        return len(shard.log.records) > (0 if sequence is None else shard.log.after(sequence))

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The stream that a call acts on: by its name or ARN, or by the iterator or token that it carries.

        ListStreams and DescribeLimits act on all of them, as SAM's policy KinesisStreamReadPolicy has it.
        """
        name = _name(params)
        return arn("kinesis", f"stream/{name or '*'}"), name

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        yield from ()  # a generator, like every service
        operation, params = request.operation, request.params
        if params.get("DryRun") or params.get("StreamId"):
            return AwsError("NotSimulated", "lambdalab knows neither DryRun nor StreamId of Kinesis.", 501)
        wrong = violated("kinesis", operation, params)
        if wrong:
            return wrong
        if operation == "CreateStream":
            return self._control.create(params)
        if operation == "ListStreams":
            return describing.list_streams(self.streams, params)
        if operation == "DescribeLimits":
            return describing.limits(self.streams)
        if operation == "GetRecords":
            return self._reading.records(params)
        act = self._operations.get(operation)
        if act is None and operation not in ("PutRecord", "PutRecords"):
            return unsupported(request)
        name = _name(params)
        if not name:
            return refusals.argument("Either StreamARN or StreamName must be specified.")
        stream = self.streams.get(name)
        if stream is None:
            return refusals.no_stream(name)
        if operation == "ListShards" and params.get("NextToken"):
            return describing.list_shards(stream, params, (token_of(params["NextToken"]) or ("", ""))[1])
        if act is not None:
            return act(stream, params)
        if stream.status in ("CREATING", "DELETING"):
            return refusals.no_stream(name)
        return self._writing.one(stream, params) if operation == "PutRecord" else self._writing.several(stream, params)

    def _meter(self, stream: Stream, shard: Shard) -> Meter:
        key = stream.name, shard.number
        meter = self._meters.get(key)
        if meter is None:
            meter = self._meters[key] = Meter()
        return meter

    def _tell(self, stream: Stream, shard: Shard) -> None:
        self.watchers.tell(stream.arn, shard.id)


def _name(params: Mapping[str, Any]) -> str:
    if "ShardIterator" in params:
        place = place_of(str(params["ShardIterator"]))
        return place.stream if place else ""
    if params.get("NextToken") and "StreamName" not in params and "StreamARN" not in params:
        return (token_of(str(params["NextToken"])) or ("", ""))[0]
    return str(params.get("StreamARN", "")).rpartition("stream/")[2] or str(params.get("StreamName", ""))
