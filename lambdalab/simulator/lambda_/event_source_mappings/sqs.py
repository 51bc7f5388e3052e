"""The pollers of a queue's mapping: receive, filter, gather batches, scale. Source: fact D.3."""

from __future__ import annotations

import json
from collections.abc import Mapping as Table
from typing import Any, Literal, Protocol

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import SECOND, Micros, Process, Signal
from lambdalab.simulator.lambda_.event_source_mappings.batches import fitting
from lambdalab.simulator.lambda_.event_source_mappings.delivery import Delivery
from lambdalab.simulator.lambda_.event_source_mappings.filtering import Filter
from lambdalab.simulator.lambda_.event_source_mappings.mapping import Mapping
from lambdalab.simulator.lambda_.event_source_mappings.queue_batches import Held, QueueBatches, Trouble
from lambdalab.simulator.lambda_.event_source_mappings.records import sqs_record
from lambdalab.simulator.lambda_.event_source_mappings.scaling import Backlog, Bounds
from lambdalab.simulator.lambda_.event_source_mappings.settings import QueueSource
from lambdalab.simulator.lambda_.recursion import Lineage
from lambdalab.simulator.trace.facts import MappingScaled, PollRefused, RecordsPolled
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.assumptions.queues import POLL_BACKOFF_MAX, POLL_BACKOFF_MIN
from lambdalab.simulator.vocabulary.errors import AwsError

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


class QueuePollers:
    """The pollers of one mapping, while it is enabled. Each is a process, and has one batch under way."""

    def __init__(self, world: World, mapping: Mapping, delivery: Delivery, queues: Queues) -> None:
        self._world = world
        self._mapping = mapping
        self._settings = mapping.settings
        self._queues = queues
        self._filter = Filter(mapping.settings.filters, "body")
        self._bounds = Bounds.of(mapping.settings)
        self._backlog = Backlog()
        self._batches = QueueBatches(world, mapping, delivery, lambda: self._backlog.pause(world.kernel.now))
        self._stopping = False
        self._watching = False
        self._pollers = 0
        self._numbers = 0
        self._refused = 0
        self._grows: Signal = world.kernel.signal()
        self._ended: Signal = world.kernel.signal()

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
        spare: list[Held] = []
        leaving: ScaledBy | None = None
        while leaving is None and (spare or not self._stopping):
            batch, spare, ended = yield from self._gather(number, spare)
            if batch:
                self._wake_up()
                trouble = yield from self._batches.see_through(batch)
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

    def _shrink(self, trouble: Trouble) -> ScaledBy | None:
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
        answer = yield from self._batches.call("ReceiveMessage", params)
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
        yield from self._batches.delete(dropped)
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


def _fitting(batch: list[Held]) -> int:
    """How many of the records fit into one event."""
    return fitting([held.size for held in batch])
