"""The discrete-event kernel: an agenda of processes on SimPy, fed with integers only.

SimPy orders its agenda by time, priority and sequence, so processes that are due at the same moment run in the order
in which they were scheduled. That, named random streams and the absence of any other clock make a run repeatable.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from heapq import heappop, heappush, heappushpop
from typing import Any

import simpy
from simpy.events import NORMAL

from lambdalab.simulator.kernel.agenda import Agenda, Alarm, Process, Running
from lambdalab.simulator.kernel.clock import Micros

STEPS_BETWEEN_QUESTIONS = 64  # whether a run is interrupted


class Signal:
    """Something processes can wait for. Fires once, with a value."""

    __slots__ = ("_event",)

    def __init__(self, agenda: Agenda) -> None:
        self._event = simpy.Event(agenda)

    @property
    def fired(self) -> bool:
        """Whether :meth:`fire` has been called."""
        return bool(self._event.triggered)

    def fire(self, value: object = None) -> None:
        """Wake everybody who waits, now. Firing again changes nothing."""
        if not self._event.triggered:
            self._event.succeed(value)


class Kernel:
    """Owns the clock. Every random draw and every wait of a run goes through it.

    ``now`` is virtual time since the start of the run. It is an attribute because it is read more often than anything
    else; only the kernel moves it.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.now = Micros(0)
        self.steps = 0
        self._agenda = Agenda()
        self._foreground = 0
        self._streams: dict[str, random.Random] = {}
        self._stopped: str | None = None

    @property
    def busy(self) -> bool:
        """Whether any foreground process is alive: steps, deliveries, retries and invocations keep a run going."""
        return self._foreground > 0

    @property
    def waiting(self) -> int:
        """How many entries stand on the agenda: it grows with what is alive, never with what has been."""
        return len(self._agenda)

    def random_for(self, name: str) -> random.Random:
        """The random stream called ``name``. A new draw in one stream moves nothing in another."""
        stream = self._streams.get(name)
        if stream is None:
            digest = hashlib.sha256(f"{self.seed}/{name}".encode()).digest()
            stream = self._streams[name] = random.Random(int.from_bytes(digest[:16], "big"))  # noqa: S311
        return stream

    def signal(self) -> Signal:
        """A new, unfired signal."""
        return Signal(self._agenda)

    def spawn(self, process: Process[Any], *, background: bool = False, done: Signal | None = None) -> None:
        """Start ``process`` now; ``done``, if given, fires with its return value when it ends.

        A background process (an expiry timer, an idle poller) does not keep the run alive.
        """
        if not background:
            self._foreground += 1
        if done is not None:
            process = _telling(process, done)
        Running(self._agenda, process, self._background_ended if background else self._foreground_ended)

    def hold(self) -> None:
        """Keep the run going until :meth:`release`, as a foreground process does: something is left to be done."""
        self._foreground += 1

    def release(self) -> None:
        """What was held for is done."""
        self._foreground -= 1

    def _foreground_ended(self) -> None:
        self._foreground -= 1

    def _background_ended(self) -> None:
        """Nobody counts these."""

    def sleep(self, delay: Micros) -> Process[None]:
        """Wait ``delay`` microseconds of virtual time. Others that are due at the same moment go first.

        A process may ``yield`` its delay itself, if there is one or :meth:`others_first`: the same, without a
        generator. What is done for every call and invocation does so.
        """
        assert delay >= 0, delay
        if delay or self.others_first():
            yield delay

    def others_first(self) -> bool:
        """Whether a wait of no length is one: on the agenda, whoever is alone now would be the next one again."""
        return not self._agenda.nothing_else_now()

    def wait(self, signal: Signal) -> Process[Any]:
        """Wait until ``signal`` fires; returns its value."""
        return (yield signal._event)

    def wait_until(self, signal: Signal, moment: Micros | None) -> Process[bool]:
        """Wait for ``signal`` or ``moment``, whichever is first; true when the signal fired in time."""
        if moment is None:
            yield signal._event
            return True
        if not signal.fired:
            alarm = Alarm(self._agenda, max(0, moment - self.now))
            yield signal._event | alarm
            self._agenda.cancel(alarm)
        return signal.fired

    def stop(self, reason: str) -> None:
        """End the run after the present step. The first reason counts."""
        self._stopped = self._stopped or reason

    def run(self, until: Micros, interrupted: Callable[[], str | None], *, to_the_end: bool = False) -> str | None:
        """Play the agenda up to ``until``; returns why it was stopped or interrupted, or None.

        Ends earlier when nothing in the foreground is left, unless ``to_the_end``. ``interrupted`` is asked every
        ``STEPS_BETWEEN_QUESTIONS`` steps and answers with a reason to end.
        """
        while self._stopped is None and self._goes_on(until, to_the_end):
            reason = interrupted()
            self._stopped = self._stopped or reason  # what looks may stop the run itself
            if self._stopped is None:
                self._play(until, to_the_end)
        if self._stopped is not None and self._goes_on(until, to_the_end):
            return self._stopped
        if to_the_end:
            self.now = until
        return None

    def _goes_on(self, until: Micros, to_the_end: bool) -> bool:
        agenda = self._agenda
        due = agenda.beginning or (agenda.entries and agenda.entries[0][0] <= until)
        return bool((self._foreground or to_the_end) and due)

    def _play(self, until: Micros, to_the_end: bool) -> None:
        """The steps between two questions, or fewer. A run spends its life here."""
        agenda, entries, beginning = self._agenda, self._agenda.entries, self._agenda.beginning
        due, entry = self.now, None
        for played in range(STEPS_BETWEEN_QUESTIONS):  # noqa: B007, how many is asked below
            if not (self._foreground or to_the_end) or self._stopped:
                break
            if beginning:
                running = beginning.popleft()
            else:
                if entry is None:
                    if not entries:
                        break
                    entry = heappop(entries)
                if entry[0] > until:
                    break
                due, _, _, running = entry
                entry = None
                self.now = agenda._now = due
                if type(running) is not Running:  # an event; else a process that has slept
                    agenda.happen(running)
                    continue
            try:
                wanted = running.send(None)
            except StopIteration:
                running.ended()
                continue
            if type(wanted) is not int:
                running.wait_for(wanted)
            elif beginning:
                heappush(entries, (due + wanted, NORMAL, next(agenda._eid), running))
            else:  # often this one is the next again
                entry = heappushpop(entries, (due + wanted, NORMAL, next(agenda._eid), running))
        else:
            played = STEPS_BETWEEN_QUESTIONS
        if entry is not None:
            heappush(entries, entry)
        self.steps += played


def _telling(process: Process[Any], done: Signal) -> Process[None]:
    done.fire((yield from process))
