"""The handler port: how the model talks to code. The code decides *what*, the model decides *when*.

An environment works in turns: it runs until all its threads are blocked or done, then hands over one :class:`Turn`.
The model answers with the replies of API calls and the new time. Two implementations exist: ``ScriptedHandlers`` here
(tests, quizzes) and the sandboxed ones in ``lambdalab.runtime``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import msgspec

from lambdalab.simulator.kernel import SECOND, Micros
from lambdalab.simulator.lambda_.function import Function

API_PATIENCE = Micros(60 * SECOND)  # botocore's connect_timeout, and its read_timeout. botocore, Config, read 2026-11
FinishedStatus = Literal["ready", "ok", "error", "init_error", "exit", "out_of_memory", "output_limit", "guard"]


@dataclass(frozen=True, slots=True)
class Call:
    """An AWS API call that a thread of the handler waits for. ``params`` are decoded Python values.

    ``host`` is where botocore sends it, empty for the service's usual host; ``patience`` its connect timeout (None: as
    long as the operating system tries); ``read_patience`` how long it waits for an answer (None: for ever).
    """

    id: int
    service: str
    operation: str
    params: dict[str, Any]
    host: str = ""
    patience: Micros | None = API_PATIENCE
    read_patience: Micros | None = API_PATIENCE


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a :class:`Call`: the output members, or AWS's error code and message.

    ``failure`` says why there is none: nobody or nothing answered in time, the operating system gave the connect up, or
    the host's name does not exist. botocore makes its own exceptions of these, and its own retries.
    """

    call_id: int
    status: int
    output: dict[str, Any] | None = None
    error_code: str | None = None
    error_message: str | None = None
    error_extra: dict[str, Any] | None = None
    failure: Literal["connect_timeout", "read_timeout", "unreachable", "no_such_host"] | None = None


@dataclass(frozen=True, slots=True)
class Connect:
    """Something that the handler asks of the network.

    A ``lookup`` has a ``host`` name; a TCP ``connect`` and a UDP ``datagram`` have an IPv4 ``address`` and a ``port``.
    A thread waits for the first two; a datagram has ``data``, and nobody waits.
    """

    id: int
    kind: Literal["lookup", "connect", "datagram"]
    host: str = ""
    address: str = ""
    port: int = 0
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class ConnectReply:
    """What becomes of a look-up (``answered`` with an ``address``, or ``no_such_host``) or of a TCP connect.

    Where a connect is answered, ``host`` is who answers, and ``trusted`` whether its certificate is good. A ``mute``
    one takes what is sent and says nothing.
    """

    connect_id: int
    outcome: Literal["answered", "refused", "unreachable", "timed_out", "no_such_host"]
    address: str = ""
    host: str = ""
    port: int = 0
    trusted: bool = True
    mute: bool = False


@dataclass(frozen=True, slots=True)
class WebRequest:
    """An HTTP request that a thread of the handler waits for, over a connection that was answered."""

    id: int
    method: str
    url: str
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class WebReply:
    """The answer to a :class:`WebRequest`; ``reset`` breaks the connection instead."""

    request_id: int
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    reset: bool = False


AnyReply = Reply | ConnectReply | WebReply


@dataclass(frozen=True, slots=True)
class LoggedLine:
    """One log event the code wrote in this turn. ``runtime`` lines come from AWS's runtime client."""

    text: str
    error: bool = False


class Finished(msgspec.Struct, frozen=True):
    """INIT or an invocation is over. ``payload`` is the response or AWS's error document, as JSON text."""

    status: FinishedStatus
    payload: str


class Turn(msgspec.Struct, frozen=True):
    """What an environment did since it last had the word.

    ``wake_at`` is the earliest moment at which a waiting thread wants to go on (None: none waits for time);
    ``cpu_us`` the real CPU time spent, used only where compute is measured; ``clock_reads`` how often a clock was read.
    ``closed`` are the connects whose sockets nobody holds any more.
    """

    calls: tuple[Call, ...] = ()
    connects: tuple[Connect, ...] = ()
    requests: tuple[WebRequest, ...] = ()
    closed: tuple[int, ...] = ()
    logs: tuple[LoggedLine, ...] = ()
    wake_at: Micros | None = None
    finished: Finished | None = None
    clock_reads: int = 0
    cpu_us: int = 0
    max_memory_mb: int = 0
    reproducible: bool = True
    failure: str | None = None  # our own failure, never the student's: the run ends with it


class HandlerEvent(msgspec.Struct, frozen=True):
    """What an invocation hands to the code. ``deadline`` is when the function's timeout strikes."""

    request_id: str
    payload: str
    deadline: Micros
    function_arn: str
    trace_id: str | None = None
    client_context: str | None = None


class EnvironmentHandle(Protocol):
    """One execution environment: INIT once, invoked many times, globals and /tmp alive in between."""

    def start(self, now: Micros) -> Turn:
        """INIT. Ends with ``ready``, ``init_error``, ``exit`` or ``out_of_memory``."""
        ...

    def invoke(self, event: HandlerEvent, now: Micros) -> Turn:
        """Begin an invocation."""
        ...

    def resume(self, replies: Sequence[AnyReply], now: Micros) -> Turn:
        """Time has moved to ``now``, and these calls, connects and requests have been answered."""
        ...

    def reset(self) -> None:
        """Kill the runtime; keep /tmp. The next turn asked for is a new ``start``."""
        ...

    def shutdown(self) -> None:
        """The environment is gone."""
        ...


class Handlers(Protocol):
    """Makes environments for functions."""

    def environment(self, function: Function, number: int, log_stream: str) -> EnvironmentHandle:
        """A new environment, not started yet. ``number`` counts the function's environments from 1."""
        ...
