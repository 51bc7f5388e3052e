"""Sentences about the asynchronous event queue."""

from __future__ import annotations

from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.trace.names import Names
from lambdalab.simulator.trace.words import count, duration, first, resource

NOTHING_KEEPS_IT = " Nothing is configured to keep it: it is lost."
CONDITION_WORDS = {
    "RetriesExhausted": "its retries are used up",
    "EventAgeExceeded": "it would become older than its maximum age",
    "ZeroReservedConcurrency": "the function's reserved concurrency is 0",
    "RecursionDetected": "it went round in a loop",
    "FunctionDeleted": "its function is deleted",
    "Success": "success",
}


def of_async(fact: f.AsyncQueueFact, names: Names) -> str:
    """The sentence."""
    if isinstance(fact, f.EventInvokeConfigured):
        return _configured(fact, names.name(fact.function))
    label = names.label(fact.request_id)
    match fact:
        case f.AsyncEventReceived():
            return f"Lambda accepts {label} for {names.name(fact.function)} (202) and queues it."
        case f.AsyncEventDuplicated():
            return f"The queue will deliver {label} a second time, although nothing failed."
        case f.RetryScheduled():
            why = {"FunctionError": "failed", "Throttled": "was throttled", "SystemError": "met a system error"}
            return f"{first(label)} {why[fact.reason]} and goes back to the queue for {duration(fact.delay_us)}."
        case f.AsyncEventSucceeded():
            return f"{first(label)} is done after {count(fact.attempts, 'attempt')}."
        case f.AsyncEventDiscarded():
            nobody = " It is lost." if fact.condition == "FunctionDeleted" else NOTHING_KEEPS_IT
            lost = "" if fact.kept else nobody
            tried = count(fact.attempts, "attempt")
            return f"{first(label)} is given up after {tried}: {CONDITION_WORDS[fact.condition]}.{lost}"
        case f.AsyncEventDeadLettered():
            return f"{first(label)} goes to the dead-letter queue {resource(fact.target)}."
        case f.DeadLetterFailed():
            return f"The dead-letter queue {resource(fact.target)} refused {label}, so it is lost: {fact.error}"
        case f.DestinationDelivered():
            return f"The record of {label} ({fact.condition}) reaches {resource(fact.target)}."
        case f.DestinationFailed():
            return f"The destination {resource(fact.target)} refused the record of {label}: {fact.error}"


def _configured(fact: f.EventInvokeConfigured, name: str) -> str:
    what = name if fact.qualifier == "$LATEST" else f"{name}:{fact.qualifier}"
    ends = [
        f" Records of {result} go to {target.rsplit(':', 1)[-1]}."
        for result, target in (("successes", fact.on_success), ("failures", fact.on_failure))
        if target
    ]
    attempts, age = count(fact.retry_attempts + 1, "attempt"), duration(fact.event_age_s * SECOND)
    return f"Events to {what} get {attempts} at most and {age} in all.{''.join(ends)}"
