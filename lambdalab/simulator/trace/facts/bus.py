"""Facts of event buses and schedules: what was put, which rules it met, what became of each target."""

from __future__ import annotations

__all__ = (
    "BusCreated", "BusDeleted", "BusFact", "EventDuplicated", "EventPut", "RuleConfigured", "RuleFired",
    "ScheduleConfigured", "ScheduleDeleted", "ScheduleFired", "TargetGivenUp", "TargetReached", "TargetRetried",
)  # fmt: skip

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class BusCreated(Recorded, frozen=True):
    """An event bus exists."""

    kind: ClassVar[Literal["bus.created"]] = "bus.created"
    bus: str
    shown_as: str
    arn: str


class BusDeleted(Recorded, frozen=True):
    """An event bus is gone."""

    kind: ClassVar[Literal["bus.deleted"]] = "bus.deleted"
    bus: str


class RuleConfigured(Recorded, frozen=True):
    """What a rule looks for (``pattern`` as JSON text, ``schedule`` an expression), and its targets: (id, ARN)."""

    kind: ClassVar[Literal["rule.configured"]] = "rule.configured"
    bus: str
    rule: str
    state: str
    pattern: str | None
    schedule: str | None
    targets: tuple[tuple[str, str], ...]


class EventPut(Recorded, frozen=True):
    """An event reached a bus: put by ``put_by`` in the trace's words. ``matched`` are the rules that it meets.

    ``detail`` is its first 4 KB as JSON text. ``chunks`` of 64 KB are what a custom event costs, 0 for a free one.
    A bus that does not exist takes an event in and loses it: ``lost``.
    """

    kind: ClassVar[Literal["event.put"]] = "event.put"
    bus: str
    event_id: str
    source: str
    detail_type: str
    detail: str
    put_by: str
    matched: tuple[str, ...]
    chunks: int
    lost: bool = False


class RuleFired(Recorded, frozen=True):
    """A rule's schedule was due at ``due_us`` of virtual time, and makes an event."""

    kind: ClassVar[Literal["rule.fired"]] = "rule.fired"
    bus: str
    rule: str
    event_id: str
    due_us: int


class ScheduleConfigured(Recorded, frozen=True):
    """A schedule of EventBridge Scheduler: when it is due (``zone`` is an IANA time zone) and the ARN of what it calls.

    It may be ``window_minutes`` late.
    """

    kind: ClassVar[Literal["schedule.configured"]] = "schedule.configured"
    schedule: str
    group: str
    expression: str
    zone: str
    state: str
    target: str
    window_minutes: int


class ScheduleFired(Recorded, frozen=True):
    """A schedule was due at ``due_us`` of virtual time."""

    kind: ClassVar[Literal["schedule.fired"]] = "schedule.fired"
    schedule: str
    group: str
    execution_id: str
    due_us: int


class ScheduleDeleted(Recorded, frozen=True):
    """A schedule is gone."""

    kind: ClassVar[Literal["schedule.deleted"]] = "schedule.deleted"
    schedule: str
    group: str


class EventDuplicated(Recorded, frozen=True):
    """A rule gets an event a second time: delivery is at least once."""

    kind: ClassVar[Literal["event.duplicated"]] = "event.duplicated"
    bus: str
    rule: str
    event_id: str


class TargetReached(Recorded, frozen=True):
    """A target has accepted what was sent to it, ``age_us`` after the event. ``via``: ``rule/NAME`` or ``schedule/…``.

    ``bus`` is None for a schedule.
    """

    kind: ClassVar[Literal["target.reached"]] = "target.reached"
    event_id: str
    bus: str | None
    via: str
    target: str
    attempts: int
    age_us: int


class TargetRetried(Recorded, frozen=True):
    """A target could not be reached; it is tried again after ``delay_us``. ``attempt`` counts from 1."""

    kind: ClassVar[Literal["target.retried"]] = "target.retried"
    event_id: str
    bus: str | None
    via: str
    target: str
    attempt: int
    delay_us: int
    error: str


class TargetGivenUp(Recorded, frozen=True):
    """Nothing more is tried for a target. ``condition`` is the limit that ended it, None for an error that stays.

    ``dead_letter`` is the ARN of the queue that has the event now; ``dead_letter_error`` why it does not.
    """

    kind: ClassVar[Literal["target.given_up"]] = "target.given_up"
    event_id: str
    bus: str | None
    via: str
    target: str
    attempts: int
    age_us: int
    code: str
    error: str
    condition: Literal["MaximumRetryAttempts", "MaximumEventAgeInSeconds"] | None
    dead_letter: str | None
    dead_letter_error: str | None


BusFact = (
    BusCreated
    | BusDeleted
    | RuleConfigured
    | EventPut
    | RuleFired
    | ScheduleConfigured
    | ScheduleFired
    | ScheduleDeleted
    | EventDuplicated
    | TargetReached
    | TargetRetried
    | TargetGivenUp
)
