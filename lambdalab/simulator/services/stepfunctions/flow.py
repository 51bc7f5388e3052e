"""One line of states under way: an execution, a branch of a Parallel, an iteration of a Map. It can be cut short."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import Kernel, Micros, Process
from lambdalab.simulator.services.stepfunctions.data import written
from lambdalab.simulator.services.stepfunctions.language.errors import StateError
from lambdalab.simulator.services.stepfunctions.machine import Execution

Body = Callable[["Flow"], Process[Any]]


class Cancelled(Exception):
    """The flow has been cut short: nothing it does counts any more."""


class Slot:
    """Where a flow waits for a value. A resting one waits for somebody who may never come, and keeps no run alive."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.signal = kernel.signal()
        self.value: Any = None
        self._resting = False

    def rest(self) -> None:
        """Do not keep the run going."""
        self._kernel.release()
        self._resting = True

    def finish(self, value: Any = None) -> None:
        """Give the value, once."""
        if self.signal.fired:
            return
        if self._resting:
            self._kernel.hold()
            self._resting = False
        self.value = value
        self.signal.fire()


class Flow:
    """Where an execution is. ``path`` is empty for the whole of it, ``Each[3]`` in the fourth iteration of Each."""

    def __init__(self, world: World, execution: Execution, parent: Flow | None = None, path: str = "") -> None:
        self.world = world
        self.execution = execution
        self.path = path
        self.context: dict[str, Any] = dict(parent.context) if parent else {}
        self.previous: int = parent.previous if parent else 0
        self.cancelled = False
        self._children: list[Flow] = []
        self._slots: set[Slot] = set()
        self._parent = parent
        if parent is not None:
            parent._children.append(self)

    @property
    def chance(self) -> random.Random:
        """The execution's own source of chance."""
        return self.world.kernel.random_for(f"stepfunctions/{self.execution.machine.name}")

    def cancel(self) -> None:
        """Cut short what is under way here."""
        self.cancelled = True
        for child in self._children:
            child.cancel()
        for slot in list(self._slots):
            slot.finish()

    def slot(self) -> Slot:
        """A new place to wait at."""
        return Slot(self.world.kernel)

    def wait(self, slot: Slot, moment: Micros | None = None) -> Process[bool]:
        """Wait for a slot; false when ``moment`` came first. Raises :class:`Cancelled`."""
        self._check()
        self._slots.add(slot)
        in_time = yield from self.world.kernel.wait_until(slot.signal, moment)
        self._slots.discard(slot)
        self._check()
        return in_time

    def sleep(self, delay: Micros) -> Process[None]:
        """Wait so long. Raises :class:`Cancelled`."""
        yield from self.wait(self.slot(), Micros(self.world.kernel.now + delay))

    def _check(self) -> None:
        if self.cancelled:
            raise Cancelled

    def text(self, data: Any) -> str | None:
        """Data as the history shows it; None where nobody can ask for the history."""
        return written(data) if self.execution.machine.kind == "STANDARD" else None

    def note(self, kind: str, **details: Any) -> int:
        """Add an event to the history, behind the one before it in this flow."""
        at = self.world.wall_clock()
        self.previous = self.execution.note(at, kind, self.previous, **details)
        return self.previous

    def all_of(self, bodies: Iterable[Body], paths: list[str], limit: int) -> Process[list[Any]]:
        """Run flows side by side, ``limit`` at once (0: all). The first that fails ends the others, and raises."""
        waiting = deque(enumerate(bodies))
        results: list[Any] = [None] * len(waiting)
        if not waiting:
            return results
        slot, left, children = self.slot(), [len(waiting)], list[Flow]()

        def start() -> None:
            number, body = waiting.popleft()
            child = Flow(self.world, self.execution, self, paths[number])
            children.append(child)
            self.world.kernel.spawn(one(number, body, child))

        def one(number: int, body: Body, child: Flow) -> Process[None]:
            try:
                results[number] = yield from body(child)
            except Cancelled:
                return
            except StateError as error:
                slot.finish(error)
                return
            left[0] -= 1
            self._children.remove(child)
            children.remove(child)
            if waiting and not slot.signal.fired:
                start()
            if not left[0]:
                slot.finish()

        for _ in range(min(limit or len(waiting), len(waiting))):
            start()
        yield from self.wait(slot)
        for child in children:
            child.cancel()
            self._children.remove(child)
        if slot.value is not None:
            raise slot.value
        return results
