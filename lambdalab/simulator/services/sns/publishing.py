"""Publish and PublishBatch: what a message must be. Source: botocore's sns model; texts: LS sns, 2024."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from lambdalab.simulator.services.sns.subscribing import invalid
from lambdalab.simulator.services.sns.topic import Topic
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.json_values import read_json

MESSAGE_BYTES_MAX = 262_144  # 256 KB with its attributes; also of a batch. Fact E.1
BATCH_MAX = 10  # BC PublishBatch
_ENTRY_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_ID = re.compile(r"[!-~]{1,128}")  # letters, digits and punctuation
_NAME = re.compile(r"(?!\.)(?!.*\.\.)[A-Za-z0-9_.\-]{1,256}(?<!\.)")


def refused(topic: Topic, params: Mapping[str, Any]) -> AwsError | None:
    """What is wrong with one message."""
    if not params["Message"]:
        return invalid("Empty message")
    if size_of(params) > MESSAGE_BYTES_MAX:
        return invalid("Message too long")
    subject = params.get("Subject")
    if subject is not None and (not 0 < len(subject) <= 100 or not subject.isprintable()):
        return invalid("Subject")
    structure = params.get("MessageStructure")
    if structure is not None and structure != "json":
        return invalid("MessageStructure")
    wrong = _wrong_structure(params) if structure else None
    return wrong or _wrong_attributes(params.get("MessageAttributes") or {}) or _wrong_ids(topic, params)


def _wrong_structure(params: Mapping[str, Any]) -> AwsError | None:
    try:
        document = read_json(params["Message"], constants=True)
    except ValueError:
        return invalid("Message Structure - JSON message body failed to parse")
    if not isinstance(document, dict):
        return invalid("Message Structure - JSON message body failed to parse")
    if "default" not in document:
        return invalid("Message Structure - No default entry in JSON message body")
    return None


def _wrong_attributes(attributes: Mapping[str, Any]) -> AwsError | None:
    for name, attribute in attributes.items():
        kind = str(attribute.get("DataType", ""))
        if not _NAME.fullmatch(name):
            return AwsError("ParameterValueInvalid", f"The message attribute name '{name}' is invalid.", 400)
        if kind.partition(".")[0] not in ("String", "Number", "Binary"):
            text = (
                f"The message attribute '{name}' has an invalid message attribute type, the set of supported type "
                "prefixes is Binary, Number, and String."
            )
            return AwsError("ParameterValueInvalid", text, 400)
        if not (attribute.get("StringValue") or attribute.get("BinaryValue")):
            text = f"The message attribute '{name}' must contain non-empty message attribute value for message "
            return AwsError("ParameterValueInvalid", f"{text}attribute type '{kind}'.", 400)
    return None


def _wrong_ids(topic: Topic, params: Mapping[str, Any]) -> AwsError | None:
    group, identity = params.get("MessageGroupId"), params.get("MessageDeduplicationId")
    for name, value in (("MessageGroupId", group), ("MessageDeduplicationId", identity)):
        if value is not None and not _ID.fullmatch(value):
            return invalid(f"The {name} parameter can only include alphanumeric and punctuation characters.")
    if not topic.fifo:
        if identity is not None:
            return invalid("The MessageDeduplicationId parameter is not valid for this topic type.")
        return None
    if group is None:
        return invalid("The MessageGroupId parameter is required for FIFO topics")
    if identity is None and not topic.content_deduplication:
        return invalid(
            "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
            "explicitly"
        )
    return None


def refused_batch(entries: Sequence[Mapping[str, Any]]) -> AwsError | None:
    """What is wrong with a batch as a whole."""
    if not entries:
        text = "The batch request doesn't contain any entries."
        return AwsError("EmptyBatchRequest", text, 400)
    if len(entries) > BATCH_MAX:
        return AwsError(
            "TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.", 400
        )
    ids = [str(entry["Id"]) for entry in entries]
    if len(set(ids)) < len(ids):
        text = "Two or more batch entries in the request have the same Id."
        return AwsError("BatchEntryIdsNotDistinct", text, 400)
    if not all(map(_ENTRY_ID.fullmatch, ids)):
        return AwsError("InvalidBatchEntryId", "The Id of a batch entry in a batch request doesn't abide by the "
                        "specification.", 400)  # fmt: skip
    if sum(map(size_of, entries)) > MESSAGE_BYTES_MAX:
        text = "The length of all the batch messages put together is more than the limit."
        return AwsError("BatchRequestTooLong", text, 400)
    return None


def size_of(params: Mapping[str, Any]) -> int:
    """The bytes of a message and its attributes."""
    size = len(params["Message"].encode())
    for name, attribute in (params.get("MessageAttributes") or {}).items():
        value = attribute.get("BinaryValue") or attribute.get("StringValue") or ""
        size += len(name.encode()) + len(str(attribute.get("DataType", "")))
        size += len(value if isinstance(value, bytes) else str(value).encode())
    return size


def identity_of(params: Mapping[str, Any]) -> str:
    """The deduplication id of a message: its own, else a digest of its body. Guide, "Message deduplication"."""
    given = params.get("MessageDeduplicationId")
    return str(given) if given else hashlib.sha256(params["Message"].encode()).hexdigest()


def text_for(params: Mapping[str, Any], protocol: str) -> str:
    """What a subscriber of a protocol gets: with MessageStructure its own text, or the default one."""
    if not params.get("MessageStructure"):
        return str(params["Message"])
    document = read_json(params["Message"], constants=True)
    chosen = document.get(protocol, document["default"])
    return chosen if isinstance(chosen, str) else json.dumps(chosen)
