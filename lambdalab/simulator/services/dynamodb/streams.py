"""Amazon DynamoDB Streams: what has changed in a table, in order, for 24 hours. A run lasts no longer.

Source: botocore's dynamodbstreams model; Amazon DynamoDB Developer Guide, "Change data capture for DynamoDB Streams",
read 2026-11-29: each change of an item is one record; a write that changes nothing leaves none; what time to live
deletes is the service's own deed. One shard a table is assumption A-95.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import SECOND, Micros, Process
from lambdalab.simulator.services import wire
from lambdalab.simulator.services.dynamodb.changes import Change, Images, Item
from lambdalab.simulator.services.dynamodb.stream_rights import StreamGuard, stream_of
from lambdalab.simulator.services.dynamodb.throughput import item_bytes
from lambdalab.simulator.services.shards import Log, Place, Watchers, place_of
from lambdalab.simulator.trace.facts import StreamDeployed, StreamRecordPut
from lambdalab.simulator.vocabulary import ids, quotas
from lambdalab.simulator.vocabulary.arns import REGION, table_stream_arn
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.events.streams import EXPIRED_BY

SEQUENCE_BASE = 10**20  # 21 digits, the fewest that the model takes. BC SequenceNumber
SEQUENCE_STEP = 111
LISTED_MAX = 100  # BC ListStreams, DescribeStream


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """One change. ``shown`` is the record as DynamoDB's JSON has it, ``size`` its SizeBytes."""

    sequence: str
    arrived_at: Micros
    size: int
    shown: dict[str, Any]


@dataclass(slots=True)
class TableStream:
    """The stream of one table, which has one shard."""

    table: str
    view: str
    opened_at: Micros
    opened_ms: int
    shard: str
    keys: tuple[str, ...]
    log: Log[StreamRecord] = field(default_factory=Log)
    closed: bool = False

    @property
    def arn(self) -> str:
        """The stream's ARN."""
        return table_stream_arn(self.table)

    @property
    def first_sequence(self) -> str:
        """StartingSequenceNumber of the shard."""
        return str(SEQUENCE_BASE)

    def next_sequence(self) -> str:
        """The number of the next record."""
        return str(SEQUENCE_BASE + (len(self.log.records) + 1) * SEQUENCE_STEP)


class TableStreams:
    """The streams of the account's tables, behind the front door."""

    def __init__(self, world: World, images: Images) -> None:
        self._world = world
        self._images = images
        self.streams: dict[str, TableStream] = {}
        """By the stream's ARN."""
        self.watchers = Watchers()
        world.api.register("dynamodbstreams", self, StreamGuard())

    def open(self, table: str, view: str, shown_as: str) -> None:
        """Give a table its stream."""
        now = self._world.kernel.now
        opened_ms = (self._world.epoch_us + now) // 1_000
        shard = f"shardId-{opened_ms:020d}-{ids.hex_from(self._world.kernel.random_for('ids/table-shard'), 8)}"
        stream = TableStream(table, view, now, opened_ms, shard, self._images.keys_of(table))
        self.streams[stream.arn] = stream
        fact = StreamDeployed(stream.arn, table, shown_as, None, quotas.TABLE_STREAM_RETENTION_H, (shard,), view)
        self._world.trace.record(fact)

    def close(self, table: str) -> None:
        """A table's stream gets no more records."""
        stream = self.streams.get(table_stream_arn(table))
        if stream is not None:
            stream.closed = True

    def changed(self, change: Change) -> None:
        """Note a change of a table that has a stream."""
        stream = self.streams.get(table_stream_arn(change.table))
        if stream is None or stream.closed or change.old == change.new:
            return
        now, sequence = self._world.kernel.now, stream.next_sequence()
        record = StreamRecord(sequence, now, *self._shown(stream, change, sequence))
        stream.log.records.append(record)
        key = "/".join(str(next(iter(change.key[name].values()))) for name in stream.keys[:1] if name in change.key)
        self._world.trace.record(StreamRecordPut(stream.arn, stream.shard, sequence, key, record.size))
        self.watchers.tell(stream.arn, stream.shard)

    def _shown(self, stream: TableStream, change: Change, sequence: str) -> tuple[int, dict[str, Any]]:
        images = _images(stream.view, change)
        size = sum(map(item_bytes, (change.key, *images.values())))
        event_id = ids.hex_from(self._world.kernel.random_for("ids/table-record"), 32)
        record: dict[str, Any] = {
            "eventID": event_id,
            "eventName": "REMOVE" if change.new is None else "INSERT" if change.old is None else "MODIFY",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": REGION,
            "dynamodb": {
                "ApproximateCreationDateTime": (self._world.epoch_us + self._world.kernel.now) // SECOND,
                "Keys": change.key,
                **images,
                "SequenceNumber": sequence,
                "SizeBytes": size,
                "StreamViewType": stream.view,
            },
        }
        if change.expired:
            record["userIdentity"] = {"PrincipalId": EXPIRED_BY["principalId"], "Type": EXPIRED_BY["type"]}
        return size, record

    def source(self, stream_arn: str) -> TableStream | None:
        """The stream that an event source mapping names."""
        return self.streams.get(stream_arn)

    def waits_behind(self, stream_arn: str, shard_id: str, sequence: str | None) -> bool:
        """Whether a shard has a record behind this sequence number, or any at all."""
        stream = self.streams.get(stream_arn)
        if stream is None:
            return False
        return len(stream.log.records) > (0 if sequence is None else stream.log.after(sequence))

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The stream that a call acts on, and its table."""
        named = stream_of(params)
        return named, named.rpartition(":table/")[2].partition("/")[0]

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        yield from ()  # a generator, like every service
        operation, params = request.operation, request.params
        if operation == "ListStreams":
            return self._list(params)
        if operation == "GetRecords":
            return self._records(params)
        if operation not in ("DescribeStream", "GetShardIterator"):
            return unsupported(request)
        stream = self.streams.get(params["StreamArn"])
        if stream is None:
            return _not_found(f"Requested resource not found: Stream: {params['StreamArn']} not found")
        return self._describe(stream, params) if operation == "DescribeStream" else self._iterator(stream, params)

    def _list(self, params: Mapping[str, Any]) -> Answer:
        wanted, after = params.get("TableName"), params.get("ExclusiveStartStreamArn", "")
        found = [s for a, s in sorted(self.streams.items()) if wanted in (None, s.table) and a > after]
        page = found[: params.get("Limit", LISTED_MAX)]
        rows = [{"StreamArn": s.arn, "TableName": s.table, "StreamLabel": _label(s)} for s in page]
        return Answer({"Streams": rows} | ({"LastEvaluatedStreamArn": page[-1].arn} if len(page) < len(found) else {}))

    def _describe(self, stream: TableStream, params: Mapping[str, Any]) -> Answer:
        shard = {"ShardId": stream.shard, "SequenceNumberRange": {"StartingSequenceNumber": stream.first_sequence}}
        seen = stream.shard > params.get("ExclusiveStartShardId", "")
        described = {
            "StreamArn": stream.arn,
            "StreamLabel": _label(stream),
            "StreamStatus": "ENABLED",
            "StreamViewType": stream.view,
            "CreationRequestDateTime": self._world.wall_clock(stream.opened_at),
            "TableName": stream.table,
            "KeySchema": [
                {"AttributeName": name, "KeyType": kind}
                for name, kind in zip(stream.keys, ("HASH", "RANGE"), strict=False)
            ],
            "Shards": [shard] if seen else [],
        }
        return Answer({"StreamDescription": described})

    def _iterator(self, stream: TableStream, params: Mapping[str, Any]) -> Answer | AwsError:
        if params["ShardId"] != stream.shard:
            return _not_found(f"Requested resource not found: Shard does not exist: {params['ShardId']}")
        kind, number = params["ShardIteratorType"], params.get("SequenceNumber")
        if kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
            if number is None or not number.isdecimal():
                return AwsError("ValidationException", "Invalid SequenceNumber", 400)
            index = stream.log.at(number) if kind == "AT_SEQUENCE_NUMBER" else stream.log.after(number)
        elif kind in ("TRIM_HORIZON", "LATEST"):
            index = 0 if kind == "TRIM_HORIZON" else len(stream.log.records)
        else:
            return AwsError("NotSimulated", f"lambdalab has no iterators of the type {kind} for tables.", 501)
        return Answer({"ShardIterator": Place(stream.arn, stream.shard, index, self._world.kernel.now).token()})

    def _records(self, params: Mapping[str, Any]) -> Answer | AwsError:
        """At most 1,000 records and 1 MB. BC GetRecords"""
        now, place = self._world.kernel.now, place_of(params["ShardIterator"])
        stream = self.streams.get(place.stream) if place else None
        if place is None or stream is None or place.issued_at > now or place.shard != stream.shard:
            return AwsError("ValidationException", "Invalid ShardIterator", 400)
        if now - place.issued_at > quotas.TABLE_ITERATOR_LIFE:
            return AwsError("ExpiredIteratorException", "Shard iterator has expired", 400)
        limit = params.get("Limit", quotas.TABLE_RECORDS_MAX)
        if limit > quotas.TABLE_RECORDS_MAX:
            text = f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must "
            return AwsError("ValidationException", f"{text}have value less than or equal to 1000", 400)
        found = _page(stream, place.index, limit)
        end = min(place.index, len(stream.log.records)) + len(found)
        body = {"Records": [record.shown for record in found]}
        output = wire.parsed("dynamodbstreams", "GetRecords", 200, body)
        output["NextShardIterator"] = Place(stream.arn, stream.shard, end, now).token()
        return Answer(output)


def _images(view: str, change: Change) -> dict[str, Item]:
    """The images that a view shows; a new item has no old one, a deleted one no new one."""
    images = {}
    if change.new is not None and view in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"):
        images["NewImage"] = change.new
    if change.old is not None and view in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES"):
        images["OldImage"] = change.old
    return images


def _page(stream: TableStream, index: int, limit: int) -> list[StreamRecord]:
    found: list[StreamRecord] = []
    size = 0
    for record in stream.log.records[index : index + limit]:
        size += record.size
        if found and size > quotas.TABLE_RECORDS_BYTES_MAX:
            break
        found.append(record)
    return found


def _label(stream: TableStream) -> str:
    return stream.arn.rpartition("/")[2]


def _not_found(text: str) -> AwsError:
    return AwsError("ResourceNotFoundException", text, 400)
