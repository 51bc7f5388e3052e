"""The discrete-event kernel: an agenda of processes on SimPy, fed with integers only.

SimPy orders its agenda by time, priority and sequence, so processes that are due at the same moment run in the order
in which they were scheduled. That, named random streams and the absence of any other clock make a run repeatable.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Generator
from typing import Any, TypeVar

import simpy

from lambdalab.simulator.kernel.clock import Micros

T = TypeVar("T")
Process = Generator[Any, Any, T]
"""A behaviour in virtual time. Joined with ``yield from``, so that its return value and type survive."""


class Signal:
    """Something processes can wait for. Fires once, with a value."""

    __slots__ = ("_event",)

    def __init__(self, env: simpy.Environment) -> None:
        self._event = simpy.Event(env)

    @property
    def fired(self) -> bool:
        """Whether :meth:`fire` has been called."""
        return bool(self._event.triggered)

    def fire(self, value: object = None) -> None:
        """Wake everybody who waits, now. Firing again changes nothing."""
        if not self._event.triggered:
            self._event.succeed(value)


class Kernel:
    """Owns the clock. Every random draw and every wait of a run goes through it."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._env = simpy.Environment(initial_time=0)
        self._foreground = 0
        self._streams: dict[str, random.Random] = {}
        self.steps = 0

    @property
    def now(self) -> Micros:
        """Virtual time since the start of the run."""
        return Micros(int(self._env.now))

    @property
    def busy(self) -> bool:
        """Whether any foreground process is alive: steps, deliveries, retries and invocations keep a run going."""
        return self._foreground > 0

    def random_for(self, name: str) -> random.Random:
        """The random stream called ``name``. A new draw in one stream moves nothing in another."""
        stream = self._streams.get(name)
        if stream is None:
            digest = hashlib.sha256(f"{self.seed}/{name}".encode()).digest()
            stream = self._streams[name] = random.Random(int.from_bytes(digest[:16], "big"))  # noqa: S311
        return stream

    def signal(self) -> Signal:
        """A new, unfired signal."""
        return Signal(self._env)

    def spawn(self, process: Process[Any], *, background: bool = False) -> Signal:
        """Start ``process`` now; the signal fires with its return value when it ends.

        A background process (an expiry timer, an idle poller) does not keep the run alive.
        """
        done = self.signal()
        self._env.process(self._supervise(process, done, background))
        if not background:
            self._foreground += 1
        return done

    def _supervise(self, process: Process[Any], done: Signal, background: bool) -> Process[None]:
        value = yield from process
        if not background:
            self._foreground -= 1
        done.fire(value)

    def sleep(self, delay: Micros) -> Process[None]:
        """Wait ``delay`` microseconds of virtual time."""
        assert delay >= 0, delay
        yield self._env.timeout(int(delay))

    def wait(self, signal: Signal) -> Process[Any]:
        """Wait until ``signal`` fires; returns its value."""
        return (yield signal._event)

    def wait_until(self, signal: Signal, moment: Micros | None) -> Process[bool]:
        """Wait for ``signal`` or ``moment``, whichever is first; true when the signal fired in time."""
        if moment is None:
            yield signal._event
            return True
        if not signal.fired:
            yield signal._event | self._env.timeout(max(0, int(moment) - int(self._env.now)))
        return signal.fired

    def run(self, until: Micros, interrupted: Callable[[], str | None], *, to_the_end: bool = False) -> str | None:
        """Play the agenda up to ``until``; returns why it was interrupted, or None.

        Ends earlier when nothing in the foreground is left, unless ``to_the_end``. ``interrupted`` is asked before
        each step and must be cheap.
        """
        while (self.busy or to_the_end) and self._env.peek() <= until:
            reason = interrupted()
            if reason is not None:
                return reason
            self._env.step()
            self.steps += 1
        if to_the_end and self._env.now < until:
            self._env.run(until=int(until))
        return None
