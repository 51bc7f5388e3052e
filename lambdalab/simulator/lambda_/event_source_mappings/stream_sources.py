"""How each kind of stream is asked for its shards and records, and what a function gets of them. Facts D.4 and X.1."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from lambdalab.simulator.account import Answer
from lambdalab.simulator.kernel import MILLISECOND, SECOND, Micros, Process
from lambdalab.simulator.lambda_.event_source_mappings.filtering import Number, read
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.events import streams as shapes

Call = Callable[[str, dict[str, Any]], Process[Answer | AwsError]]
"""Makes one call to the stream's service, with the function's execution role."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as a poller holds it: ``record`` is what the function gets, as JSON; empty where the filter drops it."""

    sequence: str
    key: str
    arrived_at: Micros
    record: str
    size: int


@dataclass(frozen=True, slots=True)
class ShardSeen:
    """A shard as the service has listed it."""

    id: str
    parents: tuple[str, ...]
    closed: bool


@dataclass(frozen=True, slots=True)
class Page:
    """What one read has brought. ``iterator`` is None at the end of a closed shard."""

    records: list[dict[str, Any]]
    iterator: str | None


@dataclass(frozen=True, slots=True)
class Start:
    """Where reading a shard begins: an iterator type, and the sequence number or moment that belongs to it."""

    kind: Literal["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP", "AFTER_SEQUENCE_NUMBER"]
    sequence: str | None = None
    timestamp_us: int | None = None


class StreamKind(Protocol):
    """What differs between Kinesis and the streams of tables."""

    info: str
    data: str
    interval: Micros
    """What a discarded batch calls its place; which member is text for filters to look into; the time between polls."""

    def shards(self, call: Call, source: str) -> Process[list[ShardSeen] | AwsError]:
        """All shards of the stream."""
        ...

    def iterator(self, call: Call, source: str, shard: str, start: Start) -> Process[str | AwsError]:
        """An iterator."""
        ...

    def page(self, call: Call, source: str, iterator: str) -> Process[Page | AwsError]:
        """The next records."""
        ...

    def event_record(self, record: Mapping[str, Any], source: str, shard: str, role: str) -> dict[str, Any]:
        """A record as a function gets it."""
        ...

    def seen(self, made: Mapping[str, Any], record: Mapping[str, Any]) -> Mapping[str, Any]:
        """The same as a filter sees it."""
        ...

    def entry(self, made: Mapping[str, Any], epoch_us: int) -> Entry:
        """The same as a poller holds it."""
        ...


class KinesisKind:
    """Streams of Kinesis, read with shared throughput once a second."""

    info, data, interval = "KinesisBatchInfo", "data", Micros(SECOND)

    def shards(self, call: Call, source: str) -> Process[list[ShardSeen] | AwsError]:
        """ListShards, page by page; DescribeStream where the role may not: Lambda makes do with it."""
        found: list[ShardSeen] = []
        params: dict[str, Any] = {"StreamARN": source}
        while True:
            answer = yield from call("ListShards", params)
            if isinstance(answer, AwsError):
                return (yield from self._described(call, source)) if _denied(answer) else answer
            found += map(_kinesis_shard, answer.output["Shards"])
            if "NextToken" not in answer.output:
                return found
            params = {"NextToken": answer.output["NextToken"]}

    def _described(self, call: Call, source: str) -> Process[list[ShardSeen] | AwsError]:
        found: list[ShardSeen] = []
        while True:
            after = {"ExclusiveStartShardId": found[-1].id} if found else {}
            answer = yield from call("DescribeStream", {"StreamARN": source, **after})
            if isinstance(answer, AwsError):
                return answer
            described = answer.output["StreamDescription"]
            found += map(_kinesis_shard, described["Shards"])
            if not described["HasMoreShards"]:
                return found

    def iterator(self, call: Call, source: str, shard: str, start: Start) -> Process[str | AwsError]:
        """GetShardIterator."""
        params: dict[str, Any] = {"StreamARN": source, "ShardId": shard, "ShardIteratorType": start.kind}
        if start.sequence is not None:
            params["StartingSequenceNumber"] = start.sequence
        if start.timestamp_us is not None:
            params["Timestamp"] = start.timestamp_us / 1_000_000
        return _iterator_of((yield from call("GetShardIterator", params)))

    def page(self, call: Call, source: str, iterator: str) -> Process[Page | AwsError]:
        """GetRecords."""
        answer = yield from call("GetRecords", {"StreamARN": source, "ShardIterator": iterator})
        return answer if isinstance(answer, AwsError) else _page_of(answer)

    def event_record(self, record: Mapping[str, Any], source: str, shard: str, role: str) -> dict[str, Any]:
        """With its data in base64."""
        at_ms = _milliseconds(record["ApproximateArrivalTimestamp"])
        data, key = base64.b64encode(record["Data"]).decode(), record["PartitionKey"]
        return shapes.kinesis_record(shard, record["SequenceNumber"], key, data, at_ms / 1000, source, role)

    def seen(self, made: Mapping[str, Any], record: Mapping[str, Any]) -> Mapping[str, Any]:
        """With its data as text, which may be JSON."""
        inner = made["kinesis"]
        arrived = Number(json.dumps(inner["approximateArrivalTimestamp"]))
        text = record["Data"].decode(errors="replace")
        return {**made, **inner, "data": text, "approximateArrivalTimestamp": arrived}

    def entry(self, made: Mapping[str, Any], epoch_us: int) -> Entry:
        """Its key is the partition key."""
        inner = made["kinesis"]
        at_us = round(inner["approximateArrivalTimestamp"] * 1_000_000)
        return _entry(inner["sequenceNumber"], inner["partitionKey"], at_us, epoch_us, made)


class TableKind:
    """Streams of DynamoDB's tables, read four times a second."""

    info, data, interval = "DDBStreamBatchInfo", "", Micros(250 * MILLISECOND)

    def shards(self, call: Call, source: str) -> Process[list[ShardSeen] | AwsError]:
        """DescribeStream."""
        answer = yield from call("DescribeStream", {"StreamArn": source})
        if isinstance(answer, AwsError):
            return answer
        return [
            ShardSeen(
                shard["ShardId"],
                (shard["ParentShardId"],) if "ParentShardId" in shard else (),
                "EndingSequenceNumber" in shard["SequenceNumberRange"],
            )
            for shard in answer.output["StreamDescription"]["Shards"]
        ]

    def iterator(self, call: Call, source: str, shard: str, start: Start) -> Process[str | AwsError]:
        """GetShardIterator."""
        params = {"StreamArn": source, "ShardId": shard, "ShardIteratorType": start.kind}
        if start.sequence is not None:
            params["SequenceNumber"] = start.sequence
        return _iterator_of((yield from call("GetShardIterator", params)))

    def page(self, call: Call, source: str, iterator: str) -> Process[Page | AwsError]:
        """GetRecords."""
        answer = yield from call("GetRecords", {"ShardIterator": iterator})
        return answer if isinstance(answer, AwsError) else _page_of(answer)

    def event_record(self, record: Mapping[str, Any], source: str, shard: str, role: str) -> dict[str, Any]:
        """In DynamoDB's typed JSON."""
        return shapes.table_record(_plain(record), source)

    def seen(self, made: Mapping[str, Any], record: Mapping[str, Any]) -> Mapping[str, Any]:
        """As it is, its numbers as they are written."""
        found: Mapping[str, Any] = read(json.dumps(made))
        return found

    def entry(self, made: Mapping[str, Any], epoch_us: int) -> Entry:
        """Its key is that of the item."""
        change = made["dynamodb"]
        key, at_us = json.dumps(change["Keys"], sort_keys=True), change["ApproximateCreationDateTime"] * 1_000_000
        return _entry(change["SequenceNumber"], key, at_us, epoch_us, made)


KINDS: Mapping[str, StreamKind] = {"kinesis": KinesisKind(), "dynamodb": TableKind()}
"""By the service in the source's ARN."""
CLIENTS: Mapping[str, str] = {"kinesis": "kinesis", "dynamodb": "dynamodbstreams"}
"""The boto3 client of each."""


def _kinesis_shard(shard: Mapping[str, Any]) -> ShardSeen:
    parents = tuple(shard[name] for name in ("ParentShardId", "AdjacentParentShardId") if name in shard)
    return ShardSeen(shard["ShardId"], parents, "EndingSequenceNumber" in shard["SequenceNumberRange"])


def _denied(error: AwsError) -> bool:
    return error.code == "AccessDeniedException"


def _entry(sequence: str, key: str, at_us: int, epoch_us: int, made: Mapping[str, Any]) -> Entry:
    text = json.dumps(made, separators=(",", ":"))
    return Entry(sequence, key, Micros(max(0, at_us - epoch_us)), text, len(text))  # all of it is ASCII


def _iterator_of(answer: Answer | AwsError) -> str | AwsError:
    return answer if isinstance(answer, AwsError) else str(answer.output["ShardIterator"])


def _page_of(answer: Answer) -> Page:
    return Page(answer.output["Records"], answer.output.get("NextShardIterator"))


def _milliseconds(moment: dt.datetime) -> int:
    return round(moment.timestamp() * 1000)


def _plain(value: Any) -> Any:
    """An answer as JSON: bytes in base64, moments in whole seconds."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dt.datetime):
        return int(value.timestamp())
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value
