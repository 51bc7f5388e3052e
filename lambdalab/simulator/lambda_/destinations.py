"""Where asynchronous events end: destinations and dead-letter queues. Source: facts E.1 and E.2 (LS 2025-11, DG26)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.account import Answer, Request, Right, World
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.lambda_.function import LATEST, Function
from lambdalab.simulator.lambda_.recursion import Lineage
from lambdalab.simulator.trace.facts import (
    AsyncEventDeadLettered,
    DeadLetterFailed,
    DestinationDelivered,
    DestinationFailed,
)
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, function_arn, queue_url
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.events import lambda_ as shapes

SERVICES = ("sqs", "sns", "lambda", "events")  # that take records of successes and failures; buckets: failures only
DEAD_LETTER_SERVICES = ("sqs", "sns")
ERROR_MESSAGE_BYTES = 1024  # of the dead-letter queue's ErrorMessage attribute. Fact E.2


@dataclass(frozen=True, slots=True)
class Ending:
    """How one event ended. ``ran`` says whether the function ever ran; ``error`` is its last error document.

    ``qualifier`` is the one by which the event came, the function in question the version that was tried last.
    """

    request_id: str
    payload: str
    condition: str
    attempts: int
    qualifier: str = LATEST
    result: str | None = None
    error: Mapping[str, Any] | None = None
    lineage: Lineage | None = None

    @property
    def ran(self) -> bool:
        """Whether the record has response parts."""
        return self.attempts > 0 and self.result is not None


def kind_of(target: str) -> str | None:
    """The service behind a target's ARN: ``sqs``, ``sns``, ``lambda``, ``events``, ``s3``; None for no such."""
    parts = target.split(":", 5)
    if len(parts) < 6 or parts[:2] != ["arn", "aws"] or not parts[5]:
        return None
    if parts[2] == "s3":
        return "s3" if parts[3:5] == ["", ""] and "/" not in parts[5] else None
    here = parts[4] == ACCOUNT_ID and parts[2] in SERVICES
    if parts[2] == "events":
        here = here and parts[5].startswith("event-bus/")
    return parts[2] if here else None


def deliver_record(world: World, function: Function, target: str, ending: Ending) -> Process[None]:
    """Send the invocation record to a destination, with the function's execution role."""
    record = invocation_record(world, function, ending)
    answer = yield from _send(world, function, target, record, {}, ending)
    if isinstance(answer, AwsError):
        error = f"{answer.code}: {answer.message}"
        world.trace.record(DestinationFailed(ending.request_id, function.name, target, ending.condition, error))
        return
    world.trace.record(DestinationDelivered(ending.request_id, function.name, target, ending.condition, record))


def dead_letter(world: World, function: Function, target: str, ending: Ending) -> Process[None]:
    """Send the event, unchanged, to the dead-letter queue, with three attributes that say why."""
    code = 200 if ending.error else 429  # 429 for an event that never ran: assumption A-13
    message = str((ending.error or {}).get("errorMessage", "Rate Exceeded."))
    message = message.encode()[:ERROR_MESSAGE_BYTES].decode(errors="ignore")
    attributes = {
        "RequestID": {"DataType": "String", "StringValue": ending.request_id},
        "ErrorCode": {"DataType": "Number", "StringValue": str(code)},
        "ErrorMessage": {"DataType": "String", "StringValue": message or "-"},
    }
    answer = yield from _send(world, function, target, ending.payload, attributes, ending)
    if isinstance(answer, AwsError):
        error = f"{answer.code}: {answer.message}"
        world.trace.record(DeadLetterFailed(ending.request_id, function.name, target, error))
        return
    world.trace.record(AsyncEventDeadLettered(ending.request_id, function.name, target, code, message))


def invocation_record(world: World, function: Function, ending: Ending) -> str:
    """The record of an asynchronous invocation, as JSON text. Fact E.1."""
    qualified = function_arn(function.name, ending.qualifier)
    at, request = world.timestamp(), json.loads(ending.payload)
    record = shapes.invocation_record(ending.request_id, qualified, ending.condition, ending.attempts, at, request)
    if ending.ran:
        response = json.loads(ending.result or "null")
        record = shapes.answered(record, function.version, response, failed=bool(ending.error))
    return json.dumps(record, separators=(",", ":"))


def _send(
    world: World,
    function: Function,
    target: str,
    body: str,
    attributes: dict[str, Any],
    ending: Ending,
) -> Process[Answer | AwsError]:
    kind = kind_of(target)
    if kind == "events":
        service, operation, params = "events", "PutEvents", {"Entries": [_entry(function, target, body, ending)]}
    elif kind == "s3":
        service, operation, params = "s3", "PutObject", _object(world, function, target, body)
    else:
        service, operation, params = _call_for(target, body, attributes)
    source, lineage = f"lambda/{function.name}", ending.lineage
    request = Request(function.role, service, operation, params, source, lineage=lineage)
    if kind == "s3":  # the role needs this one, too. DG26 "Capturing records of Lambda asynchronous invocations"
        denied = world.api.denied(request, Right("s3:ListBucket", target))
        if denied is not None:
            return denied
    answer = yield from world.api.call(request)
    if isinstance(answer, Answer) and answer.output.get("FailedEntryCount"):
        refused = answer.output["Entries"][0]
        return AwsError(refused["ErrorCode"], refused["ErrorMessage"], 400)
    return answer


def _object(world: World, function: Function, target: str, record: str) -> dict[str, Any]:
    """The record as an object; its key says when. Fact E.1; DG26, the same page."""
    now = world.wall_clock()
    key = f"aws/lambda/async/{function.name}/{now:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{world.new_uuid('destinations')}"
    return {"Bucket": target.rsplit(":", 1)[-1], "Key": key, "Body": record.encode()}


def _entry(function: Function, target: str, record: str, ending: Ending) -> dict[str, Any]:
    """The record as an event. Source: fact E.1; DG26 "Capturing records of Lambda asynchronous invocations"."""
    result = "Success" if ending.condition == "Success" else "Failure"
    return {
        "EventBusName": target,
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {result}",
        "Resources": [function_arn(function.name, ending.qualifier), target],
        "Detail": record,
    }


def _call_for(target: str, body: str, attributes: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """The API call that brings ``body`` to the ARN ``target``. Deployment admits no other kinds of target."""
    service, resource = target.split(":")[2], target.split(":", 5)[5]
    assert target.split(":")[4] == ACCOUNT_ID, target
    if service == "sqs":
        params = {"QueueUrl": queue_url(resource), "MessageBody": body}
        return "sqs", "SendMessage", params | ({"MessageAttributes": attributes} if attributes else {})
    if service == "sns":
        params = {"TopicArn": target, "Message": body}
        return "sns", "Publish", params | ({"MessageAttributes": attributes} if attributes else {})
    assert service == "lambda", target
    name = resource.removeprefix("function:")
    return "lambda", "Invoke", {"FunctionName": name, "InvocationType": "Event", "Payload": body.encode()}
