"""Facts that change what queues, topics and tables hold. Each carries enough to rebuild the state at any moment."""

from __future__ import annotations

__all__ = (
    "ItemConflict", "ItemDeleted", "ItemRead", "ItemWritten", "MessageDeduplicated", "MessageDeleted",
    "MessageDuplicated", "MessageFact", "MessagePublished", "MessageReceived", "MessageSent",
    "MessageVisibilityChanged",
)  # fmt: skip

from typing import Any, ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class MessageSent(Recorded, frozen=True):
    """A message entered a queue. ``attributes`` are its message attributes as name to string value."""

    kind: ClassVar[Literal["message.sent"]] = "message.sent"
    queue: str
    message_id: str
    body: str
    attributes: dict[str, str]
    group: str | None
    delay_us: int
    moved_from: str | None


class MessageReceived(Recorded, frozen=True):
    """A consumer holds the message until its visibility timeout ends, ``hidden_us`` from now."""

    kind: ClassVar[Literal["message.received"]] = "message.received"
    queue: str
    message_id: str
    receive_count: int
    hidden_us: int


class MessageDeleted(Recorded, frozen=True):
    """A message left a queue: deleted by its consumer, purged, too old, or moved to the queue's dead-letter queue."""

    kind: ClassVar[Literal["message.deleted"]] = "message.deleted"
    queue: str
    message_id: str
    reason: Literal["deleted", "purged", "moved", "expired"]


class MessageVisibilityChanged(Recorded, frozen=True):
    """The consumer that holds a message chose another end of its visibility timeout, ``hidden_us`` from now."""

    kind: ClassVar[Literal["message.visibility_changed"]] = "message.visibility_changed"
    queue: str
    message_id: str
    hidden_us: int


class MessageDuplicated(Recorded, frozen=True):
    """A message may be received a second time although a consumer holds it: delivery is at least once."""

    kind: ClassVar[Literal["message.duplicated"]] = "message.duplicated"
    queue: str
    message_id: str


class MessageDeduplicated(Recorded, frozen=True):
    """A FIFO queue accepted a copy of ``message_id`` within five minutes, and does not deliver it."""

    kind: ClassVar[Literal["message.deduplicated"]] = "message.deduplicated"
    queue: str
    message_id: str
    deduplication_id: str


class MessagePublished(Recorded, frozen=True):
    """A message was published to a topic and handed to ``delivered`` subscribers; ``failed`` refused it."""

    kind: ClassVar[Literal["message.published"]] = "message.published"
    topic: str
    message_id: str
    message: str
    delivered: int
    failed: int


class ItemWritten(Recorded, frozen=True):
    """A table item was put or updated. ``key``, ``item`` and ``old``, what it was before, are in DynamoDB's typed JSON.

    ``old`` is None for a new item.
    """

    kind: ClassVar[Literal["item.written"]] = "item.written"
    table: str
    operation: str
    key: dict[str, Any]
    item: dict[str, Any]
    old: dict[str, Any] | None = None


class ItemDeleted(Recorded, frozen=True):
    """A table item was deleted: by a call, or (``expired``) by DynamoDB when its time to live was over."""

    kind: ClassVar[Literal["item.deleted"]] = "item.deleted"
    table: str
    key: dict[str, Any]
    old: dict[str, Any] | None = None
    expired: bool = False


class ItemRead(Recorded, frozen=True):
    """A table was read: ``found`` items came back."""

    kind: ClassVar[Literal["item.read"]] = "item.read"
    table: str
    operation: str
    found: int


class ItemConflict(Recorded, frozen=True):
    """A condition did not hold, so nothing was written."""

    kind: ClassVar[Literal["item.conflict"]] = "item.conflict"
    table: str
    operation: str
    key: dict[str, Any]


MessageFact = (
    MessageSent
    | MessageReceived
    | MessageDeleted
    | MessageVisibilityChanged
    | MessageDuplicated
    | MessageDeduplicated
    | MessagePublished
    | ItemWritten
    | ItemDeleted
    | ItemRead
    | ItemConflict
)
