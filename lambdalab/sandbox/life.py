"""The life socket: orders to the keeper of an environment, and what it reports. Frames are those of ``keeper.h``."""

from __future__ import annotations

import json
import os
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from lambdalab.sandbox.errors import SandboxError

REPORT = struct.Struct("<BBHiiIQ")
ANSWER_S = 10.0


class Order(IntEnum):
    """What a keeper can be told."""

    START = ord("s")
    KILL = ord("k")
    FREEZE = ord("f")
    THAW = ord("t")
    MEASURE = ord("m")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a runtime's process has used by its end; or what all processes of an environment use now (memory only)."""

    memory_kb: int = 0
    cpu_us: int = 0


@dataclass(frozen=True, slots=True)
class Exit:
    """A runtime's process has ended: with an exit status (``code``), or by a signal (``number``)."""

    code: int | None
    number: int | None
    usage: Usage = Usage()


class Life:
    """The worker's end. ``exit`` is the last end of a runtime that was reported and not yet taken."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.exit: Exit | None = None
        self._listener: socket.socket | None = None

    def fileno(self) -> int:
        """For poll: readable when the keeper has something to report."""
        return self._connection.fileno()

    def start(self, told: Mapping[str, object], control: socket.socket) -> None:
        """Let a runtime begin. ``told`` is JSON; it gets its end of the control socket."""
        self.exit = None
        self._send(bytes([Order.START]) + json.dumps(told).encode(), [control.fileno()])

    def ask(self, order: Order, argument: bytes = b"") -> Usage:
        """Give an order and wait until it is obeyed; returns what a measurement, or the runtime's end, found."""
        self._send(bytes([order]) + argument, [])
        until = time.monotonic() + ANSWER_S
        while time.monotonic() < until:
            answer = self._receive(ANSWER_S)
            if answer is None:
                break
            event, of, code, number, usage = answer
            if event == ord("d") and of == order:
                return usage
            self._note(event, code, number, usage)
        raise SandboxError(f"the environment's keeper did not answer to {order.name}")

    def hear(self) -> None:
        """Take one report. Raises :class:`SandboxError` when the keeper has gone."""
        answer = self._receive(ANSWER_S)
        if answer is None:
            raise SandboxError("the environment's keeper is gone; the sandbox broker may have been stopped")
        event, _, code, number, usage = answer
        self._note(event, code, number, usage)

    def take_exit(self) -> Exit | None:
        """The reported end of the runtime, once."""
        ended, self.exit = self.exit, None
        return ended

    def listener(self) -> socket.socket:
        """The gateway's listener in the environment's network. It comes before the first turn."""
        if self._listener is None:
            raise SandboxError("the environment's keeper sent no listener")
        return self._listener

    def close(self) -> None:
        """Let the keeper, and with it the environment, end."""
        self._connection.close()
        if self._listener is not None:
            self._listener.close()

    def _note(self, event: int, code: int, number: int, usage: Usage) -> None:
        if event == ord("e"):
            self.exit = Exit(None if number else code, number or None, usage)

    def _receive(self, seconds: float) -> tuple[int, int, int, int, Usage] | None:
        self._connection.settimeout(seconds)
        try:
            message, fds, _, _ = socket.recv_fds(self._connection, REPORT.size, 1)
        except OSError:
            return None
        finally:
            if self._connection.fileno() >= 0:
                self._connection.settimeout(None)
        for fd in fds:
            self._listener = socket.socket(fileno=fd)
        if len(message) != REPORT.size:
            return None
        event, order, _, code, number, memory_kb, cpu_us = REPORT.unpack(message)
        return event, order, code, number, Usage(memory_kb, cpu_us)

    def _send(self, message: bytes, fds: list[int]) -> None:
        try:
            socket.send_fds(self._connection, [message], fds)
        except OSError as error:
            words = os.strerror(error.errno or 0)
            raise SandboxError(f"the environment's keeper is gone ({words}); see the broker's log") from error
