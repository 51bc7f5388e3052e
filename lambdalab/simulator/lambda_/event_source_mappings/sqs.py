"""The pollers of a queue's mapping: receive, filter, batch, invoke, delete. Source: fact D.3.

Every call goes through the front door with the function's execution role, as on AWS. What is not deleted becomes
visible again by itself when its own visibility timeout, which began when it was received, is over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping as Table
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.kernel import SECOND, Micros, Process, Signal
from lambdalab.simulator.lambda_.event_source_mappings.delivery import Delivery
from lambdalab.simulator.lambda_.event_source_mappings.filtering import Filter
from lambdalab.simulator.lambda_.event_source_mappings.mapping import Mapping
from lambdalab.simulator.lambda_.event_source_mappings.records import sqs_record
from lambdalab.simulator.lambda_.event_source_mappings.responses import failed_items
from lambdalab.simulator.lambda_.event_source_mappings.scaling import Backlog, Bounds
from lambdalab.simulator.lambda_.event_source_mappings.settings import QueueSource
from lambdalab.simulator.lambda_.invocation import Result
from lambdalab.simulator.lambda_.recursion import Lineage
from lambdalab.simulator.trace.facts import (
    BatchEnded,
    BatchSent,
    BatchThrottled,
    MappingScaled,
    PollRefused,
    RecordsPolled,
)
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.assumptions import (
    BATCH_BACKOFF_MAX,
    BATCH_BACKOFF_MIN,
    POLL_BACKOFF_MAX,
    POLL_BACKOFF_MIN,
)
from lambdalab.simulator.vocabulary.errors import AwsError

OVERHEAD = len('{"Records":[]}')
EVERYTHING = {"MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"]}
ScaledBy = Literal["started", "backlog", "idle", "function errors", "throttles", "settings"]


class Queues(Protocol):
    """What a mapping needs of the service that has the queues, beside its API."""

    def source(self, queue_arn: str) -> QueueSource | None:
        """The queue with this ARN."""
        ...

    def watch(self, queue_arn: str, change: Literal[1, -1]) -> None:
        """A mapping begins or ends to poll the queue."""
        ...

    def lineage(self, queue_arn: str, message_id: str) -> Lineage | None:
        """The chain of invocations that led to a message."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """A message that a poller has received: its record as JSON, and when it becomes visible again."""

    id: str
    receipt: str
    record: str
    size: int
    visible_at: Micros
    lineage: Lineage | None


class QueuePollers:
    """The pollers of one mapping, while it is enabled. Each is a process, and has one batch under way."""

    def __init__(self, world: World, mapping: Mapping, delivery: Delivery, queues: Queues) -> None:
        self._world = world
        self._mapping = mapping
        self._settings = mapping.settings
        self._delivery = delivery
        self._queues = queues
        self._filter = Filter(mapping.settings.filters, "body")
        self._bounds = Bounds.of(mapping.settings)
        self._backlog = Backlog()
        self._stopping = False
        self._watching = False
        self._pollers = 0
        self._numbers = 0
        self._under_way = 0
        self._refused = 0
        self._grows: Signal = world.kernel.signal()
        self._ended: Signal = world.kernel.signal()
        self._source = f"sqs/{mapping.source.rsplit(':', 1)[-1]}"

    def start(self) -> None:
        """Begin to poll."""
        self._watch(True)
        self._add(self._bounds.start, "started")
        self._world.kernel.spawn(self._grow(), background=True)

    def stop(self) -> Signal:
        """End; the signal fires when the polls and batches under way are done. The queue counts for nobody any more."""
        self._stopping = True
        self._watch(False)
        self._grows.fire()
        return self._ended

    def _watch(self, wanted: bool) -> None:
        if wanted != self._watching:
            self._watching = wanted
            self._queues.watch(self._mapping.source, 1 if wanted else -1)

    def _add(self, number: int, reason: ScaledBy) -> None:
        """Let ``number`` more pollers work, as far as that is allowed."""
        number = min(number, self._bounds.most - self._pollers)
        for _ in range(number):
            self._numbers += 1
            self._world.kernel.spawn(self._poller(self._numbers), background=True)
        if number > 0:
            self._scaled(number, reason)

    def _scaled(self, change: int, reason: ScaledBy) -> None:
        self._pollers += change
        self._world.trace.record(MappingScaled(self._mapping.id, self._pollers, reason))

    def _grow(self) -> Process[None]:
        """While there is a backlog, add pollers each second; without one wait for the next batch."""
        kernel, credit = self._world.kernel, 0
        while not self._stopping:
            yield from kernel.sleep(SECOND)
            if not self._backlog.remains(kernel.now, SECOND) or self._pollers >= self._bounds.most:
                self._grows, credit = kernel.signal(), 0
                yield from kernel.wait(self._grows)
            elif not self._backlog.paused(kernel.now):
                number, credit = divmod(credit + self._bounds.per_minute, 60)
                self._add(number, "backlog")

    def _poller(self, number: int) -> Process[None]:
        kernel, spare = self._world.kernel, list[Held]()
        leaving: ScaledBy | None = None
        while leaving is None and (spare or not self._stopping):
            batch, spare, ended = yield from self._gather(number, spare)
            if batch:
                self._wake_up()
                kernel.hold()
                self._under_way += 1
                trouble = yield from self._deliver(batch)
                self._under_way -= 1
                kernel.release()
                leaving = None if trouble is None else self._shrink(trouble)
            elif ended == "empty" and self._pollers > self._bounds.idle:
                leaving = "idle"
        self._pollers -= 1
        if leaving is not None:
            self._scaled(0, leaving)
        if self._stopping and not self._pollers:
            self._ended.fire()

    def _wake_up(self) -> None:
        """A batch has come: an idle mapping has its first five pollers again."""
        if self._pollers < self._bounds.start and not self._backlog.paused(self._world.kernel.now):
            self._add(self._bounds.start - self._pollers, "started")
        self._grows.fire()

    def _shrink(self, trouble: Literal["function errors", "throttles"]) -> ScaledBy | None:
        """After a throttle or a function error no growth for a minute, and one poller less. Fact D.3, scale down"""
        self._backlog.pause(self._world.kernel.now)
        return trouble if self._pollers > self._bounds.idle else None

    def _gather(
        self, poller: int, spare: list[Held]
    ) -> Process[tuple[list[Held], list[Held], Literal["full", "empty", "refused"]]]:
        """A batch, what did not fit into it, and how it ended. A batch ends with its window, its size or 6 MB. D.1"""
        kernel, size = self._world.kernel, self._settings.batch_size
        found: list[Held] | None = spare or (yield from self._poll(poller, min(size, 10), quotas.POLL_WAIT_S))
        if not found:
            return [], [], "refused" if found is None else "empty"
        held = [each for each in found if each.record]
        ends = Micros(kernel.now + self._settings.window_s * SECOND)
        while held and len(held) < size and kernel.now < ends and _fitting(held) == len(held) and not self._stopping:
            left = Micros(ends - kernel.now)
            if left < SECOND:
                yield from kernel.sleep(left)
                break
            wait = min(quotas.POLL_WAIT_S, left // SECOND)
            more = yield from self._poll(poller, min(size - len(held), quotas.QUEUE_RECEIVE_MAX), wait)
            if more is None:
                break
            held += [each for each in more if each.record]
        fitting = min(_fitting(held), size)
        return held[:fitting], held[fitting:], "full"

    def _poll(self, poller: int, number: int, wait_s: int) -> Process[list[Held] | None]:
        """Receive once; None when the queue refuses. What is filtered out is deleted, and has no record."""
        kernel = self._world.kernel
        self._backlog.begin(poller, kernel.now)
        params = {"MaxNumberOfMessages": number, "WaitTimeSeconds": wait_s, **EVERYTHING}
        answer = yield from self._call("ReceiveMessage", params)
        self._backlog.end(poller, kernel.now)
        if isinstance(answer, AwsError):
            yield from self._wait_after(answer)
            return None
        self._refused = 0
        self._watch(not self._stopping)
        messages = answer.output.get("Messages", ())
        queue = self._queues.source(self._mapping.source)
        if not messages or queue is None:
            return []
        visible_at = Micros(kernel.now + queue.visibility_timeout_s * SECOND)
        held = [self._hold(message, visible_at) for message in messages]
        dropped = [each for each in held if not each.record]
        self._world.trace.record(RecordsPolled(self._mapping.id, len(held), len(dropped)))
        yield from self._delete(dropped)
        return held

    def _hold(self, message: Table[str, Any], visible_at: Micros) -> Held:
        record = sqs_record(message, self._mapping.source)
        text = json.dumps(record, separators=(",", ":")) if self._filter.passes(record) else ""
        lineage = self._queues.lineage(self._mapping.source, message["MessageId"])
        return Held(message["MessageId"], message["ReceiptHandle"], text, len(text.encode()), visible_at, lineage)

    def _wait_after(self, error: AwsError) -> Process[None]:
        """The queue refuses: tell it once, and try again later. Nothing can be received meanwhile."""
        if not self._refused:
            self._world.trace.record(PollRefused(self._mapping.id, error.code, error.message[:1000]))
        self._mapping.result = f"PROBLEM: {error.message}"
        if error.status < 500:
            self._watch(False)
        delay = min(POLL_BACKOFF_MAX, POLL_BACKOFF_MIN * 2 ** min(self._refused, 10))
        self._refused += 1
        yield from self._world.kernel.sleep(Micros(delay))

    def _deliver(self, batch: list[Held]) -> Process[Literal["function errors", "throttles"] | None]:
        """See one batch through. Returns what went wrong as far as scaling is concerned."""
        mapping, trace = self._mapping, self._world.trace
        request_id = self._world.new_uuid("request")
        payload = f'{{"Records":[{",".join(held.record for held in batch)}]}}'
        size = OVERHEAD + sum(held.size for held in batch) + len(batch) - 1
        trace.record(BatchSent(mapping.id, request_id, mapping.function, len(batch), size, self._under_way))
        result = yield from self._attempt(batch, request_id, payload)
        outcome, failed = self._outcome(batch, result)
        mapping.result = "OK" if outcome in ("ok", "partial") else "PROBLEM: Function call failed"
        done = [held for held in batch if held.id not in failed]
        yield from self._delete(done)
        trace.record(
            BatchEnded(mapping.id, request_id, mapping.function, outcome, len(batch), len(failed), len(done))
        )
        if outcome == "throttled":
            return "throttles"
        return "function errors" if outcome in ("failed", "refused") and not self._settings.partial else None

    def _attempt(self, batch: list[Held], request_id: str, payload: str) -> Process[Result]:
        """Invoke; where there is no room, again until the first message becomes visible. Fact D.3, throttle"""
        kernel, mapping, delay = self._world.kernel, self._mapping, BATCH_BACKOFF_MIN
        patience, lineage = min(held.visible_at for held in batch), _joined(batch)
        while True:
            result = yield from self._delivery.invoke(mapping, request_id, payload, self._source, lineage)
            if result.status != "throttled" or kernel.now + delay >= patience:
                return result
            self._backlog.pause(kernel.now)
            reason = result.reason or ""
            self._world.trace.record(BatchThrottled(mapping.id, request_id, mapping.function, delay, reason))
            yield from kernel.sleep(delay)
            delay = Micros(min(BATCH_BACKOFF_MAX, delay * 2))

    def _outcome(
        self, batch: list[Held], result: Result
    ) -> tuple[Literal["ok", "partial", "failed", "malformed", "throttled", "refused"], frozenset[str]]:
        everything = frozenset(held.id for held in batch)
        if result.status == "throttled":
            return "throttled", everything
        if result.status == "refused":
            return "refused", everything
        if result.status != "ok":
            return "failed", everything
        if not self._settings.partial:
            return "ok", frozenset()
        failed = failed_items(result.payload, everything)
        if failed is None:
            return "malformed", everything
        return ("partial" if failed else "ok"), failed

    def _delete(self, done: list[Held]) -> Process[None]:
        for begin in range(0, len(done), quotas.QUEUE_BATCH_MAX):
            part = done[begin : begin + quotas.QUEUE_BATCH_MAX]
            entries = [{"Id": str(n), "ReceiptHandle": held.receipt} for n, held in enumerate(part)]
            yield from self._call("DeleteMessageBatch", {"Entries": entries})

    def _call(self, operation: str, params: dict[str, Any]) -> Process[Answer | AwsError]:
        function = self._delivery.role_of(self._mapping)
        if function is None:
            return AwsError("ResourceNotFoundException", "Function does not exist", 404)
        url = self._mapping.source.rsplit(":", 1)[-1]
        source = f"lambda/{self._mapping.shown_as}"
        request = Request(function.role, "sqs", operation, {"QueueUrl": url, **params}, source)
        return (yield from self._world.api.call(request))


def _fitting(batch: list[Held]) -> int:
    """How many of the records an event of 6 MB takes; one at least."""
    size = OVERHEAD
    for number, held in enumerate(batch):
        size += held.size + 1
        if number and size > quotas.PAYLOAD_SYNC_BYTES:
            return number
    return len(batch)


def _joined(batch: list[Held]) -> Lineage | None:
    """The chains of all records as one: of each function the longest."""
    chains = [held.lineage for held in batch if held.lineage]
    if not chains:
        return None
    return {name: max(chain.get(name, 0) for chain in chains) for name in sorted({n for c in chains for n in c})}
