"""Handing batches to a function, and reading what it makes of them.

Source: Amazon Data Firehose Developer Guide, "Transform source data" and "Handle failure in data transformation", read
2026-11; error codes and texts: its page on data transformation errors, and objects of ``processing-failed`` that people
have published. An invocation takes five minutes at most. How long Firehose waits between attempts: A-146.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.kernel import MILLISECOND, MINUTE, Micros, Process, Signal
from lambdalab.simulator.services.firehose.stream import DeliveryStream, FirehoseRecord, Processor
from lambdalab.simulator.trace.facts import FirehoseRetried, FirehoseTransformed
from lambdalab.simulator.vocabulary.arns import REGION
from lambdalab.simulator.vocabulary.assumptions import FIREHOSE_BACKOFF
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.events.plain import compact

PATIENCE = Micros(5 * MINUTE)
PAYLOAD_MAX = 6 * 1024 * 1024  # of a synchronous invocation
ENVELOPE = 512  # of an event without its records
AROUND = 420  # of a record in an event beside its data, at most


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a record could not be processed, in Firehose's words."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch: records to deliver, and those that failed, each with why."""

    ok: list[FirehoseRecord]
    dropped: int
    failed: list[tuple[FirehoseRecord, Failure]]
    attempts: int


FUNCTION_ERROR = Failure(
    "Lambda.FunctionError", "The Lambda function was successfully invoked but it returned an error result."
)
TIMED_OUT = Failure(
    "Lambda.FunctionTimedOut",
    "The Lambda function invocation timed out. Increase the Timeout setting in the Lambda function.",
)
MISSING = Failure(
    "Lambda.MissingRecordId",
    "One or more record Ids were not returned. Ensure that the Lambda function returns all received record Ids.",
)
DUPLICATED = Failure(
    "Lambda.DuplicatedRecordId",
    "Multiple records were returned with the same record Id. Ensure that the Lambda function returns unique record Ids "
    "for each record.",
)
UNREADABLE = Failure(
    "Lambda.JsonProcessingException",
    "There was an error parsing returned records from the Lambda function. Ensure that the returned records follow the "
    "status model required by Firehose.",
)
STATUS = Failure("Lambda.ProcessingFailedStatus", "ProcessingFailed status set for record")
_REFUSALS = {
    "AccessDeniedException": Failure(
        "Lambda.InvokeAccessDenied",
        "Access was denied. Ensure that the access policy allows access to the Lambda function.",
    ),
    "ResourceNotFoundException": Failure(
        "Lambda.ResourceNotFound",
        "The specified Lambda function does not exist. Use a different function that does exist.",
    ),
    "TooManyRequestsException": Failure(
        "Lambda.InvokeLimitExceeded",
        "The Lambda concurrent execution limit is exceeded. Increase the concurrent execution limit.",
    ),
}


class Transformer:
    """Asks the functions of streams."""

    def __init__(self, world: World) -> None:
        self._world = world

    def transform(self, stream: DeliveryStream, by: Processor, records: list[FirehoseRecord]) -> Process[Outcome]:
        """Ask until the function answers with records, or its retries are used up."""
        attempt = 0
        while True:
            attempt += 1
            answer = yield from self._ask(stream, by, records)
            if not isinstance(answer, Failure) or attempt > by.retries:
                break
            delay = Micros(FIREHOSE_BACKOFF[min(attempt, len(FIREHOSE_BACKOFF)) - 1])
            self._world.trace.record(
                FirehoseRetried(
                    stream.name, by.function, len(records), attempt, delay, f"{answer.code}: {answer.message}"
                )
            )
            yield from self._world.kernel.sleep(delay)
        if isinstance(answer, Failure):
            outcome = Outcome([], 0, [(record, answer) for record in records], attempt)
        else:
            outcome = _outcome(records, answer, attempt)
        why = next((failure for _, failure in outcome.failed), None)
        self._world.trace.record(
            FirehoseTransformed(
                stream.name,
                by.function,
                len(records),
                len(outcome.ok),
                outcome.dropped,
                len(outcome.failed),
                attempt,
                None if why is None else f"{why.code}: {why.message}",
            )
        )
        return outcome

    def _ask(self, stream: DeliveryStream, by: Processor, records: list[FirehoseRecord]) -> Process[Any]:
        """One invocation: the records that the function returned, or why there are none."""
        event = self._event(stream, records)
        params = {
            "FunctionName": by.function,
            "InvocationType": "RequestResponse",
            "Payload": compact(event).encode(),
        }
        request = Request(by.role, "lambda", "Invoke", params, f"firehose/{stream.name}")
        done, answers = self._world.kernel.signal(), list[Answer | AwsError]()
        self._world.kernel.spawn(self._call(request, done, answers))
        yield from self._world.kernel.wait_until(done, Micros(self._world.kernel.now + PATIENCE))
        return _read(answers[0]) if answers else TIMED_OUT

    def _call(self, request: Request, done: Signal, answers: list[Answer | AwsError]) -> Process[None]:
        answers.append((yield from self._world.api.call(request)))
        done.fire()

    def _event(self, stream: DeliveryStream, records: list[FirehoseRecord]) -> dict[str, Any]:
        event: dict[str, Any] = {
            "invocationId": self._world.new_uuid("firehose"),
            "deliveryStreamArn": stream.arn,
            "region": REGION,
        }
        if stream.source is not None:
            event["sourceKinesisStreamArn"] = stream.source.stream_arn
        event["records"] = [self._shown(record) for record in records]
        return event

    def _shown(self, record: FirehoseRecord) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "recordId": record.id,
            "approximateArrivalTimestamp": self.stamp(record.arrived_at),
            "data": base64.b64encode(record.data).decode(),
        }
        if record.source is not None:
            shard, key, sequence, arrived_at = record.source
            shown["kinesisRecordMetadata"] = {
                "sequenceNumber": sequence,
                "subsequenceNumber": 0,
                "partitionKey": key,
                "shardId": shard,
                "approximateArrivalTimestamp": self.stamp(arrived_at),
            }
        return shown

    def stamp(self, moment: Micros) -> int:
        """Milliseconds since 1970."""
        return (self._world.epoch_us + moment) // MILLISECOND


def batches(records: list[FirehoseRecord]) -> Iterator[list[FirehoseRecord]]:
    """Parts of a batch that fit into an invocation: many small records are more in an event than they are."""
    batch: list[FirehoseRecord] = []
    size = ENVELOPE
    for record in records:
        takes = -(-len(record.data) // 3) * 4 + AROUND
        if batch and size + takes > PAYLOAD_MAX:
            yield batch
            batch, size = [], ENVELOPE
        batch.append(record)
        size += takes
    if batch:
        yield batch


def _read(answer: Answer | AwsError) -> Any:
    """The list of returned records, or why there is none."""
    if isinstance(answer, AwsError):
        return _REFUSALS.get(answer.code, Failure(f"Lambda.{answer.code}", answer.message))
    payload = answer.output.get("Payload") or b""
    body = payload.read() if hasattr(payload, "read") else payload
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if answer.output.get("FunctionError"):
        message = document.get("errorMessage") if isinstance(document, dict) else None
        return TIMED_OUT if isinstance(message, str) and "Task timed out" in message else FUNCTION_ERROR
    records = document.get("records") if isinstance(document, dict) else None
    return records if isinstance(records, list) else FUNCTION_ERROR


def _outcome(records: list[FirehoseRecord], returned: list[Any], attempts: int) -> Outcome:
    """Match what came back with what was sent, by record ids."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in returned:
        if isinstance(each, dict) and isinstance(each.get("recordId"), str):
            found.setdefault(each["recordId"], []).append(each)
    ok: list[FirehoseRecord] = []
    failed: list[tuple[FirehoseRecord, Failure]] = []
    dropped = 0
    for record in records:
        answers = found.get(record.id, [])
        made = MISSING if not answers else DUPLICATED if len(answers) > 1 else _made(record, answers[0])
        if isinstance(made, Failure):
            failed.append((record, made))
        elif made is None:
            dropped += 1
        else:
            ok.append(made)
    return Outcome(ok, dropped, failed, attempts)


def _made(record: FirehoseRecord, answer: dict[str, Any]) -> FirehoseRecord | Failure | None:
    """A record as the function made it; None for one that it has dropped."""
    if answer.get("result") == "Dropped":
        return None
    if answer.get("result") == "ProcessingFailed":
        return STATUS
    data = answer.get("data")
    if answer.get("result") != "Ok" or not isinstance(data, str):
        return UNREADABLE
    try:
        return FirehoseRecord(record.id, base64.b64decode(data, validate=True), record.arrived_at, record.source)
    except (binascii.Error, ValueError):
        return UNREADABLE
