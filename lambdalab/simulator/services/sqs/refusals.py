"""What SQS refuses, in its own codes and words. Source: botocore's sqs model, and the SQS API Reference."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lambdalab.simulator.services.sqs.queue import Queue
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.errors import AwsError

PREFIX = "AWS.SimpleQueueService."
_ALIEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTRY_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_FIFO_ID = re.compile(r"[\x21-\x7e]{1,128}")
_RANGES = {
    "VisibilityTimeout": (0, quotas.QUEUE_VISIBILITY_S_MAX, "Must be between 0 and 43200, if provided."),
    "MaxNumberOfMessages": (1, quotas.QUEUE_RECEIVE_MAX, "Must be between 1 and 10, if provided."),
    "WaitTimeSeconds": (0, quotas.QUEUE_WAIT_S_MAX, "Must be >= 0 and <= 20, if provided."),
    "DelaySeconds": (0, quotas.QUEUE_DELAY_S_MAX, "DelaySeconds must be >= 0 and <= 900."),
}


def no_queue() -> AwsError:
    """There is no such queue."""
    return AwsError(f"{PREFIX}NonExistentQueue", "The specified queue does not exist.", 400)


def invalid(name: str, value: object, reason: str) -> AwsError:
    """A parameter whose value cannot be."""
    return AwsError("InvalidParameterValue", f"Value {value} for parameter {name} is invalid. Reason: {reason}", 400)


def out_of_range(params: Mapping[str, Any]) -> AwsError | None:
    """A number outside its range."""
    for name, (low, high, reason) in _RANGES.items():
        value = params.get(name)
        if value is not None and not low <= value <= high:
            return invalid(name, value, reason)
    return None


def message(queue: Queue, params: Mapping[str, Any]) -> AwsError | None:
    """What is wrong with a message that somebody sends."""
    body = params["MessageBody"]
    if not body:
        return AwsError("MissingParameter", "The request must contain the parameter MessageBody.", 400)
    if size_of(params) > queue.message_bytes_max:
        reason = f"Message must be shorter than {queue.message_bytes_max} bytes."
        return AwsError("InvalidParameterValue", f"One or more parameters are invalid. Reason: {reason}", 400)
    alien = _ALIEN.search(body)
    if alien:
        text = (
            f"Invalid binary character '#x{ord(alien[0]):x}' was found in the message body, the set of allowed "
            "characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"
        )
        return AwsError("InvalidMessageContents", text, 400)
    number = len(params.get("MessageAttributes", ()))
    if number > quotas.QUEUE_ATTRIBUTES_MAX:
        text = f"Number of message attributes [{number}] exceeds the allowed maximum [{quotas.QUEUE_ATTRIBUTES_MAX}]."
        return AwsError("InvalidParameterValue", text, 400)
    return out_of_range(params) or (_fifo_message(queue, params) if queue.fifo else _standard_message(params))


def _standard_message(params: Mapping[str, Any]) -> AwsError | None:
    if params.get("MessageDeduplicationId"):
        reason = "The request includes a parameter that is not valid for this queue type."
        return invalid("MessageDeduplicationId", params["MessageDeduplicationId"], reason)
    return None


def _fifo_message(queue: Queue, params: Mapping[str, Any]) -> AwsError | None:
    if not params.get("MessageGroupId"):
        return AwsError("MissingParameter", "The request must contain the parameter MessageGroupId.", 400)
    if params.get("DelaySeconds"):  # a FIFO queue delays all of its messages or none. BC SendMessage
        reason = "The request include parameter that is not valid for this queue type."
        return invalid("DelaySeconds", params["DelaySeconds"], reason)
    for name in ("MessageGroupId", "MessageDeduplicationId"):
        value = params.get(name)
        if value is not None and not _FIFO_ID.fullmatch(value):
            reason = f"{name} can only include alphanumeric and punctuation characters. 1 to 128 in length."
            return invalid(name, value, reason)
    if not params.get("MessageDeduplicationId") and not queue.content_deduplication:
        text = (
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
            "explicitly"
        )
        return AwsError("InvalidParameterValue", text, 400)
    return None


def size_of(params: Mapping[str, Any]) -> int:
    """The bytes of a message: its body, and names, types and values of its attributes. BC SendMessage"""
    size = len(params["MessageBody"].encode())
    for name, attribute in params.get("MessageAttributes", {}).items():
        value = attribute.get("BinaryValue") or attribute.get("StringValue", "")
        size += len(name.encode()) + len(attribute.get("DataType", ""))
        size += len(value if isinstance(value, bytes) else str(value).encode())
    return size


def batch(operation: str, entries: Sequence[Mapping[str, Any]]) -> AwsError | None:
    """What is wrong with a batch as a whole."""
    if not entries:
        text = f"There should be at least one {operation}RequestEntry in the request."
        return AwsError(f"{PREFIX}EmptyBatchRequest", text, 400)
    if len(entries) > quotas.QUEUE_BATCH_MAX:
        text = f"Maximum number of entries per request are {quotas.QUEUE_BATCH_MAX}. You have sent {len(entries)}."
        return AwsError(f"{PREFIX}TooManyEntriesInBatchRequest", text, 400)
    seen: set[str] = set()
    for entry in entries:
        if not _ENTRY_ID.fullmatch(entry["Id"]):
            text = (
                "A batch entry id can only contain alphanumeric characters, hyphens and underscores. "
                "It can be at most 80 letters long."
            )
            return AwsError(f"{PREFIX}InvalidBatchEntryId", text, 400)
        if entry["Id"] in seen:
            return AwsError(f"{PREFIX}BatchEntryIdsNotDistinct", f"Id {entry['Id']} repeated.", 400)
        seen.add(entry["Id"])
    return None


def batch_size(entries: Sequence[Mapping[str, Any]]) -> AwsError | None:
    """All messages of a batch together may have no more bytes than one."""
    size = sum(size_of(entry) for entry in entries)
    if size <= quotas.QUEUE_MESSAGE_BYTES_MAX:
        return None
    text = f"Batch requests cannot be longer than {quotas.QUEUE_MESSAGE_BYTES_MAX} bytes. You have sent {size} bytes."
    return AwsError(f"{PREFIX}BatchRequestTooLong", text, 400)


def over_limit() -> AwsError:
    """A short poll of a queue with as many messages in flight as there may be. BC ReceiveMessage"""
    text = "The maximum number of in flight messages is reached."
    return AwsError("OverLimit", text, 403)


def receipt(handle: str) -> AwsError:
    """Not a receipt handle at all."""
    text = f'The input receipt handle "{handle}" is not a valid receipt handle.'
    return AwsError("ReceiptHandleIsInvalid", text, 404)


def receipt_expired(handle: str) -> AwsError:
    """A FIFO queue lets nobody delete a message that he does not hold any more. BC DeleteMessage"""
    return invalid("ReceiptHandle", handle, "The receipt handle has expired.")


def not_in_flight(handle: str) -> AwsError:
    """The message of this receipt is not with its consumer any more."""
    reason = "Message does not exist or is not available for visibility timeout change."
    return invalid("ReceiptHandle", handle, reason)


def too_long(seconds: int) -> AwsError:
    """A message may be hidden for 12 hours from its receipt on, and no longer. BC ChangeMessageVisibility"""
    limit = quotas.QUEUE_VISIBILITY_S_MAX
    text = f"Total VisibilityTimeout for the message is beyond the limit [{limit} seconds]"
    return invalid("VisibilityTimeout", seconds, f"{text}.")


def purge_in_progress(queue: Queue) -> AwsError:
    """Once a minute only. BC PurgeQueue"""
    text = f"Only one PurgeQueue operation on {queue.name} is allowed every 60 seconds."
    return AwsError(f"{PREFIX}PurgeQueueInProgress", text, 403)
