"""What Lambda's poller hands over from a queue. Sources: fact X.1 (recorded answers of AWS, 2025-11; AWS Lambda
Developer Guide, "Using Lambda with Amazon SQS"; the sample in SAM CLI 1.144, read 2026-11)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.vocabulary.arns import REGION, arn
from lambdalab.simulator.vocabulary.events import s3, sns
from lambdalab.simulator.vocabulary.events.plain import json_of, written

_SENT, _FIRST = "1545082649183", "1545082649185"  # milliseconds since 1970


def record(
    message_id: str,
    receipt: str,
    body: Any,
    attributes: Mapping[str, str],
    message_attributes: Mapping[str, Any],
    source_arn: str,
    attributes_md5: str | None = None,
) -> dict[str, Any]:
    """One record; ``message_attributes`` in the shape of the record, ``attributes_md5`` their digest where there are
    any."""
    return {
        "messageId": message_id,
        "receiptHandle": receipt,
        "body": body,
        "attributes": dict(attributes),
        "messageAttributes": dict(message_attributes),
        "md5OfBody": body_md5(body),
        **({"md5OfMessageAttributes": attributes_md5} if attributes_md5 else {}),
        "eventSource": "aws:sqs",
        "eventSourceARN": source_arn,
        "awsRegion": REGION,
    }


def body_md5(body: Any) -> str:
    """The digest of a message's body. An encoded body counts as it is written."""
    return hashlib.md5(str(written(body)).encode(), usedforsecurity=False).hexdigest()


def finish(sample: dict[str, Any]) -> None:
    """Bring the digests in line with bodies that were set."""
    for each in sample["Records"]:
        each["md5OfBody"] = body_md5(each["body"])


def _sample(queue: str, body: Any, **more: str) -> dict[str, Any]:
    attributes = {
        "ApproximateReceiveCount": "1",
        "SentTimestamp": _SENT,
        **more,
        "SenderId": "AIDACKCEVSQ6C2EXAMPLE",
        "ApproximateFirstReceiveTimestamp": _FIRST,
    }
    source = arn("sqs", queue)
    receipt = "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0aEXAMPLE"
    return {"Records": [record("059f36b4-87a3-44ab-83d2-661975830a7d", receipt, body, attributes, {}, source)]}


def standard() -> dict[str, Any]:
    """A batch of one message of a standard queue."""
    return _sample("orders", '{"order": 17}')


def fifo() -> dict[str, Any]:
    """A batch of one message of a FIFO queue."""
    return _sample(
        "orders.fifo",
        '{"order": 17}',
        SequenceNumber="18849496460467696128",
        MessageGroupId="customer-1",
        MessageDeduplicationId="order-17",
    )


def from_topic() -> dict[str, Any]:
    """A message that came through a topic, without raw delivery."""
    return _sample("orders", json_of(sns.queue_body(sns.SUBSCRIPTION, sns.sample_notification('{"order": 17}'))))


def from_bucket() -> dict[str, Any]:
    """A notification of a bucket that came through a queue."""
    return _sample("uploads", json_of(s3.put()))
