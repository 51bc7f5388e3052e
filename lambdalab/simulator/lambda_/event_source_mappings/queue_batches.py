"""One batch of a queue's messages: invoke, delete what is done. Source: fact D.3.

Every call goes through the front door with the function's execution role, as on AWS. What is not deleted becomes
visible again by itself when its own visibility timeout, which began when it was received, is over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from lambdalab.simulator.account import Answer, World
from lambdalab.simulator.kernel import Micros, Process
from lambdalab.simulator.lambda_.event_source_mappings.batches import OVERHEAD, ending, joined
from lambdalab.simulator.lambda_.event_source_mappings.delivery import Delivery
from lambdalab.simulator.lambda_.event_source_mappings.mapping import Mapping
from lambdalab.simulator.lambda_.invocation import Result
from lambdalab.simulator.lambda_.recursion import Lineage
from lambdalab.simulator.trace.facts import BatchEnded, BatchSent, BatchThrottled
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.assumptions.queues import BATCH_BACKOFF_MAX, BATCH_BACKOFF_MIN
from lambdalab.simulator.vocabulary.errors import AwsError

Trouble = Literal["function errors", "throttles"]


@dataclass(frozen=True, slots=True)
class Held:
    """A message that a poller has received: its record as JSON, and when it becomes visible again."""

    id: str
    receipt: str
    record: str
    size: int
    visible_at: Micros
    lineage: Lineage | None


class QueueBatches:
    """Sees the batches of one mapping through. ``no_room`` is told of each throttle."""

    def __init__(self, world: World, mapping: Mapping, delivery: Delivery, no_room: Callable[[], None]) -> None:
        self._world = world
        self._mapping = mapping
        self._settings = mapping.settings
        self._delivery = delivery
        self._no_room = no_room
        self._under_way = 0
        self._name = mapping.source.rsplit(":", 1)[-1]

    def see_through(self, batch: list[Held]) -> Process[Trouble | None]:
        """Invoke with one batch. Returns what went wrong as far as scaling is concerned."""
        self._world.kernel.hold()
        self._under_way += 1
        trouble = yield from self._deliver(batch)
        self._under_way -= 1
        self._world.kernel.release()
        return trouble

    def _deliver(self, batch: list[Held]) -> Process[Trouble | None]:
        mapping, trace = self._mapping, self._world.trace
        request_id = self._world.new_uuid("request")
        payload = f'{{"Records":[{",".join(held.record for held in batch)}]}}'
        size = OVERHEAD + sum(held.size for held in batch) + len(batch) - 1
        trace.record(BatchSent(mapping.id, request_id, mapping.function, len(batch), size, self._under_way))
        result = yield from self._attempt(batch, request_id, payload)
        outcome, failed = ending(result, [held.id for held in batch], partial=self._settings.partial)
        mapping.result = "OK" if outcome in ("ok", "partial") else "PROBLEM: Function call failed"
        done = [held for held in batch if held.id not in failed]
        yield from self.delete(done)
        trace.record(BatchEnded(mapping.id, request_id, mapping.function, outcome, len(batch), len(failed), len(done)))
        if outcome == "throttled":
            return "throttles"
        return "function errors" if outcome in ("failed", "refused") and not self._settings.partial else None

    def _attempt(self, batch: list[Held], request_id: str, payload: str) -> Process[Result]:
        """Invoke; where there is no room, again until the first message becomes visible. Fact D.3, throttle"""
        kernel, mapping, delay = self._world.kernel, self._mapping, BATCH_BACKOFF_MIN
        patience, lineage = min(held.visible_at for held in batch), joined(held.lineage for held in batch)
        while True:
            result = yield from self._delivery.invoke(mapping, request_id, payload, f"sqs/{self._name}", lineage)
            if result.status != "throttled" or kernel.now + delay >= patience:
                return result
            self._no_room()
            reason = result.reason or ""
            self._world.trace.record(BatchThrottled(mapping.id, request_id, mapping.function, delay, reason))
            yield from kernel.sleep(delay)
            delay = Micros(min(BATCH_BACKOFF_MAX, delay * 2))

    def delete(self, done: list[Held]) -> Process[None]:
        """Take messages out of the queue, ten at a time."""
        for begin in range(0, len(done), quotas.QUEUE_BATCH_MAX):
            part = done[begin : begin + quotas.QUEUE_BATCH_MAX]
            entries = [{"Id": str(n), "ReceiptHandle": held.receipt} for n, held in enumerate(part)]
            yield from self.call("DeleteMessageBatch", {"Entries": entries})

    def call(self, operation: str, params: dict[str, Any]) -> Process[Answer | AwsError]:
        """Ask the queue, with the function's execution role."""
        return (yield from self._delivery.call(self._mapping, "sqs", operation, {"QueueUrl": self._name, **params}))
