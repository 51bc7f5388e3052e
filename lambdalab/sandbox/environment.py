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
import signal
import socket
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lambdalab.sandbox import protocol
from lambdalab.sandbox.errors import SandboxError
from lambdalab.sandbox.gateway import Gateway
from lambdalab.sandbox.life import Exit, Life, Order, Usage
from lambdalab.sandbox.logs import LogSplitter
from lambdalab.sandbox.policy import Policy
from lambdalab.sandbox.report import AnyReply, ConnectReply, Finished, LogLine, Status, Turn, WebReply

if TYPE_CHECKING:
    from lambdalab.sandbox.authority import Authority

SIGNALS = {
    1: "hangup", 2: "interrupt", 3: "quit", 4: "illegal instruction", 5: "trace/breakpoint trap",
    6: "aborted (core dumped)", 7: "bus error", 8: "floating point exception", 9: "killed", 10: "user defined signal 1",
    11: "segmentation fault (core dumped)", 12: "user defined signal 2", 13: "broken pipe", 14: "alarm clock",
    15: "terminated",
}  # fmt: skip  # Go, package syscall
KINDS = (Status.READY, Status.OK, Status.ERROR, Status.INIT_ERROR)
WATCH_S = 0.02  # while a turn takes long, the keeper is asked this often how much memory it uses
READ_BYTES = 1 << 18
LOG_READS = 8  # at a time: more than a pipe holds, and yet an end where something writes without end


@dataclass(frozen=True, slots=True)
class Start:
    """What a runtime is started with."""

    handler: str
    environ: Mapping[str, str]
    epoch_us: int
    seed: int
    processor: int | None = None  # on which its runtimes stay once they are invoked


@dataclass(slots=True)
class _Progress:
    """What has gone out to begin the turn under way, and what has come in of it."""

    unsent: memoryview = field(default_factory=lambda: memoryview(b""))
    buffer: bytearray = field(default_factory=bytearray)
    logs: list[LogLine] = field(default_factory=list)
    ended: Finished | None = None
    usage: Usage = field(default_factory=Usage)


class Environment:
    """An execution environment. Made by :meth:`Sandbox.environment`; used by one thread at a time."""

    def __init__(
        self,
        policy: Policy,
        start: Start,
        life: Life,
        log_fd: int,
        authority: Callable[[], Authority],
        memory_events: int | None = None,
    ) -> None:
        self._policy = policy
        self._start = start
        self._life = life
        self._log_fd = log_fd
        self._memory_events = memory_events  # of the control group, where there is one
        self._kills = 0
        self._gateway = Gateway(life.listener, authority)
        self._control: socket.socket | None = None
        self._splitter = LogSplitter(policy.log_bytes)
        self._cpu_ns = 0
        self._frozen = False
        self._reproducible = True
        os.set_blocking(log_fd, False)

    def start(self, now_us: int) -> Turn:
        """INIT: start a runtime and import the handler. Ends READY, INIT_ERROR, EXIT or OUT_OF_MEMORY."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        told = {
            "handler": self._start.handler,
            "environ": dict(self._start.environ),
            "epoch_us": self._start.epoch_us,
            "seed": self._start.seed,
            "now_us": now_us,
            "processor": self._start.processor,
            "processors": self._policy.processors,
        }
        with theirs:
            self._life.start(told, theirs)
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
        self._splitter.renew()
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
        arrivals = self._gateway.arrivals()
        return self._go(protocol.write_go(now_us, arrivals, event=json.dumps(head).encode() + b"\n" + event))

    def resume(self, replies: Sequence[AnyReply], now_us: int) -> Turn:
        """Time has moved to ``now_us``; these calls and requests were answered and these connects decided."""
        for reply in replies:
            if isinstance(reply, WebReply):
                self._gateway.answer(reply)
            elif isinstance(reply, ConnectReply) and reply.outcome == "answered" and reply.host:
                self._gateway.let_in(reply)
        told = [reply for reply in replies if not isinstance(reply, WebReply)]
        return self._go(protocol.write_go(now_us, [*told, *self._gateway.arrivals()]))

    def freeze(self) -> None:
        """Stop every process of the environment."""
        self._life.ask(Order.FREEZE)
        self._frozen = True

    def thaw(self) -> None:
        """Let them go on."""
        self._life.ask(Order.THAW)
        self._frozen = False

    def reset(self) -> Usage:
        """Kill the runtime and all it started; /tmp stays. The next turn is a new :meth:`start`.

        Returns what the runtime has used in its life, as far as it still lived.
        """
        usage = self._life.ask(Order.KILL)
        self._drop_control()
        self._frozen = False
        self._life.take_exit()
        self._drain(_Progress())
        return usage

    @property
    def alive(self) -> bool:
        """Whether it was not shut down yet."""
        return self._log_fd >= 0

    def shutdown(self) -> None:
        """End the environment. Closing the life socket ends its keeper, and the kernel everything below."""
        self._drop_control()
        self._life.close()
        if self._log_fd >= 0:
            os.close(self._log_fd)
            self._log_fd = -1
        if self._memory_events is not None:
            os.close(self._memory_events)
            self._memory_events = None

    def _drop_control(self) -> None:
        self._gateway.reset()
        if self._control is not None:
            self._control.close()
            self._control = None

    def _go(self, frame: bytes) -> Turn:
        if self._control is None:
            raise SandboxError("the environment has no runtime: start it first")
        return self._next_turn(frame)

    def _next_turn(self, frame: bytes = b"") -> Turn:
        """Send ``frame`` and wait, in real time, until the environment hands over or ends.

        The environment may refuse to read, and may write without end: neither keeps us from looking at the clock.
        """
        progress = _Progress(memoryview(frame))
        begun = looked = time.monotonic()
        poll = select.poll()
        assert self._control is not None
        for channel in (self._control.fileno(), self._life.fileno(), self._log_fd):
            poll.register(channel, select.POLLIN)
        if self._gateway.open:
            poll.register(self._gateway, select.POLLIN)
        self._send(progress, poll)
        while True:
            if self._complete(progress.buffer):
                return self._turn(progress)
            ready = dict(poll.poll(0 if self._life.exit else WATCH_S * 1_000))
            if self._gateway.open and self._gateway.fileno() in ready:
                self._gateway.pump()
            if self._log_fd in ready:
                self._drain(progress)
            if ready.get(self._control.fileno(), 0) & select.POLLOUT:
                self._send(progress, poll)
            if ready.get(self._control.fileno(), 0) & ~select.POLLOUT:
                self._receive(progress, poll)
            if self._life.fileno() in ready:
                self._life.hear()
            if (ended := self._life.take_exit()) is not None:
                self._end(progress, ended)
            if progress.ended is not None and not self._complete(progress.buffer):
                return self._last_turn(progress, progress.ended)
            if time.monotonic() - looked > WATCH_S:
                judged = self._judge(begun + self._policy.wall_s)
                if judged is not None:
                    progress.usage = self.reset()
                    return self._last_turn(progress, judged)
                looked = time.monotonic()

    def _complete(self, buffer: bytearray) -> bool:
        """Whether a whole turn is here, or something that cannot become one."""
        try:
            return len(buffer) >= 8 and len(buffer) >= protocol.turn_length(bytes(buffer[:8]))
        except protocol.BadFrame:
            return True

    def _send(self, progress: _Progress, poll: select.poll) -> None:
        """As much as the socket takes now."""
        assert self._control is not None
        try:
            while progress.unsent:
                progress.unsent = progress.unsent[self._control.send(progress.unsent, socket.MSG_DONTWAIT) :]
        except BlockingIOError:
            pass
        except (BrokenPipeError, ConnectionResetError):
            progress.unsent = progress.unsent[:0]  # its end is read as a turn
        poll.modify(self._control.fileno(), select.POLLIN | (select.POLLOUT if progress.unsent else 0))

    def _receive(self, progress: _Progress, poll: select.poll) -> None:
        assert self._control is not None
        data = b""
        with contextlib.suppress(ConnectionResetError):
            data = self._control.recv(READ_BYTES)
        if not data:
            poll.unregister(self._control.fileno())  # its keeper will say how it ended
            return
        progress.buffer += data

    def _end(self, progress: _Progress, ended: Exit) -> None:
        """The runtime's process has ended."""
        self._drain(progress)
        self._drain_control(progress)
        progress.usage = ended.usage
        progress.ended = progress.ended or self._why(ended)

    def _why(self, ended: Exit) -> Finished:
        """How a process ended, in AWS's words; the kernel tells whether it was for want of memory."""
        if ended.number == signal.SIGKILL and self._memory_events is not None:
            words = os.pread(self._memory_events, 4096, 0).split()
            kills = int(words[words.index(b"oom_kill") + 1])
            if kills > self._kills:
                self._kills = kills
                return Finished(Status.OUT_OF_MEMORY)
        return exit_words(ended.code, ended.number)

    def _drain_control(self, progress: _Progress) -> None:
        """A last turn may have been written just before the process ended; its children may write without end."""
        assert self._control is not None
        with contextlib.suppress(BlockingIOError, ConnectionResetError):
            while not self._complete(progress.buffer):
                data = self._control.recv(READ_BYTES, socket.MSG_DONTWAIT)
                if not data:
                    break
                progress.buffer += data

    def _drain(self, progress: _Progress) -> None:
        with contextlib.suppress(BlockingIOError):
            for _ in range(LOG_READS):
                progress.logs += self._splitter.feed(os.read(self._log_fd, READ_BYTES))

    def _judge(self, deadline: float) -> Finished | None:
        """A turn that takes long: too much memory, or too much time?"""
        limit_kb = self._policy.memory_mb << 10
        if self._life.ask(Order.MEASURE, struct.pack("<I", limit_kb)).memory_kb > limit_kb:
            return Finished(Status.OUT_OF_MEMORY)
        if time.monotonic() > deadline:
            return Finished(Status.TIMEOUT)
        return None

    def _turn(self, progress: _Progress) -> Turn:
        self._drain(progress)
        try:
            frame = protocol.read_turn(bytes(progress.buffer))
        except protocol.BadFrame:
            progress.usage = self.reset()
            return self._last_turn(progress, Finished(Status.EXIT, b"Runtime exited without providing a reason"))
        self._gateway.catch_up(frame.written)
        cpu_ns, self._cpu_ns = frame.cpu_ns - self._cpu_ns, frame.cpu_ns
        self._reproducible = self._reproducible and not frame.racing
        finished = self._finished(frame)
        if finished is not None:
            progress.logs += self._splitter.flush()
        return Turn(
            calls=frame.calls,
            connects=frame.connects,
            requests=self._gateway.take_requests(),
            closed=frame.closed,
            logs=tuple(progress.logs),
            clock_reads=frame.reads,
            cpu_us=max(0, cpu_ns) // 1_000,
            wake_at_us=self._wake_at_us(frame),
            finished=finished,
            max_memory_kb=frame.memory_kb,
            reproducible=self._reproducible,
        )

    def _wake_at_us(self, frame: protocol.TurnFrame) -> int | None:
        """When a thread wants to go on: at once, where the gateway has said something by itself (a TLS handshake)."""
        wake_ns = frame.now_ns if self._gateway.stirred else frame.wake_ns
        return None if wake_ns < 0 else -(-wake_ns // 1_000)

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
        """The runtime handed nothing over: its process has ended, and the kernel says what it used."""
        self._drain(progress)
        return Turn(
            logs=(*progress.logs, *self._splitter.flush()),
            cpu_us=max(0, progress.usage.cpu_us - self._cpu_ns // 1_000),
            finished=ended,
            max_memory_kb=progress.usage.memory_kb,
            reproducible=self._reproducible,
        )


def exit_words(code: int | None, number: int | None) -> Finished:
    """A process's end in AWS's words. Source: fact B.4; signals have Go's names, Lambda's language."""
    if number is not None:
        text = f"Runtime exited with error: signal: {SIGNALS.get(number, f'signal {number}')}"
        return Finished(Status.EXIT, text.encode())
    if code:
        return Finished(Status.EXIT, f"Runtime exited with error: exit status {code}".encode())
    return Finished(Status.EXIT, b"Runtime exited without providing a reason")
