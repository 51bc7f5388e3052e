"""The records that a function gets, in AWS's own shape, from what the source has answered. Fact X.1 (LS, DG26)"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.vocabulary.events import sqs


def sqs_record(message: Mapping[str, Any], source_arn: str) -> dict[str, Any]:
    """A message as ReceiveMessage has answered it, as a record of an event."""
    return sqs.record(
        message["MessageId"],
        message["ReceiptHandle"],
        message["Body"],
        message.get("Attributes", {}),
        {name: _attribute(value) for name, value in message.get("MessageAttributes", {}).items()},
        source_arn,
        message.get("MD5OfMessageAttributes"),
    )


def _attribute(attribute: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if "StringValue" in attribute:
        shown["stringValue"] = attribute["StringValue"]
    if "BinaryValue" in attribute:
        value = attribute["BinaryValue"]
        shown["binaryValue"] = base64.b64encode(value if isinstance(value, bytes) else str(value).encode()).decode()
    return shown | {"stringListValues": [], "binaryListValues": [], "dataType": attribute.get("DataType", "String")}
