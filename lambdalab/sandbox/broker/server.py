"""The broker's loop: workers ask for environments, the zygote makes them, descriptors pass through."""

from __future__ import annotations

import json
import logging
import os
import selectors
import socket
from typing import Any

from lambdalab.sandbox.broker.zygote_process import Zygote
from lambdalab.sandbox.code_store import DIGEST
from lambdalab.sandbox.errors import SandboxError
from lambdalab.sandbox.places import Home

logger = logging.getLogger("lambdalab.sandboxd")

MESSAGE_BYTES = 1 << 18
LIMITS = {
    "tmp_bytes": 10_240 << 20,
    "inodes": 1_048_576,
    "files": 1_024,
    "processes": 1_024,
    "data_bytes": 12_288 << 20,
    "nice": 19,
}


class Broker:
    """Serves workers, one request at a time; starts a new zygote when one has died."""

    def __init__(self, home: Home, program: bytes, layers: tuple[str, ...]) -> None:
        self._home = home
        self._program = program
        self._layers = layers
        self._selector = selectors.DefaultSelector()
        self._zygote = Zygote(home, program)
        self._workers = 0

    def serve(self, listener: socket.socket | None, worker: socket.socket | None) -> None:
        """Serve until the only worker has gone (``worker`` given) or for ever (``listener`` given)."""
        if listener is not None:
            self._selector.register(listener, selectors.EVENT_READ, "listener")
        if worker is not None:
            self._welcome(worker)
        try:
            while listener is not None or self._workers:
                for key, _ in self._selector.select():
                    if key.data == "listener":
                        assert listener is not None
                        self._welcome(listener.accept()[0])
                    else:
                        self._hear(key.fileobj)  # type: ignore[arg-type]
        finally:
            self._zygote.close()

    def _welcome(self, worker: socket.socket) -> None:
        self._selector.register(worker, selectors.EVENT_READ, "worker")
        self._workers += 1
        worker.send(json.dumps({"layers": self._layers}).encode())

    def _hear(self, worker: socket.socket) -> None:
        fds: list[int] = []
        try:
            message, fds, _, _ = socket.recv_fds(worker, MESSAGE_BYTES, 8)
            if not message:
                raise ConnectionResetError
            worker.send(json.dumps(self._answer(message, fds)).encode())
        except OSError:
            self._selector.unregister(worker)
            worker.close()
            self._workers -= 1
        finally:
            for fd in fds:
                os.close(fd)

    def _answer(self, message: bytes, fds: list[int]) -> dict[str, Any]:
        try:
            request = checked(json.loads(message))
        except (ValueError, KeyError, TypeError) as error:
            return {"event": "failed", "error": f"not a request: {error}"}
        if len(fds) != 2:
            return {"event": "failed", "id": request["id"], "error": "a request comes with two descriptors"}
        if request["task"] and not (self._home.code / request["task"]).is_dir():
            return {"event": "failed", "id": request["id"], "error": "this code is not in the store"}
        try:
            return self._ask_zygote(request, fds)
        except (OSError, SandboxError) as error:
            return {"event": "failed", "id": request["id"], "error": f"the zygote failed: {error}"}

    def _ask_zygote(self, request: dict[str, Any], fds: list[int]) -> dict[str, Any]:
        if self._zygote.process.poll() is not None:
            logger.error("the zygote ended with %s; starting another", self._zygote.process.returncode)
            self._zygote.close()
            self._zygote = Zygote(self._home, self._program)
        self._zygote.socket.settimeout(20)
        socket.send_fds(self._zygote.socket, [json.dumps(request).encode()], fds)
        answer: dict[str, Any] = json.loads(self._zygote.socket.recv(MESSAGE_BYTES) or b"{}")
        return answer


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
