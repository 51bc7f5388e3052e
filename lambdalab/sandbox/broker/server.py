"""The broker's loop: workers ask for environments, zygotes make them, descriptors pass through.

Theory of operation. Each zygote keeps a few *blanks*: environments in which all is done that does not depend on the
function. A request takes a blank, and the answer goes out at once; the loop makes new blanks only when no worker waits,
and lets the environment become ready first as long as there are enough. With two zygotes one serves while the other
forks. Every blank has its control group, where there are any.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import selectors
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lambdalab.sandbox.broker.cgroups import Cgroup, Cgroups
from lambdalab.sandbox.broker.zygote_process import Zygote
from lambdalab.sandbox.code_store import DIGEST
from lambdalab.sandbox.errors import SandboxError
from lambdalab.sandbox.places import Home

logger = logging.getLogger("lambdalab.sandboxd")

MESSAGE_BYTES = 1 << 18
BLANKS = 3  # of each zygote
FEW = 2  # with fewer left a zygote makes the next at once
REST_S = 0.008  # else when nothing happened for so long: an environment is ready by then, on a processor of its own
KEEPER_BYTES = 64 << 20  # what keeper, kernel and buffers may add to an environment's memory and /tmp
FLOOR_KB = 256 << 10  # so much of the machine's memory stays free: below it there are no new environments
LIMITS = {
    "memory_bytes": 10_240 << 20,
    "tmp_bytes": 10_240 << 20,
    "inodes": 1_048_576,
    "files": 1_024,
    "processes": 1_024,
    "data_bytes": 12_288 << 20,
    "nice": 19,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker gets: a message and descriptors (which are closed once they are sent)."""

    message: dict[str, Any]
    fds: tuple[int, ...] = ()


class Broker:
    """Serves workers, one request at a time; starts a new zygote when one has died.

    Its zygotes get ready while it serves already. One that dies before it was ready is not replaced, for the next would
    not do better; without any the broker ends (:class:`SandboxError`).
    """

    def __init__(self, home: Home, program: bytes, *, zygotes: int = 1, cgroups: Cgroups | None = None) -> None:
        self._home = home
        self._program = program
        self._cgroups = cgroups
        self._groups: dict[int, Cgroup] = {}
        self._numbers = 0
        self._selector = selectors.DefaultSelector()
        self._workers = 0
        self._greeting: dict[str, Any] = {}
        self._zygotes: list[Zygote] = []
        for _ in range(zygotes):
            self._start_zygote()

    def await_warm(self) -> None:
        """Wait until the first zygote can fork. Raises :class:`SandboxError` when the jail does not start."""
        self._zygotes[0].await_warm()

    def serve(self, listener: socket.socket | None, worker: socket.socket | None, greeting: dict[str, Any]) -> None:
        """Serve until the only worker has gone (``worker`` given) or for ever (``listener`` given)."""
        self._greeting = greeting
        if listener is not None:
            self._selector.register(listener, selectors.EVENT_READ, "listener")
        if worker is not None:
            self._welcome(worker)
        while listener is not None or self._workers:
            busy = self._selector.select(patience_s(self._zygotes))
            for key, _ in busy:
                self._attend(key.data, key.fileobj)
            if not busy:
                self._make_blanks()

    def close(self) -> None:
        """End every environment. May be done again. Who has found the control groups closes them next."""
        for zygote in self._zygotes:
            zygote.close()

    def _attend(self, what: Any, connection: Any) -> None:
        if what == "listener":
            self._welcome(connection.accept()[0])
        elif what == "worker":
            self._hear_worker(connection)
        elif what in self._zygotes:
            self._hear_zygote(what)

    # ---- workers ----

    def _welcome(self, worker: socket.socket) -> None:
        self._selector.register(worker, selectors.EVENT_READ, "worker")
        self._workers += 1
        with contextlib.suppress(OSError):  # it may have gone already, which is heard next
            worker.send(json.dumps(self._greeting).encode())

    def _hear_worker(self, worker: socket.socket) -> None:
        fds: list[int] = []
        try:
            message, fds, _, _ = socket.recv_fds(worker, MESSAGE_BYTES, 8)
            if not message:
                raise ConnectionResetError
            answer = self._answer(message, fds)
            fds += answer.fds
            socket.send_fds(worker, [json.dumps(answer.message).encode()], list(answer.fds))
        except OSError:
            self._selector.unregister(worker)
            worker.close()
            self._workers -= 1
        finally:
            for fd in fds:
                os.close(fd)

    def _answer(self, message: bytes, fds: list[int]) -> Answer:
        try:
            request = checked(json.loads(message))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            return Answer({"event": "failed", "error": f"not a request: {error}"})
        try:
            return Answer({"event": "spawned", "id": request["id"]}, self._spawn(request, fds))
        except (OSError, SandboxError) as error:
            logger.warning("no environment: %s", error)
            return Answer({"event": "failed", "id": request["id"], "error": str(error)})

    def _spawn(self, request: dict[str, Any], fds: list[int]) -> tuple[int, ...]:
        if len(fds) != 2:
            raise SandboxError("a request comes with two descriptors")
        for digest in filter(None, (request["task"], request["layers"])):
            if not (self._home.code / digest).is_dir():
                raise SandboxError("this code is not in the store")
        if _available_kb() < FLOOR_KB:
            raise SandboxError("this machine has too little free memory for another environment")
        zygote = self._chosen_zygote()
        number = zygote.blanks[0] if zygote.blanks else self._make_blank(zygote)
        zygote.assign(number, request, fds)
        group = self._groups.get(number)
        if group is None:
            return ()
        limits = request["limits"]  # in force before the answer goes out: no code runs until the worker has it
        group.limit(limits["memory_bytes"] + limits["tmp_bytes"] + KEEPER_BYTES, limits["processes"] + 1)
        return (group.open_events(),)

    # ---- zygotes ----

    def _start_zygote(self) -> None:
        zygote = Zygote(self._home, self._program)
        self._zygotes.append(zygote)
        self._selector.register(zygote.socket, selectors.EVENT_READ, zygote)

    def _chosen_zygote(self) -> Zygote:
        """One that has a blank and nothing to do, else one that has a blank, else any that is warm."""
        warm = [zygote for zygote in self._zygotes if zygote.warm]
        if not warm:
            self.await_warm()
            warm = self._zygotes[:1]
        return max(warm, key=lambda z: (bool(z.blanks) - bool(z.making), len(z.blanks), -len(z.alive)))

    def _hear_zygote(self, zygote: Zygote) -> None:
        try:
            event = zygote.hear()
        except SandboxError as error:
            logger.error("%s", error)
            self._replace(zygote, error)
            return
        if event.kind == "failed":
            logger.warning("no environment: %s", os.strerror(event.error))
        if event.kind in ("ended", "failed"):
            self._remove_group(event.number)

    def _replace(self, zygote: Zygote, error: SandboxError) -> None:
        self._selector.unregister(zygote.socket)
        self._zygotes.remove(zygote)
        zygote.close()
        for number in (*zygote.blanks, *zygote.making, *zygote.alive):
            self._remove_group(number)
        if zygote.warm:
            self._start_zygote()
        elif not self._zygotes:
            raise error

    def _make_blanks(self) -> None:
        """One for each zygote that has too few and is not at it already."""
        for zygote in filter(_has_too_few, self._zygotes):
            try:
                self._make_blank(zygote)
            except SandboxError as error:
                self._replace(zygote, error)

    def _make_blank(self, zygote: Zygote) -> int:
        self._numbers += 1
        fds: list[int] = []
        if self._cgroups is not None:
            self._groups[self._numbers] = self._cgroups.make()
            fds = self._groups[self._numbers].open_procs()
        try:
            zygote.make_blank(self._numbers, fds)
        finally:
            for fd in fds:
                os.close(fd)
        return self._numbers

    def _remove_group(self, number: int) -> None:
        group = self._groups.pop(number, None)
        if group is not None and self._cgroups is not None:
            self._cgroups.take_back(group)


def patience_s(zygotes: Iterable[Zygote]) -> float | None:
    """After how long without anything else to do blanks are made; None when there are enough."""
    left = [len(zygote.blanks) for zygote in zygotes if _has_too_few(zygote)]
    return None if not left else 0.0 if min(left) < FEW else REST_S


def _has_too_few(zygote: Zygote) -> bool:
    return zygote.warm and not (zygote.making or zygote.troubled) and len(zygote.blanks) < BLANKS


def _available_kb() -> int:
    with open("/proc/meminfo") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("MemAvailable"))


def checked(request: dict[str, Any]) -> dict[str, Any]:
    """A request with nothing but what the zygote may be told. Raises ``ValueError``."""
    for name in ("task", "layers"):
        if request[name] is not None and not DIGEST.fullmatch(str(request[name])):
            raise ValueError(f"{name} is not a digest")
    limits = {}
    for name, most in LIMITS.items():
        value = request["limits"][name]
        if not isinstance(value, int) or not 0 <= value <= most:
            raise ValueError(f"{name} must be 0 to {most}")
        limits[name] = value
    return {"id": str(request["id"])[:64], "task": request["task"], "layers": request["layers"], "limits": limits}
