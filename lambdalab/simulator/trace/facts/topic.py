"""Facts of topics: what was accepted, who did not want it, and what became of each subscriber."""

from __future__ import annotations

__all__ = (
    "MessageAccepted", "TopicDeduplicated", "TopicDelivered", "TopicFact", "TopicFiltered", "TopicGivenUp",
    "TopicRetried", "TopicSubscribed",
)  # fmt: skip

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class TopicSubscribed(Recorded, frozen=True):
    """A subscription was made, changed, confirmed, or is ``gone``. ``filter`` is its filter policy as JSON text."""

    kind: ClassVar[Literal["topic.subscribed"]] = "topic.subscribed"
    topic: str
    subscription: str
    protocol: str
    endpoint: str
    state: Literal["pending", "confirmed", "gone"]
    raw: bool
    filter: str | None


class MessageAccepted(Recorded, frozen=True):
    """A topic has accepted a message of ``source``; its deliveries follow."""

    kind: ClassVar[Literal["topic.accepted"]] = "topic.accepted"
    topic: str
    message_id: str
    message: str
    group: str | None
    source: str


class TopicDeduplicated(Recorded, frozen=True):
    """A FIFO topic accepted a copy of ``message_id`` within five minutes, and does not deliver it."""

    kind: ClassVar[Literal["topic.deduplicated"]] = "topic.deduplicated"
    topic: str
    message_id: str
    deduplication_id: str


class TopicFiltered(Recorded, frozen=True):
    """A subscriber's filter policy does not let the message pass."""

    kind: ClassVar[Literal["topic.filtered"]] = "topic.filtered"
    topic: str
    message_id: str
    subscription: str
    endpoint: str


class TopicDelivered(Recorded, frozen=True):
    """A subscriber has accepted a message, ``age_us`` after the topic. ``body``: what an HTTP endpoint got, 4 KB."""

    kind: ClassVar[Literal["topic.delivered"]] = "topic.delivered"
    topic: str
    message_id: str
    subscription: str
    protocol: str
    endpoint: str
    attempts: int
    age_us: int
    body: str | None


class TopicRetried(Recorded, frozen=True):
    """A subscriber could not be reached; it is tried again after ``delay_us``. ``attempt`` counts from 1."""

    kind: ClassVar[Literal["topic.retried"]] = "topic.retried"
    topic: str
    message_id: str
    subscription: str
    endpoint: str
    attempt: int
    delay_us: int
    error: str


class TopicGivenUp(Recorded, frozen=True):
    """Nothing more is tried for a subscriber. ``dead_letter`` is the ARN of the queue that has the message now."""

    kind: ClassVar[Literal["topic.given_up"]] = "topic.given_up"
    topic: str
    message_id: str
    subscription: str
    endpoint: str
    attempts: int
    error: str
    dead_letter: str | None
    dead_letter_error: str | None


TopicFact = (
    TopicSubscribed | MessageAccepted | TopicDeduplicated | TopicFiltered | TopicDelivered | TopicRetried | TopicGivenUp
)
