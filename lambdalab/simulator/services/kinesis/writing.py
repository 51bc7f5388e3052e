"""PutRecord and PutRecords. Source: BC kinesis."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer, World
from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.services.kinesis import refusals
from lambdalab.simulator.services.kinesis.stream import HASH_KEYS, Record, Shard, Stream, hash_key_of
from lambdalab.simulator.services.kinesis.throughput import Meter
from lambdalab.simulator.trace.facts import StreamRecordPut, StreamThrottled
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.errors import AwsError


class Writing:
    """Puts records into shards. ``tell`` is told of each shard in which something is new."""

    def __init__(
        self, world: World, meter: Callable[[Stream, Shard], Meter], tell: Callable[[Stream, Shard], None]
    ) -> None:
        self._world = world
        self._meter = meter
        self._tell = tell

    def one(self, stream: Stream, params: Mapping[str, Any]) -> Answer | AwsError:
        """PutRecord."""
        refusal = _refused(stream, params, "data", "partitionKey")
        if refusal:
            return refusal
        put = self._put(stream, params)
        if isinstance(put, AwsError):
            return put
        shard, record = put
        return Answer({"ShardId": shard.id, "SequenceNumber": record.sequence, "EncryptionType": "NONE"})

    def several(self, stream: Stream, params: Mapping[str, Any]) -> Answer | AwsError:
        """PutRecords: each record is put or refused on its own."""
        entries = params["Records"]
        if len(entries) > quotas.PUT_RECORDS_MAX:
            return refusals.too_long("records", quotas.PUT_RECORDS_MAX)
        for number, entry in enumerate(entries, 1):
            place = f"records.{number}.member"
            refusal = _refused(stream, entry, f"{place}.data", f"{place}.partitionKey")
            if refusal:
                return refusal
        if sum(_size(entry) for entry in entries) > quotas.PUT_RECORDS_BYTES_MAX:
            limit = quotas.PUT_RECORDS_BYTES_MAX // (1024 * 1024)
            return refusals.argument(f"Records size exceeds {limit} MB limit")
        rows, failed = [], 0
        for entry in entries:
            put = self._put(stream, entry)
            if isinstance(put, AwsError):
                failed += 1
                rows.append({"ErrorCode": put.code, "ErrorMessage": put.message})
            else:
                rows.append({"SequenceNumber": put[1].sequence, "ShardId": put[0].id})
        return Answer({"FailedRecordCount": failed, "Records": rows, "EncryptionType": "NONE"})

    def _put(self, stream: Stream, entry: Mapping[str, Any]) -> tuple[Shard, Record] | AwsError:
        now, key = self._world.kernel.now, str(entry["PartitionKey"])
        explicit = entry.get("ExplicitHashKey")
        shard = stream.shard_for(hash_key_of(key) if explicit is None else int(explicit))
        size = _size(entry)
        if not self._meter(stream, shard).write(size, now):
            self._world.trace.record(StreamThrottled(stream.arn, shard.id, "write"))
            return refusals.too_fast(stream, shard)
        now_s = (self._world.epoch_us + now) // SECOND
        record = stream.append(shard, key, as_bytes(entry["Data"]), now, now_s)
        text, binary = shown(record.data)
        self._world.trace.record(StreamRecordPut(stream.arn, shard.id, record.sequence, key, size, text, binary))
        self._tell(stream, shard)
        return shard, record


def shown(data: bytes) -> tuple[str, bool]:
    """Data as text; as base64 (true) where it is none."""
    try:
        return data.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(data).decode(), True


def as_bytes(data: Any) -> bytes:
    """Data as it was sent: a handler's call carries it in base64, a scenario's as text."""
    return bytes(data) if isinstance(data, bytes | bytearray) else str(data).encode()


def _size(entry: Mapping[str, Any]) -> int:
    return len(as_bytes(entry["Data"])) + len(str(entry["PartitionKey"]).encode())


def _refused(stream: Stream, entry: Mapping[str, Any], data: str, partition_key: str) -> AwsError | None:
    if "PartitionKey" not in entry:
        return refusals.argument("PartitionKey must be specified for a stream that distributes records by key.")
    if len(str(entry["PartitionKey"])) > quotas.PARTITION_KEY_MAX:
        return refusals.too_long(partition_key, quotas.PARTITION_KEY_MAX)
    if _size(entry) > stream.record_bytes_max:
        return refusals.too_long(data, stream.record_bytes_max)
    explicit = entry.get("ExplicitHashKey")
    if explicit is not None and not (
        str(explicit).isdecimal() and len(str(explicit)) < 40 and int(explicit) < HASH_KEYS
    ):
        text = "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was "
        return refusals.argument(f"{text}{str(explicit)[:60]}")
    return None
