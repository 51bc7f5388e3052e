"""The agenda: SimPy's environment, stepped by our own loop, and what stands on it.

SimPy orders its agenda by time, priority and sequence. Whatever has ``callbacks``, ``_ok`` and ``_value`` may stand on
it. A long run is tens of millions of steps, so ours are made of less than SimPy's: a process that sleeps stands on the
agenda itself, without an event of its own, and its end costs nothing when nobody waits for it.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator
from typing import Any, TypeVar

import simpy
from simpy.events import NORMAL, URGENT, EventPriority

T = TypeVar("T")
Process = Generator[Any, Any, T]
"""A behaviour in virtual time. Joined with ``yield from``, so that its return value and type survive."""

CANCELLED_MAX = 1_000  # alarms that nobody waits for any more; with more, and more than half, they are taken off


class Agenda(simpy.Environment):
    """What is to happen, in order. Entries that are due at the same moment keep the order in which they came."""

    def __init__(self) -> None:
        super().__init__(initial_time=0)
        self._cancelled = 0
        self._only_callback = True

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, event: Any, delay: int = 0, priority: EventPriority = NORMAL) -> None:
        """Put an event on the agenda, ``delay`` from now."""
        heapq.heappush(self._queue, (self._now + delay, priority, next(self._eid), event))

    def nothing_else_now(self) -> bool:
        """Whether what runs at this instant would be the next to run again if it let everybody else go first."""
        return self._only_callback and not (self._queue and self._queue[0][0] <= self._now)

    def advance(self) -> None:
        """Move the clock to the next entry and play it. An error in a process comes through."""
        event: Any
        self._now, _, _, event = heapq.heappop(self._queue)
        callbacks: list[Callable[[Any], None]] = event.callbacks
        event.callbacks = None
        self._only_callback = len(callbacks) == 1
        for callback in callbacks:
            callback(event)

    def cancel(self, alarm: Alarm) -> None:
        """Nobody waits for ``alarm`` any more: it must not stay for as long as its time has not come."""
        if alarm.processed:
            return
        alarm.cancelled = True
        alarm.callbacks = [self._bury]
        self._cancelled += 1
        if self._cancelled > max(CANCELLED_MAX, len(self._queue) // 2):
            self._queue[:] = [entry for entry in self._queue if not getattr(entry[3], "cancelled", False)]
            heapq.heapify(self._queue)
            self._cancelled = 0

    def _bury(self, alarm: object) -> None:
        self._cancelled -= 1


class Alarm(simpy.Timeout):
    """A moment that somebody waits for, beside something else."""

    cancelled = False


class Running:
    """A process under way: what SimPy's ``Process`` does for us, without interrupts and failing events."""

    __slots__ = ("_agenda", "_ended", "_process", "_resume", "_value", "callbacks")
    _ok = True

    def __init__(self, agenda: Agenda, process: Process[Any], ended: Callable[[], None]) -> None:
        self._agenda = agenda
        self._process = process
        self._ended = ended
        self._value = None
        self._resume = self._go_on  # bound once, not at every wait
        self.callbacks: list[Callable[[Any], None]] | None = [self._resume]
        agenda.put(self, priority=URGENT)  # begins before anything else that is due now, as SimPy's do

    def _go_on(self, event: Any) -> None:
        value = event._value
        try:
            while True:
                wanted = self._process.send(value)
                if type(wanted) is int:  # a sleep
                    self.callbacks = [self._resume]
                    self._agenda.put(self, wanted)
                    return
                if wanted.callbacks is not None:
                    wanted.callbacks.append(self._resume)
                    return
                value = wanted._value  # it has happened before
        except StopIteration:
            del self._resume  # it leads back here; without it all of this goes at once, unseen by the garbage collector
            self._ended()
