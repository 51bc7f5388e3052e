"""One execution environment by itself, without a model of AWS: what ``lambdalab jail`` reports.

Time jumps to the earliest deadline. Each AWS call takes 10 ms and fails with a clear error, so that code which tries
again and again reaches its timeout; no host of the Internet is known. INIT has Lambda's ten seconds; beyond them it
runs again inside the first invocation, on the function's own timeout (fact B.2). Errors are AWS's documents (B.4).
"""

from __future__ import annotations

import contextlib
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lambdalab.sandbox.client import Sandbox
from lambdalab.sandbox.environment import Environment
from lambdalab.sandbox.errors import SandboxError
from lambdalab.sandbox.policy import Policy
from lambdalab.sandbox.report import Call, Connect, ConnectReply, Finished, Reply, Status, Turn

EPOCH_US = 1_764_579_600_000_000  # Monday 2025-12-01 09:00 UTC, as in a scenario without a clock
SECOND_US = 1_000_000
INIT_US = 10 * SECOND_US
CALL_US = 10_000
GUARD_S = 10.0  # real time of one turn: a loop that never ends is a timeout
TURNS_MAX = 200_000
FUNCTION = "jail"
ARN = f"arn:aws:lambda:us-east-1:123456789012:function:{FUNCTION}"
ALIVE = (Status.OK, Status.ERROR, Status.OUTPUT_LIMIT)  # the environment serves the next invocation warm


@dataclass(frozen=True, slots=True)
class Order:
    """What to run: a package of the code store, and how."""

    task: str
    handler: str
    event: bytes = b"{}"
    memory_mb: int = 128
    timeout_s: float = 3.0
    invocations: int = 1
    seed: int = 1


@dataclass(slots=True)
class _Stage:
    """What one INIT or invocation did."""

    status: Status = Status.SANDBOX_ERROR
    payload: bytes = b""
    logs: list[str] = field(default_factory=list)
    virtual_us: int = 0
    cpu_us: int = 0
    wall_ms: float = 0.0
    memory_kb: int = 0


def reports(sandbox: Sandbox, order: Order) -> Iterator[dict[str, Any]]:
    """One report an invocation, as it ends: ``status``, ``result``, ``error``, ``logs``, ``usage`` (labs.md, 4).

    When the sandbox itself fails, the last report says so with ``sandbox_error``.
    """
    try:
        yield from _Solo(sandbox, order).play()
    except SandboxError as error:
        yield _report(order, 0, _Stage(payload=json.dumps({"errorMessage": str(error)}).encode()), None)


class _Solo:
    def __init__(self, sandbox: Sandbox, order: Order) -> None:
        self._order = order
        self._now_us = 0
        self._environment: Environment = sandbox.environment(
            Policy(memory_mb=order.memory_mb, wall_s=GUARD_S),
            task=order.task,
            handler=order.handler,
            environ=_environ(order),
            epoch_us=EPOCH_US,
            seed=order.seed,
        )

    def play(self) -> Iterator[dict[str, Any]]:
        try:
            alive = False
            for number in range(1, self._order.invocations + 1):
                init, stage = self._invocation(number, alive)
                yield _report(self._order, number, stage, init)
                alive = stage.status in ALIVE
                if not alive:
                    self._environment.reset()
        finally:
            self._environment.shutdown()

    def _invocation(self, number: int, alive: bool) -> tuple[_Stage | None, _Stage]:
        """INIT where it is due, and the invocation; where INIT failed, it is both."""
        if alive:
            return None, self._invoke(number, self._deadline())
        init = self._init(self._now_us + INIT_US)
        deadline = self._deadline()
        if init.status is Status.TIMEOUT:
            self._environment.reset()
            again = self._init(deadline)
            again.logs[:0] = init.logs
            init = again
        return init, self._invoke(number, deadline) if init.status is Status.READY else init

    def _deadline(self) -> int:
        return self._now_us + round(self._order.timeout_s * SECOND_US)

    def _init(self, deadline: int) -> _Stage:
        started = time.perf_counter()
        return self._drive(self._environment.start(self._now_us), deadline, started)

    def _invoke(self, number: int, deadline: int) -> _Stage:
        started = time.perf_counter()
        turn = self._environment.invoke(
            request_id=request_id(number),
            event=self._order.event,
            deadline_us=deadline,
            function_arn=ARN,
            now_us=self._now_us,
        )
        return self._drive(turn, deadline, started)

    def _drive(self, turn: Turn, deadline: int, started: float) -> _Stage:
        """Play turns until the code is finished or its time is up."""
        stage, began = _Stage(), self._now_us
        for _ in range(TURNS_MAX):
            self._note(stage, turn)
            if turn.finished is not None:
                break
            replies = _refusals(turn)
            self._now_us = min(deadline, self._now_us + CALL_US if replies else self._next_moment(turn, deadline))
            if self._now_us >= deadline:
                break
            turn = self._environment.resume(replies, self._now_us)
        finished = turn.finished or Finished(Status.TIMEOUT)
        if finished.status is Status.TIMEOUT:
            self._now_us = deadline
        stage.status, stage.payload = finished.status, finished.payload
        stage.virtual_us, stage.wall_ms = self._now_us - began, (time.perf_counter() - started) * 1_000
        return stage

    def _next_moment(self, turn: Turn, deadline: int) -> int:
        return max(self._now_us, deadline if turn.wake_at_us is None else turn.wake_at_us)

    def _note(self, stage: _Stage, turn: Turn) -> None:
        self._now_us += turn.clock_reads
        stage.logs += [line.text for line in turn.logs]
        stage.cpu_us += turn.cpu_us
        stage.memory_kb = max(stage.memory_kb, turn.max_memory_kb)


def request_id(number: int) -> str:
    """The request id of the nth invocation."""
    return f"00000000-0000-4000-8000-{number:012d}"


def _environ(order: Order) -> dict[str, str]:
    return {
        "_HANDLER": order.handler,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_FUNCTION_NAME": FUNCTION,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(order.memory_mb),
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{FUNCTION}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "jail",
    }


def _refusals(turn: Turn) -> list[Reply | ConnectReply]:
    asked = (connect for connect in turn.connects if connect.kind != "datagram")
    return [*map(_refusal, turn.calls), *map(_no_network, asked)]


def _no_network(connect: Connect) -> ConnectReply:
    return ConnectReply(connect.id, "no_such_host" if connect.kind == "lookup" else "unreachable")


def _refusal(call: Call) -> Reply:
    message = "There is no AWS in the jail alone; play a scenario with lambdalab run."
    error = {"Code": "NotSimulated", "Message": message}
    return Reply(call.id, 400, {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 400, "HTTPHeaders": {}}})


def _report(order: Order, number: int, stage: _Stage, init: _Stage | None) -> dict[str, Any]:
    ok = stage.status is Status.OK
    before = init.logs if init is not None and init is not stage else []
    return {
        "status": stage.status.value,
        "result": _parsed(stage.payload) if ok else None,
        "error": None if ok else _error(order, number, stage),
        "logs": [*before, *stage.logs],
        "usage": {
            "init_ms": round(init.wall_ms, 3) if init else None,
            "wall_ms": round(stage.wall_ms, 3),
            "cpu_ms": stage.cpu_us / 1_000,
            "virtual_ms": stage.virtual_us / 1_000,
            "max_memory_mb": _memory_mb(order, stage, init),
        },
    }


def _memory_mb(order: Order, stage: _Stage, init: _Stage | None) -> int:
    """The peak of the environment so far; at most the limit, as in AWS's REPORT line."""
    if stage.status is Status.OUT_OF_MEMORY:
        return order.memory_mb
    peak_kb = max(stage.memory_kb, init.memory_kb if init else 0)
    return min(order.memory_mb, -(-peak_kb // 1024))


def _error(order: Order, number: int, stage: _Stage) -> Any:
    """AWS's document of how it ended. Source: fact B.4."""
    prefix = f"RequestId: {request_id(number)} Error:"
    match stage.status:
        case Status.TIMEOUT:
            return _document("Sandbox.Timedout", f"{prefix} Task timed out after {order.timeout_s:.2f} seconds")
        case Status.OUT_OF_MEMORY:
            return _document("Runtime.ExitError", f"{prefix} Runtime exited with error: signal: killed")
        case Status.EXIT:
            return _document("Runtime.ExitError", f"{prefix} {stage.payload.decode('utf-8', 'replace')}")
        case Status.OUTPUT_LIMIT:
            size = Policy().response_bytes
            text = f"Response payload size exceeded maximum allowed payload size ({size} bytes)."
            return _document("Function.ResponseSizeTooLarge", text)
        case _:
            return _parsed(stage.payload)


def _document(kind: str, message: str) -> dict[str, str]:
    return {"errorType": kind, "errorMessage": message}


def _parsed(payload: bytes) -> Any:
    """What the runtime sent, as JSON; as text where Python cannot read it or JSON could not hold it again.

    Code may raise the limits of its own interpreter; ours stay: depth, and the digits of a number.
    """
    text = payload.decode("utf-8", "replace")
    with contextlib.suppress(ValueError, RecursionError):
        return json.loads(text, parse_constant=str, parse_float=_finite)
    return text


def _finite(text: str) -> float | str:
    """A number; 1e999 is none that JSON can hold again."""
    value = float(text)
    return value if math.isfinite(value) else text
