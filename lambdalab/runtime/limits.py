"""What one run may use of the machine, so that it leaves room for the next student's.

A :class:`Meter` follows one run. It is asked before every turn of an environment, so a run ends where it reached a
limit, with all it did until then in its trace. Facts and bytes of the trace are counted where they are written.
"""

from __future__ import annotations

import mmap
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.lambda_.handlers import AnyReply, EnvironmentHandle, HandlerEvent, Handlers, Turn
from lambdalab.simulator.scenario.run import LimitReached

LOOK_S = 0.2  # between two looks at our own memory


@dataclass(frozen=True, slots=True)
class RunLimits:
    """Bounds of one run. Reaching one ends it as ``stopped: <limit>``; everything up to there is shown.

    ``wall_s`` is real time, ``cpu_s`` what the code of all environments computed. ``environments`` counts those made in
    the whole run, ``environments_at_once`` those alive together: a run whose environments idle out may make new ones.
    ``held_bytes`` is by how much this process may grow: queues, tables, buckets, and all else that a run keeps.
    """

    facts: int = 500_000
    trace_bytes: int = 128 * 1024 * 1024
    wall_s: float = 60.0
    cpu_s: float = 60.0
    environments: int = 10_000
    environments_at_once: int = 1_000
    held_bytes: int = 2 * 1024 * 1024 * 1024


class Meter:
    """Counts what a run uses, from now on."""

    def __init__(self, limits: RunLimits) -> None:
        self._limits = limits
        self._overdue = time.monotonic() + limits.wall_s
        self._held_most = _resident_bytes() + limits.held_bytes
        self._next_look = time.monotonic() + LOOK_S
        self._cpu_us = self._made = self._alive = 0

    def reached(self) -> str | None:
        """The limit that the run has reached, or None."""
        now = time.monotonic()
        if now > self._overdue:
            return "wall seconds"
        if self._cpu_us > self._limits.cpu_s * 1_000_000:
            return "cpu seconds"
        if now >= self._next_look:
            self._next_look = now + LOOK_S
            if _resident_bytes() > self._held_most:
                return "bytes held"
        return None

    def check(self) -> None:
        """Raise :class:`LimitReached` when the run has reached a limit."""
        reason = self.reached()
        if reason is not None:
            raise LimitReached(reason)

    def environment_made(self) -> None:
        """Another environment is about to be made. Raises :class:`LimitReached` when that is one too many."""
        self.check()
        self._made += 1
        self._alive += 1
        if self._made > self._limits.environments:
            raise LimitReached("environments")
        if self._alive > self._limits.environments_at_once:
            raise LimitReached("environments at once")

    def environment_gone(self) -> None:
        """An environment was shut down."""
        self._alive -= 1

    def took(self, turn: Turn) -> Turn:
        """Count a turn, and hand it on."""
        self._cpu_us += turn.cpu_us
        return turn


class MeteredHandlers:
    """Handlers whose environments are metered."""

    def __init__(self, handlers: Handlers, meter: Meter) -> None:
        self._handlers = handlers
        self._meter = meter

    def environment(self, function: Function, number: int, log_stream: str) -> EnvironmentHandle:
        """A new environment. Raises :class:`LimitReached` as well as what the handlers themselves raise."""
        self._meter.environment_made()
        return _Metered(self._handlers.environment(function, number, log_stream), self._meter)


class _Metered:
    def __init__(self, handle: EnvironmentHandle, meter: Meter) -> None:
        self._handle = handle
        self._meter = meter

    def start(self, now: Micros) -> Turn:
        self._meter.check()
        return self._meter.took(self._handle.start(now))

    def invoke(self, event: HandlerEvent, now: Micros) -> Turn:
        self._meter.check()
        return self._meter.took(self._handle.invoke(event, now))

    def resume(self, replies: Sequence[AnyReply], now: Micros) -> Turn:
        self._meter.check()
        return self._meter.took(self._handle.resume(replies, now))

    def reset(self) -> None:
        self._handle.reset()

    def shutdown(self) -> None:
        self._meter.environment_gone()
        self._handle.shutdown()


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_bytes().split()[1]) * mmap.PAGESIZE
