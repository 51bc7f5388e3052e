"""A small driver of one environment: time jumps to the earliest deadline, AWS calls get canned answers at once.

What is asked of the network is decided by ``network``: it names an outcome and after how many microseconds, or None for
silence. Without it no host exists, and no address answers. Requests are answered likewise by ``web``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from lambdalab.sandbox import (
    AnyReply,
    Call,
    Connect,
    ConnectReply,
    Environment,
    Finished,
    LogLine,
    Policy,
    Reply,
    Sandbox,
    Status,
    Turn,
    WebReply,
    WebRequest,
)
from lambdalab.sandbox.report import CallFailure

SECOND_US = 1_000_000
EPOCH_US = 1_764_579_600_000_000  # 2025-12-01 09:00:00 UTC
ARN = "arn:aws:lambda:us-east-1:123456789012:function:greet"
TURNS_MAX = 20_000

Answer = Callable[[Call], "dict[str, Any] | CallFailure"]
Web = Callable[[WebRequest], tuple[WebReply, int]]
Network = Callable[[Connect], "tuple[ConnectReply, int] | None"]


@dataclass(frozen=True, slots=True)
class Report:
    """What one INIT or one invocation did."""

    status: Status
    payload: bytes = b""
    lines: tuple[LogLine, ...] = ()
    calls: tuple[Call, ...] = ()
    connects: tuple[Connect, ...] = ()
    requests: tuple[WebRequest, ...] = ()
    closed: tuple[int, ...] = ()
    virtual_us: int = 0
    memory_kb: int = 0
    turns: int = 0
    reproducible: bool = True

    @property
    def result(self) -> Any:
        """The handler's result; fails with what happened instead when there is none."""
        assert self.status is Status.OK, f"{self.status} {self.payload.decode()} {self.logs}"
        return json.loads(self.payload)

    @property
    def error(self) -> dict[str, Any]:
        """AWS's error document."""
        document: dict[str, Any] = json.loads(self.payload)
        return document

    @property
    def logs(self) -> list[str]:
        """The texts of the log events."""
        return [line.text for line in self.lines]

    @property
    def seconds(self) -> float:
        """Virtual seconds, without the microseconds that readings of the clock cost."""
        return round(self.virtual_us / SECOND_US, 2)


@dataclass(slots=True)
class _Notes:
    lines: list[LogLine] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    connects: list[Connect] = field(default_factory=list)
    requests: list[WebRequest] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    memory_kb: int = 0
    turns: int = 0
    reproducible: bool = True


class Driven:
    """One environment with its own time. Use as a context manager: leaving it shuts the environment down."""

    def __init__(
        self,
        sandbox: Sandbox,
        files: Mapping[str, bytes],
        *,
        policy: Policy | None = None,
        handler: str = "app.handler",
        environ: Mapping[str, str] | None = None,
        seed: int = 1,
        timeout_s: float = 30.0,
        answer: Answer | None = None,
        network: Network | None = None,
        web: Web | None = None,
        layers: Mapping[str, bytes] | None = None,
    ) -> None:
        policy = policy or Policy()
        self.now_us = 0
        self._timeout_us = round(timeout_s * SECOND_US)
        self._answer = answer or (lambda call: {})
        self._network = network or no_network
        self._web = web or (lambda request: (WebReply(request.id, 404), 0))
        self._due: list[tuple[int, AnyReply]] = []
        self._number = 0
        self.environment: Environment = sandbox.environment(
            policy,
            task=sandbox.code_store.put(files),
            handler=handler,
            environ=_environ(handler, policy) | dict(environ or {}),
            epoch_us=EPOCH_US,
            seed=seed,
            layers=sandbox.code_store.put(layers) if layers else None,
        )

    def __enter__(self) -> Driven:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.environment.shutdown()

    def init(self) -> Report:
        """INIT, with Lambda's ten seconds."""
        return self._play(self.environment.start(self.now_us), self.now_us + 10 * SECOND_US)

    def invoke(self, event: object = None, *, client_context: str | None = None) -> Report:
        """One invocation."""
        self._number += 1
        deadline = self.now_us + self._timeout_us
        turn = self.environment.invoke(
            request_id=request_id(self._number),
            event=json.dumps({} if event is None else event).encode(),
            deadline_us=deadline,
            function_arn=ARN,
            now_us=self.now_us,
            client_context=client_context,
            trace_id="Root=1-00000000-000000000000000000000001",
        )
        return self._play(turn, deadline)

    def _play(self, turn: Turn, deadline_us: int) -> Report:
        notes, began = _Notes(), self.now_us
        while turn.finished is None and notes.turns < TURNS_MAX:
            self._note(notes, turn)
            turn = self._go_on(turn, deadline_us)
        self._note(notes, turn)
        ended = turn.finished or Finished(Status.TIMEOUT, b"too many turns")
        return Report(
            status=ended.status,
            payload=ended.payload,
            lines=tuple(notes.lines),
            calls=tuple(notes.calls),
            connects=tuple(notes.connects),
            requests=tuple(notes.requests),
            closed=tuple(notes.closed),
            virtual_us=self.now_us - began,
            memory_kb=notes.memory_kb,
            turns=notes.turns,
            reproducible=notes.reproducible,
        )

    def _go_on(self, turn: Turn, deadline_us: int) -> Turn:
        for connect in turn.connects:
            decided = self._network(connect) if connect.kind != "datagram" else None
            if decided is not None:
                self._due.append((self.now_us + decided[1], decided[0]))
        for request in turn.requests:
            answer, after_us = self._web(request)
            self._due.append((self.now_us + after_us, answer))
        if not turn.calls:
            wakes = [deadline_us, *(at for at, _ in self._due)]
            wake = min(wakes if turn.wake_at_us is None else [turn.wake_at_us, *wakes])
            self.now_us = min(max(self.now_us, wake), deadline_us)
        if self.now_us >= deadline_us:
            self.environment.reset()
            self._due.clear()
            return Turn(finished=Finished(Status.TIMEOUT, b"the function's timeout"))
        due = [reply for at, reply in self._due if at <= self.now_us]
        self._due = [(at, reply) for at, reply in self._due if at > self.now_us]
        return self.environment.resume([*map(self._reply, turn.calls), *due], self.now_us)

    def _reply(self, call: Call) -> Reply:
        answer = self._answer(call)
        if isinstance(answer, str):
            return Reply(call.id, 0, {}, answer)
        parsed: dict[str, Any] = {"ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {}}} | answer
        return Reply(call.id, int(parsed["ResponseMetadata"]["HTTPStatusCode"]), parsed)

    def _note(self, notes: _Notes, turn: Turn) -> None:
        self.now_us += turn.clock_reads
        notes.turns += 1
        notes.lines += turn.logs
        notes.calls += turn.calls
        notes.connects += turn.connects
        notes.requests += turn.requests
        notes.closed += turn.closed
        notes.memory_kb = max(notes.memory_kb, turn.max_memory_kb)
        notes.reproducible = notes.reproducible and turn.reproducible


def no_network(connect: Connect) -> tuple[ConnectReply, int] | None:
    """No host has a name here, and no address answers."""
    return (ConnectReply(connect.id, "no_such_host"), 2_000) if connect.kind == "lookup" else None


def request_id(number: int) -> str:
    """The request id of the nth invocation."""
    return f"00000000-0000-4000-8000-{number:012d}"


def failure(code: str, status: int = 400) -> dict[str, Any]:
    """An AWS error as botocore parses it."""
    return {
        "Error": {"Code": code, "Message": f"{code} was asked for"},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}},
    }


def _environ(handler: str, policy: Policy) -> dict[str, str]:
    return {
        "_HANDLER": handler,
        "AWS_LAMBDA_FUNCTION_NAME": "greet",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(policy.memory_mb),
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/greet",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2025/12/01/[$LATEST]0000",
    }
