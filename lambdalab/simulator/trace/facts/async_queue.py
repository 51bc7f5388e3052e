"""Facts of the asynchronous event queue: one event from its acceptance to its end."""

from __future__ import annotations

__all__ = (
    "AsyncEventDeadLettered", "AsyncEventDiscarded", "AsyncEventDuplicated", "AsyncEventReceived",
    "AsyncEventSucceeded", "AsyncQueueFact", "DeadLetterFailed", "DestinationDelivered", "DestinationFailed",
    "EventInvokeConfigured", "RetryScheduled",
)  # fmt: skip

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded

Condition = Literal[
    "RetriesExhausted", "EventAgeExceeded", "ZeroReservedConcurrency", "RecursionDetected", "FunctionDeleted"
]


class EventInvokeConfigured(Recorded, frozen=True):
    """How asynchronous events that come by this qualifier are treated from now on; destinations are ARNs."""

    kind: ClassVar[Literal["event_invoke.configured"]] = "event_invoke.configured"
    function: str
    qualifier: str
    retry_attempts: int
    event_age_s: int
    on_success: str | None
    on_failure: str | None


class AsyncEventReceived(Recorded, frozen=True):
    """Lambda accepted an event (202) and put it into the function's queue. ``label`` names it on pages."""

    kind: ClassVar[Literal["async.received"]] = "async.received"
    request_id: str
    function: str
    qualifier: str
    source: str
    label: str | None
    payload: str


class AsyncEventDuplicated(Recorded, frozen=True):
    """The queue will deliver this event a second time although nothing failed: delivery is at least once."""

    kind: ClassVar[Literal["async.duplicated"]] = "async.duplicated"
    request_id: str
    function: str


class RetryScheduled(Recorded, frozen=True):
    """An event went back to its queue and will be tried again.

    ``attempt`` is the 1-based number of the attempt that just ended; a throttle used no attempt, so there it is the
    number of attempts made so far. ``delay_us`` is what the model chose before queueing.
    """

    kind: ClassVar[Literal["async.retry_scheduled"]] = "async.retry_scheduled"
    request_id: str
    function: str
    attempt: int
    delay_us: int
    reason: Literal["FunctionError", "Throttled", "SystemError"]


class AsyncEventSucceeded(Recorded, frozen=True):
    """The function returned without an error; the event is done. ``attempts`` says how many runs it took."""

    kind: ClassVar[Literal["async.succeeded"]] = "async.succeeded"
    request_id: str
    function: str
    attempts: int
    age_us: int


class AsyncEventDiscarded(Recorded, frozen=True):
    """Lambda gave the event up. Whether it survives depends on a dead-letter queue or an on-failure destination."""

    kind: ClassVar[Literal["async.discarded"]] = "async.discarded"
    request_id: str
    function: str
    attempts: int
    age_us: int
    condition: Condition
    kept: bool


class AsyncEventDeadLettered(Recorded, frozen=True):
    """A copy of the discarded event reached the function's dead-letter queue."""

    kind: ClassVar[Literal["async.dead_lettered"]] = "async.dead_lettered"
    request_id: str
    function: str
    target: str
    error_code: int
    error_message: str


class DeadLetterFailed(Recorded, frozen=True):
    """The dead-letter queue refused the event; it is lost (metric DeadLetterErrors)."""

    kind: ClassVar[Literal["async.dead_letter_failed"]] = "async.dead_letter_failed"
    request_id: str
    function: str
    target: str
    error: str


class DestinationDelivered(Recorded, frozen=True):
    """The record of an asynchronous invocation reached a destination."""

    kind: ClassVar[Literal["async.destination_delivered"]] = "async.destination_delivered"
    request_id: str
    function: str
    target: str
    condition: str
    record: str


class DestinationFailed(Recorded, frozen=True):
    """A destination refused the record; the record is lost (metric DestinationDeliveryFailures)."""

    kind: ClassVar[Literal["async.destination_failed"]] = "async.destination_failed"
    request_id: str
    function: str
    target: str
    condition: str
    error: str


AsyncQueueFact = (
    EventInvokeConfigured
    | AsyncEventReceived
    | AsyncEventDuplicated
    | RetryScheduled
    | AsyncEventSucceeded
    | AsyncEventDiscarded
    | AsyncEventDeadLettered
    | DeadLetterFailed
    | DestinationDelivered
    | DestinationFailed
)
