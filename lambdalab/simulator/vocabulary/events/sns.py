"""What SNS sends. Sources: fact X.1; Amazon SNS Developer Guide, "Message and JSON formats"; the sample
in SAM CLI 1.144 (sns/Sns), read 2026-11.

To Lambda the two addresses end in ``Url``, in the JSON that queues get in ``URL``; a queue's JSON has no ``Subject``
and no ``MessageAttributes`` where the message has none.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.vocabulary.arns import REGION, arn

_CERTIFICATE = f"https://sns.{REGION}.amazonaws.com/SimpleNotificationService-0000000000000000000000.pem"


def notification(
    topic_arn: str, message_id: str, message: Any, at: str, subject: str | None, attributes: Mapping[str, Any]
) -> dict[str, Any]:
    """The notification, without its signature's and subscription's addresses. ``attributes`` as boto3 takes them."""
    return {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": topic_arn,
        "Subject": subject,
        "Message": message,
        "Timestamp": at,
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "MessageAttributes": {
            name: {"Type": value["DataType"], "Value": _value(value)}
            for name, value in attributes.items()
        },
    }


def _value(attribute: Mapping[str, Any]) -> str:
    """A message attribute's value as text; a binary one in base64."""
    binary = attribute.get("BinaryValue")
    if binary is None:
        return str(attribute.get("StringValue", ""))
    return base64.b64encode(binary if isinstance(binary, bytes) else str(binary).encode()).decode()


def confirmation(topic_arn: str, message_id: str, at: str, token: str) -> dict[str, Any]:
    """What asks an HTTP endpoint whether it wants to be subscribed. Guide, "HTTP/HTTPS subscription confirmation"."""
    text = (
        f"You have chosen to subscribe to the topic {topic_arn}.\n"
        "To confirm the subscription, visit the SubscribeURL included in this message."
    )
    url = f"https://sns.{REGION}.amazonaws.com/?Action=ConfirmSubscription&TopicArn={topic_arn}&Token={token}"
    return {
        "Type": "SubscriptionConfirmation",
        "MessageId": message_id,
        "Token": token,
        "TopicArn": topic_arn,
        "Message": text,
        "SubscribeURL": url,
        "Timestamp": at,
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertURL": _CERTIFICATE,
    }


def record(subscription_arn: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """One record for a function."""
    addresses = {"SigningCertUrl": _CERTIFICATE, "UnsubscribeUrl": _unsubscribe(subscription_arn)}
    return {
        "EventVersion": "1.0",
        "EventSource": "aws:sns",
        "EventSubscriptionArn": subscription_arn,
        "Sns": {**told, **addresses},
    }


def queue_body(subscription_arn: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """What a queue gets without raw delivery, as JSON in its message's body."""
    addresses = {"SigningCertURL": _CERTIFICATE, "UnsubscribeURL": _unsubscribe(subscription_arn)}
    there = {name: value for name, value in told.items() if value or name not in ("Subject", "MessageAttributes")}
    return there | addresses


def _unsubscribe(subscription_arn: str) -> str:
    return f"https://sns.{REGION}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={subscription_arn}"


SUBSCRIPTION = arn("sns", "orders:2bcfbf39-05c3-41de-beaa-fcfcc21c8f55")


def sample_notification(message: Any) -> dict[str, Any]:
    """A notification of the topic ``orders``."""
    message_id = "95df01b4-ee98-5cb9-9903-4c221d41eb5e"
    attributes = {"kind": {"DataType": "String", "StringValue": "order"}}
    return notification(arn("sns", "orders"), message_id, message, "2026-11-23T12:00:00.000Z", "New order", attributes)


def topic() -> dict[str, Any]:
    """A message of a topic."""
    return {"Records": [record(SUBSCRIPTION, sample_notification('{"order": 17}'))]}
