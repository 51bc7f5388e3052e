"""What every operation on a queue shares: messages come and go, waiting consumers hear of it, time passes."""

from __future__ import annotations

from typing import Literal

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import Micros, Process
from lambdalab.simulator.services.sqs.message import Message, plain
from lambdalab.simulator.services.sqs.queue import Queue
from lambdalab.simulator.trace.facts import MessageDeleted, MessageSent


class Keeper:
    """Moves messages and records it. One background process a queue waits for what comes due, however many wait."""

    def __init__(self, world: World) -> None:
        self._world = world

    def enter(self, queue: Queue, message: Message, moved_from: str | None = None) -> None:
        """Put a message into a queue."""
        now = self._world.kernel.now
        ready = queue.enter(message, now)
        attributes = {name: plain(value) for name, value in message.attributes.items()}
        self._world.trace.record(
            MessageSent(
                queue.name,
                message.id,
                message.body,
                attributes,
                message.group,
                Micros(max(0, message.visible_at - now)),
                moved_from,
            )
        )
        self._keep_running(queue)
        if ready:
            self.wake(queue, 1)
        if queue.expiring or not ready:
            self.tend(queue)

    def remove(self, queue: Queue, message: Message, reason: Literal["deleted", "purged", "moved", "expired"]) -> None:
        """Take a message out of a queue."""
        queue.remove(message)
        self._world.trace.record(MessageDeleted(queue.name, message.id, reason))
        self._keep_running(queue)
        if queue.fifo and queue.waiting:
            self.wake(queue, 1)  # its group may go on

    def settle(self, queue: Queue) -> None:
        """Let everything happen in a queue whose time has come."""
        now = self._world.kernel.now
        for message in queue.expired(now):
            self.remove(queue, message, "expired")
        self.wake(queue, queue.settle(now))

    def wake(self, queue: Queue, number: int) -> None:
        """Let so many waiting consumers look again, those first who wait longest."""
        while number > 0 and queue.waiting:
            queue.waiting.popitem(last=False)[1].fire()
            number -= 1

    def tend(self, queue: Queue) -> None:
        """See to it that somebody looks at the queue when the next thing in it comes due."""
        due = _due(queue)
        if due is None:
            return
        if queue.tended_until is None:
            queue.tended_until = due
            self._world.kernel.spawn(self._tend(queue), background=True)
        elif due < queue.tended_until and queue.bell is not None:
            queue.bell.fire()

    def watch(self, queue: Queue, change: Literal[1, -1]) -> None:
        """An event source mapping begins or ends to poll the queue: what is in it for the mapping keeps a run going."""
        queue.watchers += change
        self._keep_running(queue)

    def _keep_running(self, queue: Queue) -> None:
        wanted = queue.watchers > 0 and bool(queue.messages)
        if wanted == queue.holds_run:
            return
        queue.holds_run = wanted
        if wanted:
            self._world.kernel.hold()
        else:
            self._world.kernel.release()

    def _tend(self, queue: Queue) -> Process[None]:
        kernel = self._world.kernel
        while (due := _due(queue)) is not None:
            if due > kernel.now:
                queue.tended_until, queue.bell = due, kernel.signal()
                yield from kernel.wait_until(queue.bell, due)
            self.settle(queue)
        queue.tended_until = queue.bell = None


def _due(queue: Queue) -> Micros | None:
    """When something happens in the queue that nobody asks for: a message expires, or one comes back to a waiter."""
    moments = [queue.expiring[0][0]] if queue.expiring else []
    back = queue.next_due() if queue.waiting else None
    if back is not None:
        moments.append(back)
    return min(moments, default=None)
