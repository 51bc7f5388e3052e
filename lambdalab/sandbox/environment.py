"""One execution environment, seen from the worker: it owns the descriptors, never a path.

Three channels: the *control* socket carries turns, the *life* socket talks to the keeper (pid 1 of the environment),
the *log* pipe is drained all the time so that nothing inside ever waits for us. Memory is judged after each turn by the
peak that the kernel counted, and while a turn takes long by asking the keeper.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lambdalab.sandbox import protocol
from lambdalab.sandbox.errors import SandboxError
from lambdalab.sandbox.logs import LogSplitter
from lambdalab.sandbox.policy import Policy
from lambdalab.sandbox.report import Finished, LogLine, Reply, Status, Turn

KINDS = (Status.READY, Status.OK, Status.ERROR, Status.INIT_ERROR)
WATCH_S = 0.02  # while a turn takes long, the keeper is asked this often how much memory it uses
KEEPER_S = 10.0
READ_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Start:
    """What a runtime is started with."""

    handler: str
    environ: Mapping[str, str]
    epoch_us: int
    seed: int


@dataclass(slots=True)
class _Progress:
    """What has come in of the turn under way."""

    buffer: bytearray = field(default_factory=bytearray)
    logs: list[LogLine] = field(default_factory=list)
    ended: Finished | None = None


class Environment:
    """An execution environment. Made by :meth:`Sandbox.environment`; used by one thread at a time."""

    def __init__(self, policy: Policy, start: Start, life: socket.socket, log_fd: int) -> None:
        self._policy = policy
        self._start = start
        self._life = life
        self._log_fd = log_fd
        self._control: socket.socket | None = None
        self._splitter = LogSplitter(policy.log_bytes)
        self._cpu_ns = 0
        self._frozen = False
        self._exited: dict[str, Any] | None = None  # the runtime ended while the keeper was asked something else
        self._reproducible = True
        os.set_blocking(log_fd, False)

    def start(self, now_us: int) -> Turn:
        """INIT: start a runtime and import the handler. Ends READY, INIT_ERROR, EXIT or OUT_OF_MEMORY."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        order = {
            "order": "start",
            "handler": self._start.handler,
            "environ": dict(self._start.environ),
            "epoch_us": self._start.epoch_us,
            "seed": self._start.seed,
            "now_us": now_us,
        }
        with theirs:
            self._send_life(order, [theirs.fileno()])
        self._drop_control()
        self._control = ours
        self._cpu_ns = 0
        return self._next_turn()

    def invoke(
        self,
        *,
        request_id: str,
        event: bytes,
        deadline_us: int,
        function_arn: str,
        now_us: int,
        client_context: str | None = None,
        trace_id: str | None = None,
    ) -> Turn:
        """Begin an invocation; ``deadline_us`` is when the function's timeout strikes, in virtual time."""
        if self._frozen:
            self.thaw()
        head: dict[str, object] = {
            "Lambda-Runtime-Aws-Request-Id": request_id,
            "Lambda-Runtime-Deadline-Ms": (self._start.epoch_us + deadline_us) // 1_000,
            "Lambda-Runtime-Invoked-Function-Arn": function_arn,
            "Content-Type": "application/json",
        }
        if client_context is not None:
            head["Lambda-Runtime-Client-Context"] = client_context
        if trace_id is not None:
            head["Lambda-Runtime-Trace-Id"] = trace_id
        return self._go(protocol.write_go(now_us, event=json.dumps(head).encode() + b"\n" + event))

    def resume(self, replies: Sequence[Reply], now_us: int) -> Turn:
        """Time has moved to ``now_us`` and these calls were answered."""
        return self._go(protocol.write_go(now_us, replies))

    def freeze(self) -> None:
        """Stop every process of the environment."""
        self._order("freeze")
        self._frozen = True

    def thaw(self) -> None:
        """Let them go on."""
        self._order("thaw")
        self._frozen = False

    def reset(self) -> None:
        """Kill the runtime and all it started; /tmp stays. The next turn is a new :meth:`start`."""
        self._order("kill")
        self._drop_control()
        self._frozen = False
        self._exited = None
        self._drain(_Progress())

    def shutdown(self) -> None:
        """End the environment. Closing the life socket ends its keeper, and the kernel everything below."""
        self._drop_control()
        self._life.close()
        if self._log_fd >= 0:
            os.close(self._log_fd)
            self._log_fd = -1

    def _drop_control(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None

    def _go(self, frame: bytes) -> Turn:
        if self._control is None:
            raise SandboxError("the environment has no runtime: start it first")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # its end is read as a turn
            self._control.settimeout(self._policy.wall_s)
            self._control.sendall(frame)
        return self._next_turn()

    def _next_turn(self) -> Turn:
        """Wait, in real time, until the environment hands over or ends."""
        progress = _Progress()
        deadline = time.monotonic() + self._policy.wall_s
        poll = select.poll()
        assert self._control is not None
        for channel in (self._control.fileno(), self._life.fileno(), self._log_fd):
            poll.register(channel, select.POLLIN)
        while True:
            if self._complete(progress.buffer):
                return self._turn(progress)
            ready = {fd for fd, _ in poll.poll(0 if self._exited else WATCH_S * 1_000)}
            if self._log_fd in ready:
                self._drain(progress)
            if self._control.fileno() in ready:
                self._receive(progress, poll)
            if self._life.fileno() in ready:
                self._hear(progress)
            if self._exited is not None:
                self._end(progress, self._exited)
            if progress.ended is not None and not self._complete(progress.buffer):
                return self._last_turn(progress, progress.ended)
            if not ready:
                judged = self._judge(deadline)
                if judged is not None:
                    self.reset()
                    return self._last_turn(progress, judged)

    def _complete(self, buffer: bytearray) -> bool:
        return len(buffer) >= 8 and len(buffer) >= protocol.turn_length(bytes(buffer[:8]))

    def _receive(self, progress: _Progress, poll: select.poll) -> None:
        assert self._control is not None
        data = b""
        with contextlib.suppress(ConnectionResetError):
            data = self._control.recv(READ_BYTES)
        if not data:
            poll.unregister(self._control.fileno())  # its keeper will say how it ended
            return
        progress.buffer += data
        if len(progress.buffer) >= 8:
            try:
                protocol.turn_length(bytes(progress.buffer[:8]))
            except protocol.BadFrame:
                progress.buffer.clear()
                self.reset()
                progress.ended = Finished(Status.EXIT, b"Runtime exited without providing a reason")

    def _hear(self, progress: _Progress) -> None:
        message = self._life.recv(65_536)
        if not message:
            raise SandboxError("the environment's keeper is gone; the sandbox broker may have been stopped")
        event = json.loads(message)
        if event["event"] == "exit":
            self._end(progress, event)

    def _end(self, progress: _Progress, event: dict[str, Any]) -> None:
        """The runtime's process has ended."""
        self._exited = None
        self._drain(progress)
        self._drain_control(progress)
        progress.ended = progress.ended or exit_words(event["code"], event["signal"])

    def _drain_control(self, progress: _Progress) -> None:
        """A last turn may have been written just before the process ended."""
        assert self._control is not None
        self._control.setblocking(False)
        with contextlib.suppress(BlockingIOError, ConnectionResetError):
            while data := self._control.recv(READ_BYTES):
                progress.buffer += data
        self._control.setblocking(True)

    def _drain(self, progress: _Progress) -> None:
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self._log_fd, READ_BYTES):
                progress.logs += self._splitter.feed(data)

    def _judge(self, deadline: float) -> Finished | None:
        """A turn that takes long: too much memory, or too much time?"""
        state = self._order("state", limit_kb=self._policy.memory_mb << 10)
        if state["memory_kb"] > self._policy.memory_mb << 10:
            return Finished(Status.OUT_OF_MEMORY)
        if time.monotonic() > deadline:
            return Finished(Status.TIMEOUT)
        return None

    def _turn(self, progress: _Progress) -> Turn:
        self._drain(progress)
        try:
            frame = protocol.read_turn(bytes(progress.buffer))
        except protocol.BadFrame:
            self.reset()
            return self._last_turn(progress, Finished(Status.EXIT, b"Runtime exited without providing a reason"))
        cpu_ns, self._cpu_ns = frame.cpu_ns - self._cpu_ns, frame.cpu_ns
        self._reproducible = self._reproducible and not frame.racing
        finished = self._finished(frame)
        if finished is not None:
            progress.logs += self._splitter.flush()
        return Turn(
            calls=frame.calls,
            logs=tuple(progress.logs),
            clock_reads=frame.reads,
            cpu_us=max(0, cpu_ns) // 1_000,
            wake_at_us=None if frame.wake_ns < 0 else -(-frame.wake_ns // 1_000),
            finished=finished,
            max_memory_kb=frame.memory_kb,
            reproducible=self._reproducible,
        )

    def _finished(self, frame: protocol.TurnFrame) -> Finished | None:
        if frame.memory_kb > self._policy.memory_mb << 10:
            self.reset()
            return Finished(Status.OUT_OF_MEMORY)
        if frame.finished < 0:
            return None
        if len(frame.finished_body) > self._policy.response_bytes:
            return Finished(Status.OUTPUT_LIMIT)
        if frame.finished in (1, 2) and frame.racing:
            self.freeze()
        return Finished(KINDS[frame.finished], frame.finished_body)

    def _last_turn(self, progress: _Progress, ended: Finished) -> Turn:
        self._drain(progress)
        return Turn(logs=(*progress.logs, *self._splitter.flush()), finished=ended, reproducible=self._reproducible)

    def _order(self, order: str, **more: int) -> dict[str, Any]:
        """Ask the keeper for something and wait until it is done; returns its answer."""
        self._send_life({"order": order, **more}, [])
        until = time.monotonic() + KEEPER_S
        self._life.settimeout(KEEPER_S)
        try:
            while time.monotonic() < until:
                message = self._life.recv(65_536)
                if not message:
                    break
                event: dict[str, Any] = json.loads(message)
                if event["event"] == "done" and event["order"] == order:
                    return event
                self._exited = event if event["event"] == "exit" else self._exited
        except TimeoutError:
            pass
        finally:
            if self._life.fileno() >= 0:
                self._life.settimeout(None)
        raise SandboxError(f"the environment's keeper did not answer to {order}")

    def _send_life(self, order: dict[str, object], fds: list[int]) -> None:
        try:
            socket.send_fds(self._life, [json.dumps(order).encode()], fds)
        except OSError as error:
            raise SandboxError(f"the environment's keeper is gone: {error.strerror}") from error


def exit_words(code: int | None, number: int | None) -> Finished:
    """A process's end in AWS's words. Source: fact B.4."""
    if number is not None:
        words = {9: "killed", 11: "segmentation fault (core dumped)", 6: "aborted (core dumped)"}
        text = f"Runtime exited with error: signal: {words.get(number, str(number))}"
        return Finished(Status.EXIT, text.encode())
    if code:
        return Finished(Status.EXIT, f"Runtime exited with error: exit status {code}".encode())
    return Finished(Status.EXIT, b"Runtime exited without providing a reason")
