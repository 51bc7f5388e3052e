"""One message of a queue, and how SQS shows it to a consumer. Source: botocore's sqs model, ReceiveMessage."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lambdalab.simulator.account import Principal
from lambdalab.simulator.kernel import Micros


@dataclass(slots=True, eq=False)
class Message:
    """One message. ``visible_at`` is when a consumer may receive it (again); ``order`` its place in the queue.

    ``state``: ``ready`` to be received, ``delayed`` before its first time, ``in_flight`` with a consumer, or ``gone``.
    """

    id: str
    body: str
    attributes: dict[str, Any]
    sent_at: Micros
    visible_at: Micros
    receive_count: int = 0
    first_received_at: Micros | None = None
    received_at: Micros = Micros(0)
    receipt: str = ""
    group: str | None = None
    deduplication_id: str | None = None
    sequence: str | None = None
    sender: str = ""
    trace_header: str | None = None
    moved_from: str | None = None
    lineage: Mapping[str, int] | None = None  # how often each function ran in the chain that led to this message
    order: int = 0
    state: Literal["ready", "delayed", "in_flight", "gone"] = "gone"

    def shown(self, params: Mapping[str, Any], epoch_us: int) -> dict[str, Any]:
        """What ReceiveMessage answers: of the attributes only those that were asked for."""
        shown: dict[str, Any] = {
            "MessageId": self.id,
            "ReceiptHandle": self.receipt,
            "MD5OfBody": md5(self.body),
            "Body": self.body,
        }
        wanted = {*params.get("AttributeNames", ()), *params.get("MessageSystemAttributeNames", ())}
        if wanted:
            system = self._system_attributes(epoch_us)
            found = {k: v for k, v in system.items() if "All" in wanted or k in wanted}
            if found:
                shown["Attributes"] = found
        chosen = _chosen(self.attributes, params.get("MessageAttributeNames", ()))
        if chosen:
            shown["MessageAttributes"] = chosen
            shown["MD5OfMessageAttributes"] = md5_of_attributes(chosen)
        return shown

    def _system_attributes(self, epoch_us: int) -> dict[str, str]:
        first = self.sent_at if self.first_received_at is None else self.first_received_at
        found = {
            "ApproximateReceiveCount": str(self.receive_count),
            "SentTimestamp": str((epoch_us + self.sent_at) // 1000),
            "SenderId": self.sender,
            "ApproximateFirstReceiveTimestamp": str((epoch_us + first) // 1000),
            "SequenceNumber": self.sequence,
            "MessageGroupId": self.group,
            "MessageDeduplicationId": self.deduplication_id,
            "AWSTraceHeader": self.trace_header,
            "DeadLetterQueueSourceArn": self.moved_from,
        }
        return {name: value for name, value in found.items() if value}


def _chosen(attributes: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The attributes whose names were asked for: by name, by a prefix with ``.*``, or all of them."""
    if not attributes or not names:
        return {}
    prefixes = tuple(name[:-1] for name in names if name.endswith(".*"))
    everything = any(name in ("All", ".*") for name in names)
    exact = set(names)
    return {
        name: value
        for name, value in attributes.items()
        if everything or name in exact or (prefixes and name.startswith(prefixes))
    }


def sender_of(principal: Principal) -> str:
    """SenderId: a user's id, or a role's with the name of its session; a service has its own name. BC ReceiveMessage"""
    if principal.is_service:
        return principal.arn
    kind, _, name = principal.arn.split(":", 5)[5].partition("/")
    identity = hashlib.sha256((principal.role or principal.arn).encode()).hexdigest()[:17].upper()
    return f"AROA{identity}:{name.rsplit('/', 1)[-1]}" if kind == "assumed-role" else f"AIDA{identity}"


def md5(text: str) -> str:
    """The MD5 digest of a text, as SQS gives it."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def md5_of_attributes(attributes: Mapping[str, Any]) -> str:
    """The MD5 digest of message attributes, from which clients see that nothing was lost on the way.

    Source: SQS Developer Guide, "Calculating the MD5 message digest for message attributes".
    """
    digest = hashlib.md5(usedforsecurity=False)
    for name in sorted(attributes):
        attribute = attributes[name]
        kind = str(attribute.get("DataType", "String"))
        binary = kind.partition(".")[0] == "Binary"
        value = attribute.get("BinaryValue", b"") if binary else attribute.get("StringValue", "")
        for part in (name, kind):
            _add(digest, part.encode())
        digest.update(b"\x02" if binary else b"\x01")
        _add(digest, value if isinstance(value, bytes) else str(value).encode())
    return digest.hexdigest()


def _add(digest: Any, part: bytes) -> None:
    digest.update(struct.pack(">I", len(part)) + part)


def plain(attribute: Any) -> str:
    """A message attribute's value as text."""
    value = attribute.get("StringValue", attribute.get("BinaryValue", "")) if isinstance(attribute, dict) else attribute
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
