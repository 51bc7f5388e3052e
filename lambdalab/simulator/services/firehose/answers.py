"""What a function makes of a batch, and what Firehose makes of its answer.

Source: Amazon Data Firehose Developer Guide, "Required parameters for data transformation" and "Handle failure in data
transformation", read 2026-11; error codes and texts: its page on data transformation errors, and objects of
``processing-failed`` that people have published. What it makes of an answer that is not as it should be: A-180.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.account import Answer
from lambdalab.simulator.services.firehose.stream import FirehoseRecord
from lambdalab.simulator.vocabulary.errors import AwsError

RESULTS = ("Ok", "Dropped", "ProcessingFailed")


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
    "Multiple records were returned with the same record Id. Ensure that the Lambda function returns a unique record "
    "Id for each record.",
)
UNREADABLE = Failure(
    "Lambda.JsonProcessingException",
    "There was an error parsing returned records from the Lambda function. Ensure that the returned records follow the "
    "status model required by Firehose.",
)
WRONG_FORMAT = Failure(
    "Lambda.FunctionError",
    "Check your function and make sure the output is in required format. In addition to that, make sure the processed "
    "records contain valid result status of Dropped, Ok, or ProcessingFailed",
)
NO_DATA = Failure(
    "Lambda.InvalidReturnFormat",
    "The data field cannot be null when the SourceType is DirectPut or KinesisStreamAsSource and processing result is "
    "Ok. The value field cannot be null when the SourceType is MSKAsSource and processing result is Ok.",
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


def read_answer(answer: Answer | AwsError) -> Any:
    """The document that a function has returned, or why there is none; None for an answer that is no JSON."""
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
    return document


def outcome_of(records: list[FirehoseRecord], returned: Any, attempts: int) -> Outcome:
    """Match what came back with what was sent, by record ids. One entry that cannot be read fails the batch (A-180)."""
    if not isinstance(returned, dict):
        return Outcome([], 0, [(record, UNREADABLE) for record in records], attempts)
    listed = returned.get("records")
    entries = [_entry(each) for each in listed] if isinstance(listed, list) else []
    if None in entries:
        return Outcome([], 0, [(record, WRONG_FORMAT) for record in records], attempts)
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry is not None and entry.id is not None:
            found.setdefault(entry.id, []).append(entry)
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


@dataclass(frozen=True, slots=True)
class Entry:
    """One of the ``records`` that a function has returned, its data decoded."""

    id: str | None
    result: str
    data: bytes | None


def _entry(given: Any) -> Entry | None:
    """An entry, or None for one without a result that there is, or with data that are not base64."""
    if not isinstance(given, dict) or given.get("result") not in RESULTS:
        return None
    name, data = given.get("recordId"), given.get("data")
    try:
        decoded = None if data is None else base64.b64decode(data, validate=True)
    except (TypeError, ValueError):  # binascii.Error is one
        return None
    return Entry(name if isinstance(name, str) else None, given["result"], decoded)


def _made(record: FirehoseRecord, entry: Entry) -> FirehoseRecord | Failure | None:
    """A record as the function made it; None for one that it has dropped."""
    if entry.result == "Dropped":
        return None
    if entry.result == "ProcessingFailed":
        return STATUS
    if entry.data is None:
        return NO_DATA
    return FirehoseRecord(record.id, entry.data, record.arrived_at, record.source)
