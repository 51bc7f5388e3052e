"""Bringing something to a target until it accepts: what rules of EventBridge and EventBridge Scheduler share.

Sources: Amazon EventBridge User Guide, "How EventBridge retries delivering events" and "Using dead-letter queues to
process undelivered events", read 2026-11; botocore's events model (RetryPolicy). How long the waits are is A-111.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lambdalab.simulator.account import Answer, Principal, Request, World
from lambdalab.simulator.account.client import may_pass
from lambdalab.simulator.kernel import SECOND, Micros, Process
from lambdalab.simulator.trace.facts import TargetGivenUp, TargetReached, TargetRetried
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, queue_url
from lambdalab.simulator.vocabulary.assumptions.events import TARGET_BACKOFF_MAX, TARGET_BACKOFF_MIN
from lambdalab.simulator.vocabulary.errors import AwsError

Condition = Literal["MaximumRetryAttempts", "MaximumEventAgeInSeconds"]
Call = tuple[str, str, dict[str, Any]]
"""A service, an operation, its parameters."""

Assume = Callable[[str, Principal], Principal | None]
"""A role's ARN and the service that wants it: the session, or None when the role does not trust the service."""

RETRY_ATTEMPTS_MAX = 185  # BC RetryPolicy; also what holds without one. Fact F.4
EVENT_AGE_S_MIN, EVENT_AGE_S_MAX = 60, 86_400
_MISSING = ("ResourceNotFoundException", "NotFound", "AWS.SimpleQueueService.NonExistentQueue", "NoSuchBucket")


def nobody(role: str, caller: Principal) -> Principal | None:
    """An account without roles."""
    return None


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long a target is tried again."""

    attempts: int = RETRY_ATTEMPTS_MAX
    age_s: int = EVENT_AGE_S_MAX


@dataclass(frozen=True, slots=True)
class Shipment:
    """One thing for one target. ``via`` is the rule or schedule as people call it, ``caller`` who calls the target.

    ``call`` makes the call of an attempt, counted from 1.

    ``caller`` answers None when its role cannot be assumed. ``undelivered`` is what a dead-letter queue gets, sent as
    ``sender``, with ``attributes`` beside those that say why.
    """

    event_id: str
    bus: str | None
    via: str
    target: str
    call: Callable[[int], Call]
    caller: Callable[[], Principal | None]
    source: str
    accepted_at: Micros
    retry: RetryPolicy = RetryPolicy()
    dead_letter: str | None = None
    sender: Callable[[], Principal | None] = lambda: None
    undelivered: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    trace_header: str | None = None


def ship(world: World, shipment: Shipment) -> Process[bool]:
    """Try until the target accepts (true) or nothing more is tried. Run it as a process of its own."""
    attempts = 0
    while True:
        attempts += 1
        error = yield from _attempt(world, shipment, attempts)
        age = Micros(world.kernel.now - shipment.accepted_at)
        if error is None:
            world.trace.record(
                TargetReached(shipment.event_id, shipment.bus, shipment.via, shipment.target, attempts, age)
            )
            return True
        delay, condition = _next(world, shipment, error, attempts)
        if delay is None:
            yield from _give_up(world, shipment, error, attempts, condition)
            return False
        told = f"{error.code}: {error.message}"[:1_000]
        world.trace.record(
            TargetRetried(shipment.event_id, shipment.bus, shipment.via, shipment.target, attempts, delay, told)
        )
        yield from world.kernel.sleep(delay)


def _attempt(world: World, shipment: Shipment, number: int) -> Process[AwsError | None]:
    caller = shipment.caller()
    if caller is None:
        text = "The role could not be assumed: it does not exist here, or does not trust the service."
        return AwsError("FAILED_TO_ASSUME_ROLE", text, 403)
    service, operation, params = shipment.call(number)
    request = Request(caller, service, operation, params, shipment.source, trace_header=shipment.trace_header)
    answer = yield from world.api.call(request)
    return refusal_in(answer)


def refusal_in(answer: Answer | AwsError) -> AwsError | None:
    """What went wrong, also with the one entry of a batch."""
    if isinstance(answer, AwsError):
        return answer
    if answer.output.get("FailedEntryCount"):
        entry = answer.output["Entries"][0]
        return AwsError(entry["ErrorCode"], entry["ErrorMessage"], 400)
    return None


def _next(world: World, shipment: Shipment, error: AwsError, attempts: int) -> tuple[Micros | None, Condition | None]:
    """How long to wait now; or None, with the limit that is reached, if any."""
    if not may_pass(error) or error.code == "NotSimulated":
        return None, None
    if attempts > shipment.retry.attempts:
        return None, "MaximumRetryAttempts"
    longest = min(TARGET_BACKOFF_MAX, TARGET_BACKOFF_MIN << min(attempts - 1, 30))
    delay = Micros(round(longest * world.kernel.random_for("targets/retry").uniform(0.5, 1.0)))
    if world.kernel.now + delay > shipment.accepted_at + shipment.retry.age_s * SECOND:
        return None, "MaximumEventAgeInSeconds"
    return delay, None


def _give_up(
    world: World, shipment: Shipment, error: AwsError, attempts: int, condition: Condition | None
) -> Process[None]:
    code, refused = code_of(error), None
    if shipment.dead_letter is not None:
        refused = yield from _dead_letter(world, shipment, error, attempts, condition)
    delivered = shipment.dead_letter is not None and refused is None
    world.trace.record(
        TargetGivenUp(
            event_id=shipment.event_id,
            bus=shipment.bus,
            via=shipment.via,
            target=shipment.target,
            attempts=attempts,
            age_us=world.kernel.now - shipment.accepted_at,
            code=code,
            error=f"{error.code}: {error.message}"[:1_000],
            condition=condition,
            dead_letter=shipment.dead_letter if delivered else None,
            dead_letter_error=f"{refused.code}: {refused.message}"[:1_000] if refused else None,
        )
    )


def _dead_letter(
    world: World, shipment: Shipment, error: AwsError, attempts: int, condition: Condition | None
) -> Process[AwsError | None]:
    """Send what could not be delivered to the dead-letter queue; its attributes say why."""
    sender = shipment.sender()
    if sender is None:
        return AwsError("FAILED_TO_ASSUME_ROLE", "The role could not be assumed.", 403)
    told = {
        **shipment.attributes,
        "ERROR_CODE": code_of(error),
        "ERROR_MESSAGE": error.message[:1_000] or "-",
        "RETRY_ATTEMPTS": str(attempts - 1),
        **({"EXHAUSTED_RETRY_CONDITION": condition} if condition else {}),
    }
    params = {
        "QueueUrl": queue_url(str(shipment.dead_letter).rsplit(":", 1)[-1]),
        "MessageBody": shipment.undelivered,
        "MessageAttributes": {name: {"DataType": "String", "StringValue": value} for name, value in told.items()},
    }
    request = Request(sender, "sqs", "SendMessage", params, shipment.source, trace_header=shipment.trace_header)
    return refusal_in((yield from world.api.call(request)))


def code_of(error: AwsError) -> str:
    """The error code of a dead letter: User Guide, "Considerations for using a dead-letter queue"; A-111."""
    if error.code == "FAILED_TO_ASSUME_ROLE":
        return error.code
    if error.code in _MISSING:
        return "NO_RESOURCE"
    if error.status == 403:
        return "NO_PERMISSIONS"
    if error.status == 429 or "Throttl" in error.code or error.code == "TooManyRequestsException":
        return "THROTTLING"
    if error.status == 400 and ("Invalid" in error.code or error.code == "ValidationException"):
        return "INVALID_PARAMETER"
    return "ERROR_FROM_TARGET"


def service_of(arn: str) -> str | None:
    """The kind of target behind an ARN of this account, as far as it is simulated."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[4] != ACCOUNT_ID or not parts[5]:
        return None
    service, resource = parts[2], parts[5]
    if service == "lambda":
        return service if resource.startswith("function:") else None
    if service in ("events", "kinesis"):
        return service if resource.startswith(("event-bus/", "stream/")) else None
    return service if service in ("sqs", "sns") else None


def call_for(arn: str, text: str, group: str | None = None) -> Call:
    """The call that brings a text to a function, queue, topic or stream. ``group``: a FIFO queue's message group, or a
    stream's partition key."""
    service, resource = arn.split(":")[2], arn.split(":", 5)[5]
    if service == "lambda":
        params = {"FunctionName": arn, "InvocationType": "Event", "Payload": text.encode()}
        return "lambda", "Invoke", params
    if service == "sqs":
        params = {"QueueUrl": queue_url(resource), "MessageBody": text}
        return "sqs", "SendMessage", params | ({"MessageGroupId": group} if group else {})
    if service == "kinesis":
        return "kinesis", "PutRecord", {"StreamARN": arn, "Data": text.encode(), "PartitionKey": str(group)}
    assert service == "sns", arn
    return "sns", "Publish", {"TopicArn": arn, "Message": text}
