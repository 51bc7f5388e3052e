"""Amazon Data Firehose behind the front door. Source: botocore's firehose model, read 2026-11.

Limits: its Developer Guide, "Amazon Data Firehose quotas": a stream without a source takes 2,000 calls, 5 MiB and
500,000 records a second.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import SECOND, Process
from lambdalab.simulator.services.firehose.delivering import Delivery
from lambdalab.simulator.services.firehose.describing import described, kind_of
from lambdalab.simulator.services.firehose.sourcing import Reader
from lambdalab.simulator.services.firehose.stream import MB, DeliveryStream, FirehoseRecord
from lambdalab.simulator.services.shards import Watchers
from lambdalab.simulator.trace.facts import FirehosePut
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, arn
from lambdalab.simulator.vocabulary.errors import AwsError

RECORD_MAX, BATCH_MAX, BATCH_RECORDS_MAX = 1_024_000, 4 * MB, 500  # BC PutRecord, PutRecordBatch
CALLS_SECOND, BYTES_SECOND, RECORDS_SECOND = 2_000, 5 * MB, 500_000
UNIT = 5 * 1_024  # bytes of a record that are billed at once
LISTED = 10


class Firehose:
    """The Firehose streams of the account. ``kinesis`` tells of news in Kinesis streams."""

    def __init__(self, world: World, kinesis: Watchers) -> None:
        self._world = world
        self._kinesis = kinesis
        self.streams: dict[str, DeliveryStream] = {}
        self._deliveries: dict[str, Delivery] = {}
        self._seconds: dict[str, tuple[int, int, int, int]] = {}  # by stream: the second, calls, bytes, records in it
        self._operations: Mapping[str, Callable[[DeliveryStream, Request], Answer | AwsError]] = {
            "PutRecord": self._put,
            "PutRecordBatch": self._put_batch,
            "DescribeDeliveryStream": lambda stream, request: Answer(
                {"DeliveryStreamDescription": described(stream, world.wall_clock(stream.created_at))}
            ),
        }
        world.api.register("firehose", self)

    def deploy(self, stream: DeliveryStream) -> None:
        """Add a stream of the template."""
        delivery = Delivery(self._world, stream)
        self.streams[stream.name], self._deliveries[stream.name] = stream, delivery
        if stream.source is not None:
            Reader(self._world, stream, self._kinesis, lambda records: self._take(stream, records, "kinesis"))

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The stream that a call acts on."""
        name = str(params.get("DeliveryStreamName") or "")
        return arn("firehose", f"deliverystream/{name or '*'}"), name

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        yield from ()  # a generator, like every service
        if request.operation == "ListDeliveryStreams":
            return self._list(request.params)
        operation = self._operations.get(request.operation)
        if operation is None:
            return unsupported(request)
        name = str(request.params["DeliveryStreamName"])
        stream = self.streams.get(name)
        if stream is None:
            text = f"Firehose {name} under account {ACCOUNT_ID} not found."
            return AwsError("ResourceNotFoundException", text)
        return operation(stream, request)

    def _put(self, stream: DeliveryStream, request: Request) -> Answer | AwsError:
        data = _bytes(request.params["Record"]["Data"])
        refusal = self._refusal(stream, [data])
        if refusal is not None:
            return refusal
        (record,) = self._records(stream, [data])
        self._take(stream, [record], request.source)
        return Answer({"RecordId": _receipt(record), "Encrypted": False})

    def _put_batch(self, stream: DeliveryStream, request: Request) -> Answer | AwsError:
        data = [_bytes(each["Data"]) for each in request.params["Records"]]
        if len(data) > BATCH_RECORDS_MAX:
            return AwsError(
                "ValidationException",
                "1 validation error detected: Value at 'records' failed to satisfy constraint: Member must have length "
                f"less than or equal to {BATCH_RECORDS_MAX}",
            )
        if sum(map(len, data)) > BATCH_MAX:
            return AwsError("InvalidArgumentException", "Records size exceeds 4 MB limit")
        refusal = self._refusal(stream, data)
        if refusal is not None and refusal.code != "ServiceUnavailableException":
            return refusal
        if refusal is not None:  # each record says so for itself. BC PutRecordBatch
            rows = [{"ErrorCode": refusal.code, "ErrorMessage": refusal.message} for _ in data]
            return Answer({"FailedPutCount": len(data), "Encrypted": False, "RequestResponses": rows})
        records = self._records(stream, data)
        self._take(stream, records, request.source)
        rows = [{"RecordId": _receipt(record)} for record in records]
        return Answer({"FailedPutCount": 0, "Encrypted": False, "RequestResponses": rows})

    def _refusal(self, stream: DeliveryStream, data: list[bytes]) -> AwsError | None:
        if stream.source is not None:
            text = "This operation is not permitted on KinesisStreamAsSource delivery stream type."
            return AwsError("InvalidArgumentException", text)
        if any(len(each) > RECORD_MAX for each in data):
            return AwsError(
                "ValidationException",
                "1 validation error detected: Value at 'record.data' failed to satisfy constraint: Member must have "
                f"length less than or equal to {RECORD_MAX}",
            )
        second = self._world.kernel.now // SECOND
        at, calls, size, records = self._seconds.get(stream.name, (second, 0, 0, 0))
        if at != second:
            calls = size = records = 0
        calls, size, records = calls + 1, size + sum(map(len, data)), records + len(data)
        if calls > CALLS_SECOND or size > BYTES_SECOND or records > RECORDS_SECOND:
            return AwsError("ServiceUnavailableException", "Slow down.", 503)
        self._seconds[stream.name] = (second, calls, size, records)
        return None

    def _records(self, stream: DeliveryStream, data: list[bytes]) -> list[FirehoseRecord]:
        """Records with their ids, which grow."""
        now, made = self._world.kernel.now, []
        for each in data:
            stream.count += 1
            made.append(
                FirehoseRecord(f"{49_546_986_683_135_544_286_507_457_936:029d}{stream.count:027d}000000", each, now)
            )
        return made

    def _take(self, stream: DeliveryStream, records: list[FirehoseRecord], put_by: str) -> None:
        sizes = [len(record.data) for record in records]
        units = sum(max(1, -(-size // UNIT)) for size in sizes)
        self._world.trace.record(FirehosePut(stream.name, len(records), sum(sizes), units, put_by))
        delivery = self._deliveries[stream.name]
        for record in records:
            delivery.take(record)

    def _list(self, params: Mapping[str, Any]) -> Answer:
        kind, after = params.get("DeliveryStreamType"), str(params.get("ExclusiveStartDeliveryStreamName") or "")
        names = [name for name in sorted(self.streams) if name > after and kind in (None, kind_of(self.streams[name]))]
        most = int(params.get("Limit") or LISTED)
        return Answer({"DeliveryStreamNames": names[:most], "HasMoreDeliveryStreams": len(names) > most})


def _receipt(record: FirehoseRecord) -> str:
    """What a caller gets as the RecordId: 128 characters, and not the ``recordId`` that a function gets (A-180)."""
    return base64.b64encode(hashlib.shake_256(record.id.encode()).digest(96)).decode()


def _bytes(data: Any) -> bytes:
    return data.encode() if isinstance(data, str) else bytes(data)
