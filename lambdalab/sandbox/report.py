"""What an environment hands over: turns, and how INIT or an invocation finished."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, Literal


class Status(enum.Enum):
    """How INIT or an invocation ended. ``SANDBOX_ERROR`` is our failure and cannot be taken for the student's."""

    READY = "ready"
    OK = "ok"
    ERROR = "error"
    INIT_ERROR = "init_error"
    EXIT = "exit"
    OUT_OF_MEMORY = "out_of_memory"
    OUTPUT_LIMIT = "output_limit"
    TIMEOUT = "timeout"
    SANDBOX_ERROR = "sandbox_error"


@dataclass(frozen=True, slots=True)
class Call:
    """An AWS API call a thread waits for. Ordered by the birth of its thread, then by the thread's own sequence.

    ``host`` is where botocore would send it; ``patience_us`` its connect timeout, None for as long as a connect takes;
    ``read_patience_us`` its read timeout, None for as long as an answer takes.
    """

    id: int
    thread: int
    sequence: int
    service: str
    operation: str
    params: dict[str, Any]
    host: str = ""
    patience_us: int | None = None
    read_patience_us: int | None = None


CallFailure = Literal["connect_timeout", "read_timeout", "unreachable", "no_such_host"]


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a call: botocore's parsed response, ``ResponseMetadata`` or ``Error`` included.

    With a ``failure`` there was none: botocore raises what it raises then, after its own retries.
    """

    call_id: int
    status_code: int
    parsed: dict[str, Any]
    failure: CallFailure | None = None


ConnectKind = Literal["lookup", "connect", "datagram"]
ConnectOutcome = Literal["answered", "refused", "unreachable", "timed_out", "no_such_host"]


@dataclass(frozen=True, slots=True)
class Connect:
    """Something asked of the network outside the environment; ordered as calls are.

    A ``lookup`` has the ``host`` name as the code gave it; a TCP ``connect`` and a UDP ``datagram`` have an IPv4
    ``address`` and a ``port``; a datagram has ``data``, and nobody waits for an answer to it.
    """

    id: int
    thread: int
    sequence: int
    kind: ConnectKind
    host: str = ""
    address: str = ""
    port: int = 0
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class ConnectReply:
    """What becomes of a look-up (``answered`` with an IPv4 ``address``, or ``no_such_host``) or of a connect.

    A connect that is ``answered`` says who answers: ``host`` and ``port``, and whether its certificate is ``trusted``.
    A ``mute`` one takes what is sent and says nothing.
    """

    connect_id: int
    outcome: ConnectOutcome
    address: str = "0.0.0.0"  # noqa: S104 - no address at all
    host: str = ""
    port: int = 0
    trusted: bool = True
    mute: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """So many bytes have come for a connection so far; ``state`` 1: it ends behind them, 2: it was reset."""

    connect_id: int
    said: int
    state: int


@dataclass(frozen=True, slots=True)
class WebRequest:
    """An HTTP request over a connection that was answered. ``target``: path and query, as the code sent them."""

    id: int
    connect_id: int
    method: str
    scheme: str
    host: str
    port: int
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class WebReply:
    """The answer to a request; ``reset`` breaks the connection instead."""

    request_id: int
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    reset: bool = False


AnyReply = Reply | ConnectReply | WebReply
"""What an environment may be told with :meth:`Environment.resume`."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One log event. ``runtime`` lines were written through AWS's logging protocol and may have several lines."""

    text: str
    stream: Literal["output", "runtime"]
    error: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """INIT or an invocation is over. ``payload``: result or AWS's error document; for EXIT the words of the exit."""

    status: Status
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Turn:
    """What happened since the environment last had the word. Times are microseconds of virtual time.

    ``wake_at_us`` is the earliest moment at which a waiting thread wants to go on; ``cpu_us`` the real CPU time of the
    runtime's process since its last turn; ``max_memory_kb`` its highest resident memory so far; ``closed`` the connects
    whose sockets nobody holds any more.
    """

    calls: tuple[Call, ...] = ()
    connects: tuple[Connect, ...] = ()
    requests: tuple[WebRequest, ...] = ()
    closed: tuple[int, ...] = ()
    logs: tuple[LogLine, ...] = ()
    clock_reads: int = 0
    cpu_us: int = 0
    wake_at_us: int | None = None
    finished: Finished | None = None
    max_memory_kb: int = 0
    reproducible: bool = True
