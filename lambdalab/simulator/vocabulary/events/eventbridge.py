"""What EventBridge sends: one envelope around each service's ``detail``.

Sources: facts X.1 and E.1; Amazon EventBridge User Guide, "AWS service event metadata" and "Events from AWS
services"; Amazon S3 User Guide, "EventBridge event message structure"; AWS CodePipeline User Guide, "Monitoring
CodePipeline events"; the state change of an EC2 instance as in the EventBridge User Guide's "Use input transformer"
(read 2026-11). The version of a pipeline is a number, as DefinitelyTyped's types for Lambda say against that guide. An
event of EventBridge Scheduler is one that people have published.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, REGION, arn, function_arn
from lambdalab.simulator.vocabulary.events.lambda_ import failure

_AT = "2026-11-23T12:00:00Z"
_ID = "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa"


def envelope(
    event_id: str, detail_type: str, source: str, at: str, resources: Sequence[str], detail: Any
) -> dict[str, Any]:
    """One event. ``at`` has whole seconds."""
    return {
        "version": "0",
        "id": event_id,
        "detail-type": detail_type,
        "source": source,
        "account": ACCOUNT_ID,
        "time": at,
        "region": REGION,
        "resources": list(resources),
        "detail": detail,
    }


def custom() -> dict[str, Any]:
    """An application's own event, put with PutEvents."""
    return envelope(_ID, "OrderPlaced", "shop.orders", _AT, (), {"order": 17, "state": "paid"})


def schedule() -> dict[str, Any]:
    """A rule with a schedule."""
    return envelope(_ID, "Scheduled Event", "aws.events", _AT, (arn("events", "rule/every-minute"),), {})


def scheduler() -> dict[str, Any]:
    """EventBridge Scheduler, for a schedule without an input of its own."""
    return envelope(
        _ID, "Scheduled Event", "aws.scheduler", _AT, (arn("scheduler", "schedule/default/nightly"),), "{}"
    )  # detail is a text here


def instance_state() -> dict[str, Any]:
    """An EC2 instance has changed its state."""
    instance = "i-1234567890abcdef0"
    detail = {"instance-id": instance, "state": "stopped"}
    resources = (arn("ec2", f"instance/{instance}"),)
    return envelope(_ID, "EC2 Instance State-change Notification", "aws.ec2", _AT, resources, detail)


def pipeline_state() -> dict[str, Any]:
    """A run of a pipeline has changed its state."""
    detail = {
        "pipeline": "shop",
        "version": 1,
        "state": "FAILED",
        "execution-id": "01234567-0123-0123-0123-012345678901",
    }
    name = "CodePipeline Pipeline Execution State Change"
    return envelope(_ID, name, "aws.codepipeline", _AT, (arn("codepipeline", "shop"),), detail)


def object_created() -> dict[str, Any]:
    """An object is new in a bucket that notifies EventBridge."""
    detail = {
        "version": "0",
        "bucket": {"name": "photos"},
        "object": {
            "key": "images/my cat.jpg",  # not URL-encoded here
            "size": 1024,
            "etag": "d41d8cd98f00b204e9800998ecf8427e",
            "sequencer": "00617F08299329D189",
        },
        "request-id": "N4N7GDK58NMKJ12R",
        "requester": ACCOUNT_ID,
        "source-ip-address": "198.51.100.10",
        "reason": "PutObject",
    }
    return envelope(_ID, "Object Created", "aws.s3", _AT, ("arn:aws:s3:::photos",), detail)


def alarm_state() -> dict[str, Any]:
    """An alarm has changed its state."""
    reason = "Threshold Crossed: 1 datapoint [2.0 (23/11/26 11:59:00)] was greater than the threshold (1.0)."
    detail = {
        "alarmName": "errors",
        "configuration": {"description": "Too many errors", "metrics": []},
        "previousState": {"reason": "", "timestamp": "2026-11-23T11:58:00.000+0000", "value": "OK"},
        "state": {"reason": reason, "timestamp": "2026-11-23T12:00:00.000+0000", "value": "ALARM"},
    }
    return envelope(
        _ID, "CloudWatch Alarm State Change", "aws.cloudwatch", _AT, (arn("cloudwatch", "alarm:errors"),), detail
    )


def invocation_result() -> dict[str, Any]:
    """The record of an asynchronous invocation, on an event bus."""
    resources = (function_arn("charge", "$LATEST"), arn("events", "event-bus/default"))
    name = "Lambda Function Invocation Result - Failure"
    return envelope(_ID, name, "lambda", _AT, resources, failure())
