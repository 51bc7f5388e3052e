"""The worker's side of sandboxd: asks for environments, owns what it gets."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from lambdalab.sandbox.code_store import DIGEST, CodeStore
from lambdalab.sandbox.environment import Environment, Start
from lambdalab.sandbox.errors import SandboxError
from lambdalab.sandbox.layers import Layer
from lambdalab.sandbox.life import Life
from lambdalab.sandbox.offered import Offered
from lambdalab.sandbox.places import Home, default_home
from lambdalab.sandbox.policy import Policy

if TYPE_CHECKING:
    from lambdalab.sandbox.authority import Authority

ANSWER_S = 30.0
READY_S = 60.0  # its first start tests the jail
CLOSE_S = 20.0  # a private broker ends its environments, and clears away what the kernel has of them
MESSAGE_BYTES = 1 << 18
LOG_PIPE_BYTES = 1 << 20
F_SETPIPE_SZ = 1031
NEAR_MAX = 64  # so many environments stay with their worker: the end of a crowd is work that all processors share
BASE_ENVIRON = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "ASIALAMBDALABEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "lambdalab/example/not/a/real/key",
    "AWS_SESSION_TOKEN": "lambdalab-example-token",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",
    "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
    "AWS_XRAY_DAEMON_ADDRESS": "169.254.79.129:2000",
    "LAMBDA_TASK_ROOT": "/var/task",
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
    "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    "LD_LIBRARY_PATH": "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/task:/var/task/lib:/opt/lib",
    "PYTHONPATH": "/var/runtime",
}  # fact B.5; the credentials sign nothing that leaves the jail


class Sandbox:
    """A connection to a broker. One worker process has one; environments die with it."""

    def __init__(
        self, connection: socket.socket, home: Home, broker: subprocess.Popen[bytes] | None = None, errors: Any = None
    ) -> None:
        self._connection = connection
        self._broker = broker
        self._errors = errors
        self._greeting: dict[str, Any] | None = None
        self._processor: int | None = None  # the one on which this worker and its environments stay
        self._near: list[Environment] = []  # environments that stay there, some of them gone perhaps
        self._processors: set[int] = set()  # on which the worker may be when it has closed this
        self.home = home
        self.code_store = CodeStore(home.code)
        self.offered = Offered(home.offered)

    def await_ready(self) -> None:
        """Wait until the broker serves. Raises :class:`SandboxError` with its own words when it cannot."""
        self._greeted()

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What confines an environment of this broker, tested when it started. Waits and raises as above."""
        return tuple(Layer(**layer) for layer in self._greeted()["layers"])

    @classmethod
    def connect(cls, path: Path, home: Home | None = None) -> Sandbox:
        """Connect to a running sandboxd. Raises :class:`SandboxError` when there is none."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            connection.connect(str(path))
        except OSError as error:
            connection.close()
            raise SandboxError(f"no sandbox broker answers at {path}: {error.strerror}. Start sandboxd.") from error
        return cls(connection, home or default_home())

    @classmethod
    def private(cls, home: Home | None = None, *, zygotes: int = 1) -> Sandbox:
        """Start a broker of one's own; it ends with this object. It gets ready while the caller does other things."""
        home = home or default_home()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        fd = str(theirs.fileno())
        command = [sys.executable, "-m", "lambdalab.sandbox.broker", "--fd", fd, "--home", str(home.root),
                   "--zygotes", str(zygotes)]  # fmt: skip
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with this object
        with theirs:
            broker = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stderr=errors,
                                      env=_broker_environ())  # fmt: skip
        return cls(ours, home, broker, errors)

    def environment(
        self,
        policy: Policy,
        *,
        task: str | None,
        handler: str,
        environ: Mapping[str, str],
        epoch_us: int,
        seed: int,
        layers: str | None = None,
    ) -> Environment:
        """A new environment, not started. ``task`` and ``layers`` are digests of the code store, or None."""
        for digest in (task, layers):
            if digest is not None and not DIGEST.fullmatch(digest):
                raise ValueError(f"not a digest of the code store: {digest!r}")
        self._greeted()
        self._stay()
        life, their_life = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        log_read, log_write = os.pipe()
        near = self._processor is not None and self._has_room()
        request = {"id": uuid.uuid4().hex, "task": task, "layers": layers, "limits": policy.limits()}
        try:
            with contextlib.suppress(OSError):  # a smaller pipe does as well
                fcntl.fcntl(log_write, F_SETPIPE_SZ, LOG_PIPE_BYTES)
            socket.send_fds(self._connection, [json.dumps(request).encode()], [their_life.fileno(), log_write])
            events = self._spawned(str(request["id"]))
        except (OSError, SandboxError) as error:
            life.close()
            os.close(log_read)
            why = self._lost() if isinstance(error, OSError) else error
            raise SandboxError(f"no environment: {why}") from error
        finally:
            their_life.close()
            os.close(log_write)
        processor = self._processor if near else None
        start = Start(handler, BASE_ENVIRON | dict(environ), epoch_us, seed & 0xFFFFFFFFFFFFFFFF, processor)
        made = Environment(policy, start, Life(life), log_read, lambda: self._authority, events)
        if near:
            self._near.append(made)
        return made

    @cached_property
    def _authority(self) -> Authority:
        """Certificates for hosts of the Internet, when the first client speaks TLS."""
        from lambdalab.sandbox.authority import Authority  # cryptography takes as long to load as all the rest

        return Authority(self.home.authority_key)

    def close(self) -> None:
        """Let go of the broker; a private one ends."""
        self._leave()
        self._connection.close()
        if self._broker is not None:
            if self._greeting is None:
                self._broker.terminate()  # nobody has needed it: it need not get ready first
            try:
                self._broker.wait(CLOSE_S)
            except subprocess.TimeoutExpired:
                self._broker.kill()
                self._broker.wait()
            self._broker = None
            self._errors.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _stay(self) -> None:
        """Keep the calling thread, and environments made from here on, on the processor where it is now.

        Worker and environment take turns, never run beside each other: on one processor handing over costs a change of
        context, between two the waking of one that sleeps, or a place in another queue.
        """
        if self._processor is not None:
            return
        processors, processor = os.sched_getaffinity(0), current_processor()
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {processor})
            self._processor, self._processors = processor, processors

    def _has_room(self) -> bool:
        """Whether one more environment may stay near."""
        if len(self._near) >= NEAR_MAX:
            self._near = [each for each in self._near if each.alive]
        return len(self._near) < NEAR_MAX

    def _leave(self) -> None:
        """The thread may be anywhere again."""
        if self._processor is not None:
            self._processor = None
            with contextlib.suppress(OSError):
                os.sched_setaffinity(0, self._processors)

    def _greeted(self) -> dict[str, Any]:
        """The broker's greeting, once it is ready."""
        if self._greeting is None:
            self._greeting, _ = self._receive(READY_S)
        return self._greeting

    def _lost(self) -> str:
        """Why the broker has gone: of a private one, in its own words."""
        gone = "the sandbox broker is gone"
        if self._broker is None:
            return gone
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._broker.wait(5)
        self._errors.seek(0)
        said: list[str] = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return said[-1] if said else gone

    def _spawned(self, request_id: str) -> int | None:
        answer, fds = self._receive(ANSWER_S)
        if answer.get("id") != request_id or answer.get("event") != "spawned":
            raise SandboxError(str(answer.get("error", "the broker answered something else")))
        return fds[0] if fds else None

    def _receive(self, seconds: float) -> tuple[dict[str, Any], list[int]]:
        self._connection.settimeout(seconds)
        try:
            message, fds, _, _ = socket.recv_fds(self._connection, MESSAGE_BYTES, 1)
        except ConnectionError as error:
            raise SandboxError(self._lost()) from error
        except OSError as error:
            raise SandboxError(f"the sandbox broker does not answer: {error}") from error
        if not message:
            raise SandboxError(self._lost())
        answer: dict[str, Any] = json.loads(message)
        return answer, fds


def _broker_environ() -> dict[str, str]:
    """The broker gets no secret: only what a Python program needs to start."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
    return kept | {"PYTHONUNBUFFERED": "1"}


def current_processor() -> int:
    """The number of the processor on which the calling thread runs. Source: proc_pid_stat(5), field 39."""
    with open("/proc/thread-self/stat") as file:
        return int(file.read().rsplit(")", 1)[1].split()[36])
