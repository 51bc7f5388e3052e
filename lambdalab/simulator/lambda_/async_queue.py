"""The asynchronous event queue: Lambda accepts an event, answers 202, and sees it through to its end. Fact A.3."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import Micros, Process
from lambdalab.simulator.lambda_.destinations import Ending, dead_letter, deliver_record
from lambdalab.simulator.lambda_.function import LATEST, EventInvokeConfig, Function
from lambdalab.simulator.lambda_.invocation import Invoker, Result, Work
from lambdalab.simulator.lambda_.recursion import Lineage, is_loop
from lambdalab.simulator.lambda_.registry import Registered
from lambdalab.simulator.lambda_.routes import Routes
from lambdalab.simulator.lambda_.tracing import Trace
from lambdalab.simulator.trace.facts import (
    AsyncEventDiscarded,
    AsyncEventDuplicated,
    AsyncEventReceived,
    AsyncEventSucceeded,
    RetryScheduled,
)
from lambdalab.simulator.trace.facts.async_queue import Condition
from lambdalab.simulator.vocabulary.assumptions.asynchronous import BACKOFF_BASE, PICK_UP_MEDIAN, RETRY_JITTER
from lambdalab.simulator.vocabulary.quotas import BACKOFF_MAX, BACKOFF_MIN, FUNCTION_ERROR_DELAYS


@dataclass(slots=True)
class QueuedEvent:
    """One event in the queue, with what has been tried so far. ``function`` is the version tried last."""

    registered: Registered
    qualifier: str | None
    function: Function
    request_id: str
    payload: str
    source: str
    accepted_at: Micros
    attempts: int = 0
    errors: int = 0
    backoffs: int = 0
    last: Result | None = None
    trace: Trace | None = None
    lineage: Lineage | None = None
    loops: bool = False  # it is one round too many

    @property
    def config(self) -> EventInvokeConfig:
        """How events that came by this qualifier are treated, as it is configured now."""
        return self.registered.event_invoke_of(self.qualifier or LATEST)


class AsyncQueue:
    """The queue in front of every function of the account. All retries of one event share its request id."""

    def __init__(self, world: World, invoker: Invoker, routes: Routes) -> None:
        self._world = world
        self._invoker = invoker
        self._routes = routes

    def accept(
        self,
        registered: Registered,
        qualifier: str | None,
        request_id: str,
        payload: str,
        source: str,
        label: str | None,
        trace_header: str | None = None,
        lineage: Lineage | None = None,
    ) -> None:
        """Take an event in. No concurrency is checked here: even a throttled function accepts."""
        world, name, asked = self._world, registered.name, qualifier or LATEST
        main = registered.behind(asked)
        world.trace.record(AsyncEventReceived(request_id, name, asked, source, label, payload[:4096]))
        trace = self._invoker.tracer.accept(main, request_id, trace_header)
        event = QueuedEvent(
            registered, qualifier, main, request_id, payload, source, world.kernel.now, trace=trace, lineage=lineage
        )
        event.loops = lineage is not None and is_loop(lineage, name, registered.recursive_loop)
        world.kernel.spawn(self._deliver(event))
        if world.faults.striking("duplicate", "async"):
            world.trace.record(AsyncEventDuplicated(request_id, name))
            world.kernel.spawn(self._deliver(replace(event)))

    def _deliver(self, event: QueuedEvent) -> Process[None]:
        """Drive one event until it succeeds or is discarded.

        Function errors use up MaximumRetryAttempts. Throttles and system errors use up none: they back off, doubling,
        until the event would be older than MaximumEventAgeInSeconds. The age is checked when a retry is scheduled,
        before its delay (recorded behaviour, LS test_maxeventage 2025-11-27).
        """
        kernel = self._world.kernel
        yield from kernel.sleep(self._pick_up_delay())
        while True:
            if event.registered.deleted:
                self._forget(event)
                return
            if event.registered.reserved_concurrency == 0:
                yield from self._discard(event, "ZeroReservedConcurrency")
                return
            if event.loops:
                yield from self._discard(event, "RecursionDetected")
                return
            if kernel.now > event.accepted_at + event.config.event_age:  # which somebody has shortened meanwhile
                yield from self._discard(event, "EventAgeExceeded")
                return
            outcome = yield from self._attempt(event)
            if outcome == "ok":
                yield from self._succeed(event)
                return
            delay = self._next_delay(event, outcome)
            if delay is None:
                yield from self._discard(event, "RetriesExhausted")
                return
            if kernel.now + delay > event.accepted_at + event.config.event_age:
                yield from self._discard(event, "EventAgeExceeded")
                return
            self._world.trace.record(
                RetryScheduled(event.request_id, event.function.name, event.attempts, delay, outcome)
            )
            yield from kernel.sleep(delay)

    def _attempt(self, event: QueuedEvent) -> Process[Literal["ok", "FunctionError", "Throttled", "SystemError"]]:
        attempt, qualifier = event.attempts + 1, event.qualifier
        version = self._routes.version_for(event.registered, qualifier, event.request_id)
        if version is None:  # its version or alias is gone, and may come back (assumption A-210)
            return "SystemError"
        event.function = version
        work = Work(
            event.function,
            event.request_id,
            event.payload,
            "Event",
            event.source,
            attempt,
            qualifier,
            trace=event.trace,
            lineage=event.lineage,
        )
        result = yield from self._invoker.invoke(work)
        if result.status == "throttled":
            return "Throttled"
        if result.status == "refused":
            return "SystemError"
        event.attempts += 1
        event.last = result
        return "ok" if result.status == "ok" else "FunctionError"

    def _next_delay(self, event: QueuedEvent, outcome: str) -> Micros | None:
        """How long the event waits now; None when its retries are used up."""
        if outcome in ("Throttled", "SystemError"):
            event.backoffs += 1
            return Micros(min(BACKOFF_MAX, BACKOFF_MIN * BACKOFF_BASE ** min(event.backoffs - 1, 16)))
        event.errors += 1
        if event.errors > event.config.retry_attempts:
            return None
        draw = self._world.kernel.random_for("async/retry").uniform(-RETRY_JITTER, RETRY_JITTER)
        return Micros(round(FUNCTION_ERROR_DELAYS[event.errors - 1] * (1 + draw)))

    def _pick_up_delay(self) -> Micros:
        return Micros(round(PICK_UP_MEDIAN * self._world.kernel.random_for("async/pick-up").uniform(0.5, 1.5)))

    def _succeed(self, event: QueuedEvent) -> Process[None]:
        self._world.trace.record(
            AsyncEventSucceeded(event.request_id, event.function.name, event.attempts, self._age(event))
        )
        target = event.config.on_success
        if target:
            yield from deliver_record(self._world, event.function, target, self._ending(event, "Success"))

    def _discard(self, event: QueuedEvent, condition: Condition) -> Process[None]:
        """Give the event up: a dead-letter queue gets a copy, an on-failure destination a record."""
        function, on_failure = event.function, event.config.on_failure
        dead_letter_queue = event.registered.latest.dead_letter  # its versions use it too. Fact E.2
        kept = bool(dead_letter_queue or on_failure)
        self._world.trace.record(
            AsyncEventDiscarded(event.request_id, function.name, event.attempts, self._age(event), condition, kept)
        )
        ending = self._ending(event, condition)
        if dead_letter_queue:
            yield from dead_letter(self._world, function, dead_letter_queue, ending)
        if on_failure:
            yield from deliver_record(self._world, function, on_failure, ending)

    def _forget(self, event: QueuedEvent) -> None:
        """The function is gone, with its dead-letter queue and its destinations (assumption A-210)."""
        self._world.trace.record(
            AsyncEventDiscarded(
                event.request_id, event.function.name, event.attempts, self._age(event), "FunctionDeleted", False
            )
        )

    def _age(self, event: QueuedEvent) -> Micros:
        return Micros(self._world.kernel.now - event.accepted_at)

    def _ending(self, event: QueuedEvent, condition: str) -> Ending:
        last = event.last
        return Ending(
            event.request_id,
            event.payload,
            condition,
            event.attempts,
            event.qualifier or LATEST,
            last.payload if last else None,
            (last.error or None) if last else None,
            event.lineage or {event.function.name: 1},
        )
