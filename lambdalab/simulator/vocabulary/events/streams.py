"""What Lambda's pollers hand over from streams: Kinesis, DynamoDB, and the transformation of Firehose.

Sources: facts X.1 and D.4 (recorded answers of AWS, 2025-11); AWS Lambda Developer Guide, "Using Lambda with Kinesis",
"Using Lambda with DynamoDB"; Amazon Data Firehose Developer Guide, "Transform source data". Held against the
samples in SAM CLI 1.144 (kinesis/, dynamodb/) and aws-lambda-go (time windows), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.vocabulary.arns import REGION, arn, role_arn, table_stream_arn
from lambdalab.simulator.vocabulary.events.plain import base64_of

_SEQUENCE = "49590338271490256608559692538361571095921575989136588898"


def kinesis_record(
    shard: str, sequence: str, partition_key: str, data: Any, arrived_at: float, source: str, role: str
) -> dict[str, Any]:
    """One record of a Kinesis stream; ``data`` in base64, ``arrived_at`` in seconds since 1970."""
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": partition_key,
            "sequenceNumber": sequence,
            "data": data,
            "approximateArrivalTimestamp": arrived_at,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard}:{sequence}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": role,
        "awsRegion": REGION,
        "eventSourceARN": source,
    }


def table_record(record: Mapping[str, Any], source: str) -> dict[str, Any]:
    """One record of a table's stream, from what GetRecords of DynamoDB Streams answers (as JSON)."""
    made = {name: value for name, value in record.items() if name != "userIdentity"} | {"eventSourceARN": source}
    identity = record.get("userIdentity")
    if identity:
        made["userIdentity"] = {"type": identity["Type"], "principalId": identity["PrincipalId"]}
    return made


def kinesis() -> dict[str, Any]:
    """A batch of one record of a Kinesis stream."""
    shard, source, role = "shardId-000000000006", arn("kinesis", "stream/clicks"), role_arn("lambda-kinesis-role")
    data = base64_of('{"order": 17}')
    return {"Records": [kinesis_record(shard, _SEQUENCE, "customer-1", data, 1545084650.987, source, role)]}


def _change(name: str, number: int, images: dict[str, Any]) -> dict[str, Any]:
    record = {
        "eventID": f"{number:032x}",
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "ApproximateCreationDateTime": 1479499740,
            "Keys": {"Id": {"N": "101"}},
            **images,
            "SequenceNumber": str(number * 111),
            "SizeBytes": 26,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }
    return table_record(record, table_stream_arn("orders"))


EXPIRED_BY = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
"""Who has deleted an item that was over: userIdentity of its record."""
_NEW, _OLD = {"State": {"S": "paid"}, "Id": {"N": "101"}}, {"State": {"S": "new"}, "Id": {"N": "101"}}


def table_insert() -> dict[str, Any]:
    """An item is new in a table."""
    return {"Records": [_change("INSERT", 1, {"NewImage": dict(_OLD)})]}


def table_modify() -> dict[str, Any]:
    """An item of a table has changed."""
    return {"Records": [_change("MODIFY", 2, {"NewImage": dict(_NEW), "OldImage": dict(_OLD)})]}


def table_remove() -> dict[str, Any]:
    """An item has left a table."""
    return {"Records": [_change("REMOVE", 3, {"OldImage": dict(_NEW)})]}


def table_expiry() -> dict[str, Any]:
    """An item has expired: the service itself has removed it."""
    expiry = _change("REMOVE", 4, {"OldImage": dict(_NEW)})
    expiry["userIdentity"] = dict(EXPIRED_BY)
    return {"Records": [expiry]}


def tumbling_window() -> dict[str, Any]:
    """A batch inside a tumbling window, with the state that the function gave back last."""
    return kinesis() | {
        "window": {"start": "2026-11-23T12:00:00Z", "end": "2026-11-23T12:02:00Z"},
        "state": {"total": 1},
        "shardId": "shardId-000000000006",
        "eventSourceARN": arn("kinesis", "stream/clicks"),
        "isFinalInvokeForWindow": False,
        "isWindowTerminatedEarly": False,
    }


def firehose() -> dict[str, Any]:
    """A batch that a function transforms for Firehose: it answers a record with the same id for each."""
    return {
        "invocationId": "2b4d1ad9-2f48-94bd-a088-767c317e994a",
        "deliveryStreamArn": arn("firehose", "deliverystream/clicks"),
        "region": REGION,
        "records": [
            {
                "recordId": "record1",
                "approximateArrivalTimestamp": 1664028820148,
                "data": base64_of('{"order": 17}'),
            }
        ],
    }
