"""What becomes of records that a stream's mapping gives up: a message about them to its on-failure destination.

Source: fact E.3 (LS, DG26). Queues and topics get the place of the batch in the stream, a bucket the records as well.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lambdalab.simulator.account import Answer, Request
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.lambda_.event_source_mappings.stream_context import Context
from lambdalab.simulator.lambda_.event_source_mappings.stream_sources import Entry
from lambdalab.simulator.lambda_.invocation import Result
from lambdalab.simulator.trace.facts import DiscardDelivered, DiscardFailed, RecordsDiscarded
from lambdalab.simulator.vocabulary.arns import queue_url
from lambdalab.simulator.vocabulary.errors import AwsError

Condition = Literal["RetryAttemptsExhausted", "RecordAgeExceeded"]


@dataclass(frozen=True, slots=True)
class Discard:
    """Records that are given up. ``result`` is that of the last invocation, if there was one."""

    shard: str
    entries: Sequence[Entry]
    condition: Condition
    request_id: str
    invocations: int
    result: Result | None
    payload: str
    lane: int


def discard(context: Context, given_up: Discard) -> Process[None]:
    """Record it, and send the message with the function's execution role."""
    mapping, trace = context.mapping, context.world.trace
    first, last = given_up.entries[0], given_up.entries[-1]
    trace.record(
        RecordsDiscarded(
            mapping=mapping.id,
            function=mapping.function,
            shard=given_up.shard,
            request_id=given_up.request_id,
            records=len(given_up.entries),
            first=first.sequence,
            last=last.sequence,
            condition=given_up.condition,
            invocations=given_up.invocations,
            kept=context.terms.destination is not None,
            lane=given_up.lane,
        )
    )
    target = context.terms.destination
    function = context.delivery.role_of(mapping)
    if target is None or function is None:
        return
    record = message_of(context, given_up, function.version)
    service, operation, params = _call_for(context, target, given_up, record)
    request = Request(function.role, service, operation, params, f"lambda/{mapping.shown_as}")
    answer: Answer | AwsError = yield from context.world.api.call(request)
    if isinstance(answer, AwsError):
        error = f"{answer.code}: {answer.message}"
        trace.record(DiscardFailed(mapping.id, mapping.function, target, given_up.condition, error))
    else:
        number, text = len(given_up.entries), json.dumps(record)
        trace.record(DiscardDelivered(mapping.id, mapping.function, target, given_up.condition, number, text))


def message_of(context: Context, given_up: Discard, version: str) -> dict[str, Any]:
    """The message. What has outlived its age names no response, even where an invocation has failed (LS)."""
    first, last, world = given_up.entries[0], given_up.entries[-1], context.world
    message: dict[str, Any] = {
        "requestContext": {
            "requestId": given_up.request_id,
            "functionArn": context.mapping.function_arn,
            "condition": given_up.condition,
            "approximateInvokeCount": given_up.invocations,
        }
    }
    if given_up.condition == "RetryAttemptsExhausted":
        failed = given_up.result is not None and given_up.result.status != "ok"
        message["responseContext"] = {
            "statusCode": 200,
            "executedVersion": version,
            "functionError": "Unhandled" if failed else None,
        }
    return message | {
        "version": "1.0",
        "timestamp": world.timestamp(),
        context.kind.info: {
            "shardId": given_up.shard,
            "startSequenceNumber": first.sequence,
            "endSequenceNumber": last.sequence,
            "approximateArrivalOfFirstRecord": world.timestamp(first.arrived_at),
            "approximateArrivalOfLastRecord": world.timestamp(last.arrived_at),
            "batchSize": len(given_up.entries),
            "streamArn": context.mapping.source,
        },
    }


def _call_for(
    context: Context, target: str, given_up: Discard, message: dict[str, Any]
) -> tuple[str, str, dict[str, Any]]:
    service, name = target.split(":")[2], target.rsplit(":", 1)[-1]
    if service == "sqs":
        return "sqs", "SendMessage", {"QueueUrl": queue_url(name), "MessageBody": json.dumps(message)}
    if service == "sns":
        return "sns", "Publish", {"TopicArn": target, "Message": json.dumps(message)}
    body = json.dumps(message | {"payload": given_up.payload}).encode()
    now = context.world.wall_clock()
    identity = context.world.new_uuid("discard")
    key = f"aws/lambda/{context.mapping.id}/{given_up.shard}/{now:%Y/%m/%d}/{now:%Y-%m-%dT%H.%M.%S}-{identity}"
    return "s3", "PutObject", {"Bucket": name, "Key": key, "Body": body}
