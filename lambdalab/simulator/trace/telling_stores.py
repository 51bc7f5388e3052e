"""Sentences about messages of queues and items of tables."""

from __future__ import annotations

import json

from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.trace.words import count, duration


def of_store(fact: f.MessageFact) -> str:
    """The sentence."""
    match fact:
        case f.MessageSent():
            moved = f", moved from {fact.moved_from}" if fact.moved_from else ""
            return f"A message enters the queue {fact.queue}{moved}."
        case f.MessageReceived():
            return f"A consumer receives a message of {fact.queue} (receive {fact.receive_count})."
        case f.MessageVisibilityChanged():
            return f"A consumer of {fact.queue} hides its message for {duration(fact.hidden_us)} from now on."
        case f.MessageDuplicated():
            return f"A copy of a message stays in {fact.queue} although a consumer has it: it will be received twice."
        case f.MessageDeduplicated():
            return f"{fact.queue} has had this deduplication id in the last five minutes: the copy is dropped."
        case f.MessageDeleted():
            return f"A message leaves the queue {fact.queue} ({fact.reason})."
        case f.MessagePublished():
            return f"A message is published to {fact.topic}: {fact.delivered} delivered, {fact.failed} failed."
        case f.ItemWritten():
            return f"{fact.operation} writes {_key(fact.key)} into {fact.table}."
        case f.ItemDeleted():
            why = ": its time to live is over" if fact.expired else ""
            return f"{_key(fact.key)} is deleted from {fact.table}{why}."
        case f.ItemRead():
            return f"{fact.operation} reads {fact.table}: {count(fact.found, 'item')}."
        case f.ItemConflict():
            return f"{fact.operation} on {fact.table} writes nothing: its condition does not hold for {_key(fact.key)}."


def _key(key: dict[str, object]) -> str:
    values = [next(iter(v.values())) if isinstance(v, dict) and v else v for v in key.values()]
    return " / ".join(v if isinstance(v, str) else json.dumps(v) for v in values) or "an item"
