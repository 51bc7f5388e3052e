"""The summary's ``queues``, ``topics`` and ``tables``: their state, rebuilt from the facts that changed it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.trace.facts import (
    ItemConflict,
    ItemDeleted,
    ItemRead,
    ItemWritten,
    MessageAccepted,
    MessageDeleted,
    MessageDuplicated,
    MessagePublished,
    MessageReceived,
    MessageSent,
    MessageVisibilityChanged,
    QueueDeployed,
    TableDeleted,
    TableDeployed,
    TopicDelivered,
    TopicDeployed,
    TopicFiltered,
    TopicGivenUp,
)
from lambdalab.simulator.views.fold import Take
from lambdalab.simulator.vocabulary.arns import arn

MESSAGES_MAX = 100
ITEMS_MAX = 1_000


@dataclass(slots=True)
class _Message:
    body: str
    group: str | None
    sent_at: int
    visible_at: int
    receive_count: int = 0


@dataclass(slots=True)
class _Queue:
    shown_as: str
    sent: int = 0
    received: int = 0
    deleted: int = 0
    moved: int = 0
    messages: dict[str, _Message] = field(default_factory=dict)


@dataclass(slots=True)
class _Table:
    shown_as: str
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    writes: int = 0
    reads: int = 0
    conflicts: int = 0


class StoresPart:
    """Rebuilds what queues and tables hold."""

    def __init__(self) -> None:
        self._queues: dict[str, _Queue] = {}
        self._topics: dict[str, dict[str, Any]] = {}
        self._tables: dict[str, _Table] = {}
        self.takes: dict[type, Take] = {
            QueueDeployed: self._queue_deployed,
            TopicDeployed: self._topic_deployed,
            TableDeployed: self._table_deployed,
            TableDeleted: self._table_deleted,
            MessageSent: self._sent,
            MessageReceived: self._received,
            MessageVisibilityChanged: self._visibility_changed,
            MessageDuplicated: self._duplicated,
            MessageDeleted: self._deleted,
            MessagePublished: self._published,
            MessageAccepted: self._accepted,
            TopicDelivered: lambda at, fact: self._count(fact.topic, "delivered"),
            TopicGivenUp: lambda at, fact: self._count(fact.topic, "failed"),
            TopicFiltered: lambda at, fact: self._count(fact.topic, "filtered"),
            ItemWritten: self._written,
            ItemDeleted: self._item_deleted,
            ItemRead: self._read,
            ItemConflict: self._conflict,
        }

    def _queue_deployed(self, at: int, fact: QueueDeployed) -> None:
        self._queues[fact.queue] = _Queue(fact.shown_as)

    def _topic_deployed(self, at: int, fact: TopicDeployed) -> None:
        counts = dict.fromkeys(("published", "delivered", "failed", "filtered"), 0)
        self._topics[fact.topic] = {"shown_as": fact.shown_as, **counts}

    def _table_deployed(self, at: int, fact: TableDeployed) -> None:
        self._tables[fact.table] = _Table(fact.shown_as)

    def _table_deleted(self, at: int, fact: TableDeleted) -> None:
        self._tables.pop(fact.table, None)

    def _sent(self, at: int, fact: MessageSent) -> None:
        queue = self._queues[fact.queue]
        queue.sent += fact.moved_from is None
        queue.messages[fact.message_id] = _Message(fact.body, fact.group, at, at + fact.delay_us)

    def _received(self, at: int, fact: MessageReceived) -> None:
        queue = self._queues[fact.queue]
        queue.received += 1
        message = queue.messages[fact.message_id]
        message.receive_count, message.visible_at = fact.receive_count, at + fact.hidden_us

    def _visibility_changed(self, at: int, fact: MessageVisibilityChanged) -> None:
        self._queues[fact.queue].messages[fact.message_id].visible_at = at + fact.hidden_us

    def _duplicated(self, at: int, fact: MessageDuplicated) -> None:
        self._queues[fact.queue].messages[fact.message_id].visible_at = at

    def _deleted(self, at: int, fact: MessageDeleted) -> None:
        queue = self._queues[fact.queue]
        queue.messages.pop(fact.message_id, None)
        queue.deleted += fact.reason == "deleted"
        queue.moved += fact.reason == "moved"

    def _accepted(self, at: int, fact: MessageAccepted) -> None:
        self._count(fact.topic, "published")

    def _count(self, topic: str, what: str) -> None:
        self._topics[topic][what] += 1

    def _published(self, at: int, fact: MessagePublished) -> None:
        topic = self._topics[fact.topic]
        topic["published"] += 1
        topic["delivered"] += fact.delivered
        topic["failed"] += fact.failed

    def _written(self, at: int, fact: ItemWritten) -> None:
        table = self._tables[fact.table]
        table.writes += 1
        table.items[_key(fact.key)] = fact.item

    def _item_deleted(self, at: int, fact: ItemDeleted) -> None:
        table = self._tables[fact.table]
        table.writes += 1
        table.items.pop(_key(fact.key), None)

    def _read(self, at: int, fact: ItemRead) -> None:
        self._tables[fact.table].reads += 1

    def _conflict(self, at: int, fact: ItemConflict) -> None:
        self._tables[fact.table].conflicts += 1

    def queue_names(self) -> dict[str, str]:
        """What people call the queues, by their ARNs."""
        return {arn("sqs", name): queue.shown_as for name, queue in self._queues.items()}

    def result(self, now: int) -> dict[str, Any]:
        """``queues``, ``topics`` and ``tables`` of the summary, as they stand at ``now``."""
        return {
            "queues": {queue.shown_as: _queue(queue, now) for queue in self._queues.values()},
            "topics": {t["shown_as"]: {k: v for k, v in t.items() if k != "shown_as"} for t in self._topics.values()},
            "tables": {table.shown_as: _table(table) for table in self._tables.values()},
        }


def _queue(queue: _Queue, now: int) -> dict[str, Any]:
    hidden = [m for m in queue.messages.values() if m.visible_at > now]
    delayed = sum(m.receive_count == 0 for m in hidden)
    waiting = [m.sent_at for m in queue.messages.values() if m.visible_at <= now]
    first = list(queue.messages.items())[:MESSAGES_MAX]
    return {
        "sent": queue.sent,
        "received": queue.received,
        "deleted": queue.deleted,
        "visible": len(queue.messages) - len(hidden),
        "in_flight": len(hidden) - delayed,
        "delayed": delayed,
        "oldest_age_s": (now - min(waiting)) / SECOND if waiting else 0,
        "moved_to_dlq": queue.moved,
        "messages": [{"id": i, "body": m.body, "receive_count": m.receive_count, "group": m.group} for i, m in first],
        "message_count": len(queue.messages),
    }


def _table(table: _Table) -> dict[str, Any]:
    items = [{name: _plain(value) for name, value in item.items()} for item in table.items.values()]
    return {
        "items": items[:ITEMS_MAX],
        "item_count": len(items),
        "writes": table.writes,
        "reads": table.reads,
        "conflicts": table.conflicts,
    }


def _key(key: dict[str, Any]) -> str:
    return json.dumps(key, sort_keys=True)


def _plain(value: Any) -> Any:
    """DynamoDB's typed JSON as plain JSON."""
    if not isinstance(value, dict) or len(value) != 1:
        return value
    kind, content = next(iter(value.items()))
    if kind == "N":
        return float(content) if any(c in content for c in ".eE") else int(content)
    if kind == "M":
        return {name: _plain(item) for name, item in content.items()}
    if kind == "L":
        return [_plain(item) for item in content]
    return None if kind == "NULL" else content
