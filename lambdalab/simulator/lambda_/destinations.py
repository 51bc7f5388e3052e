"""Where asynchronous events end: destinations and dead-letter queues. Source: facts E.1 and E.2 (LS 2025-11, DG26)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
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

SERVICES = ("sqs", "sns", "lambda", "events")  # that are simulated as destinations
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
    if target.split(":")[2] == "events":
        service, operation, params = "events", "PutEvents", {"Entries": [_entry(function, target, body, ending)]}
    else:
        service, operation, params = _call_for(target, body, attributes)
    source, lineage = f"lambda/{function.name}", ending.lineage
    answer = yield from world.api.call(
        Request(function.role, service, operation, params, source, lineage=lineage)
    )
    if isinstance(answer, Answer) and answer.output.get("FailedEntryCount"):
        refused = answer.output["Entries"][0]
        return AwsError(refused["ErrorCode"], refused["ErrorMessage"], 400)
    return answer


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
