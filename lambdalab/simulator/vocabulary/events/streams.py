"""What Lambda's pollers hand over from streams: Kinesis, DynamoDB, and the transformation of Firehose.

Sources: facts X.1 and D.4 (recorded answers of AWS, 2025-11); AWS Lambda Developer Guide, "Using Lambda with Kinesis",
"Using Lambda with DynamoDB"; Amazon Data Firehose Developer Guide, "Transform source data", from memory 2026-11.
"""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.vocabulary.arns import REGION, arn, role_arn, table_stream_arn
from lambdalab.simulator.vocabulary.events.plain import base64_of

_SEQUENCE = "49590338271490256608559692538361571095921575989136588898"


def kinesis() -> dict[str, Any]:
    """A batch of one record of a Kinesis stream."""
    return {
        "Records": [
            {
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": "customer-1",
                    "sequenceNumber": _SEQUENCE,
                    "data": base64_of('{"order": 17}'),
                    "approximateArrivalTimestamp": 1545084650.987,
                },
                "eventSource": "aws:kinesis",
                "eventVersion": "1.0",
                "eventID": f"shardId-000000000006:{_SEQUENCE}",
                "eventName": "aws:kinesis:record",
                "invokeIdentityArn": role_arn("lambda-kinesis-role"),
                "awsRegion": REGION,
                "eventSourceARN": arn("kinesis", "stream/clicks"),
            }
        ]
    }


def _change(name: str, number: int, images: dict[str, Any]) -> dict[str, Any]:
    return {
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
        "eventSourceARN": table_stream_arn("orders"),
    }


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
    expiry["userIdentity"] = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
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
