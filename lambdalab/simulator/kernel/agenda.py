"""The agenda: SimPy's environment, stepped by our own loop, and what stands on it.

SimPy orders its agenda by time, priority and sequence. A long run is tens of millions of steps, so ours are made of
less than SimPy's: a process that sleeps stands on the agenda itself, without an event of its own, and its end costs
nothing when nobody waits for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from heapq import heapify, heappush
from typing import Any, TypeVar

import simpy
from simpy.events import NORMAL

T = TypeVar("T")
Process = Generator[Any, Any, T]
"""A behaviour in virtual time. Joined with ``yield from``, so that its return value and type survive."""

CANCELLED_MAX = 1_000  # alarms that nobody waits for any more; with more, and more than half, they are taken off


class Agenda(simpy.Environment):
    """What is to happen, in order. Entries that are due at the same moment keep the order in which they came."""

    def __init__(self) -> None:
        super().__init__(initial_time=0)
        self.entries: list[Any] = self._queue
        """What stands on it, as a heap: the first is due next, and its first element says when."""
        self.beginning: deque[Running] = deque()
        """Processes that were spawned at this moment: they begin before anything else that is due, as SimPy's do."""
        self._cancelled = 0
        self._only_callback = True

    def __len__(self) -> int:
        return len(self.entries) + len(self.beginning)

    def nothing_else_now(self) -> bool:
        """Whether what runs at this instant would be the next to run again if it let everybody else go first."""
        return self._only_callback and not self.beginning and not (self.entries and self.entries[0][0] <= self._now)

    def happen(self, event: Any) -> None:
        """Play an event that was due: all who wait for it go on. An error in a process comes through."""
        callbacks: list[Callable[[Any], None]] = event.callbacks
        event.callbacks = None
        self._only_callback = len(callbacks) == 1
        for callback in callbacks:
            callback(event)
        self._only_callback = True

    def cancel(self, alarm: Alarm) -> None:
        """Nobody waits for ``alarm`` any more: it must not stay for as long as its time has not come."""
        if alarm.processed:
            return
        alarm.cancelled = True
        alarm.callbacks = [self._bury]
        self._cancelled += 1
        if self._cancelled > max(CANCELLED_MAX, len(self.entries) // 2):
            self.entries[:] = [entry for entry in self.entries if not getattr(entry[3], "cancelled", False)]
            heapify(self.entries)
            self._cancelled = 0

    def _bury(self, alarm: object) -> None:
        self._cancelled -= 1


class Alarm(simpy.Timeout):
    """A moment that somebody waits for, beside something else."""

    cancelled = False


class Running:
    """A process under way: what SimPy's ``Process`` does for us, without interrupts and failing events."""

    __slots__ = ("_agenda", "ended", "send")

    def __init__(self, agenda: Agenda, process: Process[Any], ended: Callable[[], None]) -> None:
        self._agenda = agenda
        self.send = process.send
        self.ended = ended
        agenda.beginning.append(self)

    def wait_for(self, wanted: Any) -> None:
        """Wait for what the process has asked for last: a time that passes, or an event."""
        try:
            while type(wanted) is not int:
                if wanted.callbacks is not None:
                    wanted.callbacks.append(self._woken)
                    return
                wanted = self.send(wanted._value)  # it has happened before
        except StopIteration:
            self.ended()
            return
        agenda = self._agenda  # a sleep, for which nobody else waits
        heappush(agenda.entries, (agenda._now + wanted, NORMAL, next(agenda._eid), self))

    def _woken(self, event: Any) -> None:
        try:
            wanted = self.send(event._value)
        except StopIteration:
            self.ended()
            return
        self.wait_for(wanted)
