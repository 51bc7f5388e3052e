"""The records that a function gets, in AWS's own shape. Source: fact X.1 (LS, DG26)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.vocabulary.arns import REGION


def sqs_record(message: Mapping[str, Any], source_arn: str) -> dict[str, Any]:
    """A message as ReceiveMessage has answered it, as a record of an event."""
    attributes = message.get("MessageAttributes", {})
    record: dict[str, Any] = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {name: _attribute(value) for name, value in attributes.items()},
        "md5OfBody": message["MD5OfBody"],
    }
    if attributes:
        record["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
    return record | {"eventSource": "aws:sqs", "eventSourceARN": source_arn, "awsRegion": REGION}


def _attribute(attribute: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if "StringValue" in attribute:
        shown["stringValue"] = attribute["StringValue"]
    if "BinaryValue" in attribute:
        value = attribute["BinaryValue"]
        shown["binaryValue"] = base64.b64encode(value if isinstance(value, bytes) else str(value).encode()).decode()
    return shown | {"stringListValues": [], "binaryListValues": [], "dataType": attribute.get("DataType", "String")}
