"""ReceiveMessage: short and long polling, visibility, redrive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.account import Answer, World
from lambdalab.simulator.kernel import SECOND, Micros, Process
from lambdalab.simulator.services.sqs import refusals
from lambdalab.simulator.services.sqs.keeper import Keeper
from lambdalab.simulator.services.sqs.message import Message
from lambdalab.simulator.services.sqs.queue import Queue
from lambdalab.simulator.trace.facts import MessageDuplicated, MessageReceived
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.errors import AwsError


class Receiving:
    """Hands messages to consumers."""

    def __init__(self, world: World, keeper: Keeper, queues: Mapping[str, Queue]) -> None:
        self._world = world
        self._keeper = keeper
        self._queues = queues
        self._tickets = 0

    def receive(self, queue: Queue, params: Mapping[str, Any]) -> Process[Answer | AwsError]:
        """At most 10 messages, each hidden for the visibility timeout. A long poll ends with the first message."""
        refusal = refusals.out_of_range(params)
        if refusal:
            return refusal
        kernel = self._world.kernel
        wait_until = Micros(kernel.now + params.get("WaitTimeSeconds", queue.wait_s) * SECOND)
        limit = params.get("MaxNumberOfMessages", 1)
        hidden = Micros(params.get("VisibilityTimeout", queue.visibility_timeout_s) * SECOND)
        if wait_until == kernel.now and not queue.fifo and queue.in_flight >= quotas.QUEUE_IN_FLIGHT_MAX:
            return refusals.over_limit()  # a long poll just gets nothing. BC ReceiveMessage
        taken = self._take(queue, limit, hidden)
        while not taken and kernel.now < wait_until:
            yield from self._wait(queue, wait_until)
            taken = self._take(queue, limit, hidden)
        if not taken:
            return Answer({})
        return Answer({"Messages": [message.shown(params, self._world.epoch_us) for message in taken]})

    def _wait(self, queue: Queue, until: Micros) -> Process[None]:
        """Wait for a message, behind those who wait already."""
        self._tickets += 1
        ticket, signal = self._tickets, self._world.kernel.signal()
        queue.waiting[ticket] = signal
        self._keeper.tend(queue)
        yield from self._world.kernel.wait_until(signal, until)
        queue.waiting.pop(ticket, None)

    def _take(self, queue: Queue, limit: int, hidden: Micros) -> list[Message]:
        self._keeper.settle(queue)
        taken: list[Message] = []
        groups: set[str] = set()
        while len(taken) < limit and queue.in_flight < quotas.QUEUE_IN_FLIGHT_MAX:
            message = queue.pop(groups)
            if message is None:
                break
            if self._redrive(queue, message):
                continue
            self._hand_over(queue, message, hidden)
            groups.add(message.group or "")
            taken.append(message)
        for message in taken:
            self._double(queue, message)
            if not hidden:  # received for an instant only
                queue.postpone(message, self._world.kernel.now, self._world.kernel.now)
        return taken

    def _hand_over(self, queue: Queue, message: Message, hidden: Micros) -> None:
        now = self._world.kernel.now
        message.receive_count += 1
        message.received_at = now
        if message.first_received_at is None:
            message.first_received_at = now
        queue.receipts.pop(message.receipt, None)
        message.receipt = self._world.new_uuid("receipt")
        queue.receipts[message.receipt] = message
        queue.hide(message, Micros(now + hidden))
        self._world.trace.record(MessageReceived(queue.name, message.id, message.receive_count, hidden))

    def _double(self, queue: Queue, message: Message) -> None:
        """At-least-once delivery, where the scenario asks for it: a copy stays behind for somebody else (A-70)."""
        first = message.receive_count == 1 and not queue.fifo
        if first and self._world.faults.striking("duplicate", "sqs"):
            now = self._world.kernel.now
            self._world.trace.record(MessageDuplicated(queue.name, message.id))
            queue.postpone(message, now, now)
            self._keeper.wake(queue, 1)

    def _redrive(self, queue: Queue, message: Message) -> bool:
        """Move a message that has been received too often to the queue's dead-letter queue. Fact D.3, redrive."""
        if queue.dead_letter is None or message.receive_count < (queue.max_receive_count or 0):
            return False
        target = self._queues.get(queue.dead_letter)
        if target is None:
            return False
        self._keeper.remove(queue, message, "moved")
        now = self._world.kernel.now
        message.visible_at, message.moved_from = now, queue.arn
        if target.fifo:  # there its age begins anew; in a standard queue it does not. SQS Developer Guide, "DLQs"
            message.sent_at = now
        self._keeper.enter(target, message, queue.name)
        return True
