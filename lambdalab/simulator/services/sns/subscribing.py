"""Reading a subscription, in SNS's words when it is wrong. Source: botocore's sns model; texts: LS sns, 2024."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from lambdalab.simulator.services.sns.filtering import read_policy
from lambdalab.simulator.services.sns.retries import read_phases
from lambdalab.simulator.services.sns.topic import PROTOCOLS, Subscription, Topic
from lambdalab.simulator.vocabulary.errors import AwsError

KNOWN = ("RawMessageDelivery", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy", "DeliveryPolicy")
NEVER = ("email", "email-json", "sms", "application", "firehose")  # protocols that exist, and reach nobody here


def invalid(text: str) -> AwsError:
    """A parameter that cannot be."""
    return AwsError("InvalidParameter", f"Invalid parameter: {text}", 400)


def read_subscription(
    topic: Topic, protocol: str, endpoint: str, attributes: Mapping[str, Any], arn: str
) -> Subscription | AwsError:
    """A subscription as Subscribe describes it, or AWS's refusal. HTTP endpoints have yet to confirm."""
    if protocol in NEVER:
        return AwsError("NotSimulated", f"lambdalab does not simulate subscribers of the protocol {protocol}.", 501)
    if protocol not in PROTOCOLS:
        return invalid(f"Amazon SNS does not support this protocol string: {protocol}")
    wrong = _wrong_endpoint(topic, protocol, endpoint)
    if wrong:
        return wrong
    state: Any = "pending" if protocol in ("http", "https") else "confirmed"
    made = Subscription(protocol, endpoint, arn, state=state)
    for name, value in attributes.items():
        refusal = set_attribute(made, name, value, scope=str(attributes.get("FilterPolicyScope") or ""))
        if refusal:
            return refusal
    return made


def _wrong_endpoint(topic: Topic, protocol: str, endpoint: str) -> AwsError | None:
    if protocol in ("http", "https"):
        if urlsplit(endpoint).scheme != protocol or not urlsplit(endpoint).hostname:
            return invalid("Endpoint must match the specified protocol")
        return None if not topic.fifo else invalid(f"Invalid protocol type: {protocol}")
    service = {"sqs": "sqs", "lambda": "lambda"}[protocol]
    if endpoint.split(":")[2:3] != [service] or endpoint.count(":") < 5:
        noun = {"sqs": "SQS endpoint ARN", "lambda": "Lambda endpoint ARN"}[protocol]
        return invalid(noun)
    if topic.fifo and protocol == "lambda":
        return invalid(f"Invalid protocol type: {protocol}")
    if not topic.fifo and endpoint.endswith(".fifo"):
        return invalid(
            "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics"
        )
    return None


def set_attribute(made: Subscription, name: str, value: Any, *, scope: str = "") -> AwsError | None:
    """Give a subscription one of its attributes; ``value`` as the API or CloudFormation has it."""
    text = value if isinstance(value, str) else json.dumps(value)
    try:
        if name == "RawMessageDelivery":
            if text.lower() not in ("true", "false"):
                return invalid(f"RawMessageDelivery: Invalid value [{text}]. Must be true or false.")
            if made.protocol == "lambda" and text.lower() == "true":
                return invalid("Delivery protocol [lambda] does not support raw message delivery.")
            made.raw = text.lower() == "true"
        elif name in ("FilterPolicy", "FilterPolicyScope"):
            _set_filter(made, name, text, scope)
        elif name == "RedrivePolicy":
            made.dead_letter = _dead_letter(text)
        elif name == "DeliveryPolicy":
            if made.protocol not in ("http", "https"):
                return invalid(f"Delivery protocol [{made.protocol}] does not support a delivery policy")
            made.phases = read_phases(text)
        else:
            return invalid("AttributeName")
    except ValueError as error:
        return invalid(str(error))
    return None


def _set_filter(made: Subscription, name: str, text: str, scope: str) -> None:
    """Raises ``ValueError``."""
    now_on = "MessageBody" if made.filter and made.filter.on_body else "MessageAttributes"
    if name == "FilterPolicy":
        made.filter = read_policy(text, scope or now_on)
    elif made.filter is not None:
        made.filter = read_policy(made.filter.pattern.text, text)
    else:
        read_policy("", text)


def _dead_letter(text: str) -> str | None:
    """Raises ``ValueError``."""
    try:
        target = json.loads(text or "{}").get("deadLetterTargetArn")
    except (ValueError, AttributeError, RecursionError):
        raise ValueError("RedrivePolicy: failed to parse JSON.") from None
    if target is None:
        return None
    if str(target).split(":")[2:3] != ["sqs"] or str(target).count(":") != 5:
        raise ValueError("RedrivePolicy: deadLetterTargetArn is an invalid arn")
    return str(target)
