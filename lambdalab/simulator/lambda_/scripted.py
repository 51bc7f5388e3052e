"""A handler without code: what it does is written down. For tests, quizzes and millions of invocations."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.lambda_.handlers import (
    AnyReply,
    Call,
    Connect,
    EnvironmentHandle,
    Finished,
    FinishedStatus,
    HandlerEvent,
    LoggedLine,
    Turn,
    WebRequest,
)

MEMORY_USED_MB = 40
_Asked = tuple[str, str, dict[str, Any]] | Connect | WebRequest


@dataclass(frozen=True, slots=True)
class Act:
    """One invocation's script: make ``calls``, ``connects`` and ``requests``, one after the other, then wait ``takes``
    and finish.

    ``calls`` are (service, operation, params). ``result`` is returned when ``status`` is ``ok``; otherwise
    ``error_type`` and ``error_message`` make AWS's error document.
    """

    status: FinishedStatus = "ok"
    result: Any = None
    error_type: str = "RuntimeError"
    error_message: str = "scripted"
    takes: Micros = Micros(0)
    calls: tuple[tuple[str, str, dict[str, Any]], ...] = ()
    connects: tuple[Connect, ...] = ()
    requests: tuple[WebRequest, ...] = ()
    logs: tuple[str, ...] = ()

    def finished(self) -> Finished:
        """How the act ends."""
        if self.status == "ready":
            return Finished("ready", "")
        if self.status == "ok":
            return Finished("ok", "null" if self.result is None else json.dumps(self.result))
        if self.status in ("exit", "out_of_memory"):
            return Finished(self.status, "Runtime exited without providing a reason")
        document = {"errorMessage": self.error_message, "errorType": self.error_type, "stackTrace": []}
        return Finished(self.status, json.dumps(document))


Script = Callable[[Function, Any, int], Act]
"""Decides an invocation: function, decoded event, number of the environment's invocation from 1."""


def always(act: Act) -> Script:
    """The same act for every invocation."""
    return lambda function, event, count: act


@dataclass(slots=True)
class ScriptedHandlers:
    """Makes scripted environments. ``init`` may replace the INIT of every environment."""

    script: Script = field(default_factory=lambda: always(Act()))
    init: Act = field(default_factory=lambda: Act(status="ready"))

    def environment(self, function: Function, number: int, log_stream: str) -> EnvironmentHandle:
        """A new environment."""
        return _Environment(function, self)


class _Environment:
    def __init__(self, function: Function, handlers: ScriptedHandlers) -> None:
        self._function = function
        self._handlers = handlers
        self._count = 0
        self._act = handlers.init
        self._last = Turn(finished=self._act.finished(), max_memory_mb=MEMORY_USED_MB)
        self._done_at = Micros(0)
        self._left: deque[_Asked] = deque()

    def start(self, now: Micros) -> Turn:
        return self._begin(self._handlers.init, now)

    def invoke(self, event: HandlerEvent, now: Micros) -> Turn:
        self._count += 1
        return self._begin(self._handlers.script(self._function, _decoded(event.payload), self._count), now)

    def resume(self, replies: Sequence[AnyReply], now: Micros) -> Turn:
        return self._go_on(now, ())

    def reset(self) -> None:
        self._count = 0

    def shutdown(self) -> None:
        return

    def _begin(self, act: Act, now: Micros) -> Turn:
        if act is not self._act:  # most do the same again and again
            self._act, self._last = act, Turn(finished=act.finished(), max_memory_mb=MEMORY_USED_MB)
        self._done_at = Micros(now + act.takes)
        asks: tuple[_Asked, ...] = (*act.calls, *act.connects, *act.requests)
        if asks or self._left:  # of an act that was cut off
            self._left = deque(asks)
        return self._go_on(now, tuple(map(LoggedLine, act.logs)) if act.logs else ())

    def _go_on(self, now: Micros, logs: tuple[LoggedLine, ...]) -> Turn:
        if self._left:
            return self._ask(self._left.popleft(), now, logs)
        if now < self._done_at:
            return Turn(wake_at=self._done_at, logs=logs)
        return msgspec.structs.replace(self._last, logs=logs) if logs else self._last

    def _ask(self, asked: _Asked, now: Micros, logs: tuple[LoggedLine, ...]) -> Turn:
        if isinstance(asked, Connect):
            return Turn(connects=(asked,), logs=logs, wake_at=now if asked.kind == "datagram" else None)
        if isinstance(asked, WebRequest):
            return Turn(requests=(asked,), logs=logs)
        return Turn(calls=(Call(len(self._left), *asked),), logs=logs)


def _decoded(payload: str) -> Any:
    try:
        return msgspec.json.decode(payload)
    except msgspec.DecodeError:  # half of a surrogate pair, escaped, which Python's own parser takes
        return json.loads(payload)
