"""Facts about invocations: one piece of work of one execution environment, or its refusal."""

from __future__ import annotations

__all__ = (
    "InvocationEnded", "InvocationFact", "InvocationRouted", "InvocationStarted", "InvocationThrottled",
    "RecursionStopped",
)  # fmt: skip

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded

InvocationType = Literal["RequestResponse", "Event"]
InvocationStatus = Literal["ok", "error", "timeout", "exit", "out_of_memory", "init_error"]


class InvocationRouted(Recorded, frozen=True):
    """A request that named an alias will run this version; where two share the traffic, it was drawn by weight."""

    kind: ClassVar[Literal["invocation.routed"]] = "invocation.routed"
    request_id: str
    function: str
    alias: str
    version: str


class InvocationStarted(Recorded, frozen=True):
    """An environment took a request (the START line). ``attempt`` counts deliveries of one event from 1.

    ``logged``: START was written now, as text; else it is a ``log.line`` of its own, or nowhere.
    """

    kind: ClassVar[Literal["invocation.started"]] = "invocation.started"
    request_id: str
    function: str
    version: str
    environment: str
    invocation_type: InvocationType
    source: str
    attempt: int
    cold: bool
    concurrency: int
    logged: bool


class InvocationEnded(Recorded, frozen=True):
    """The request was answered (the REPORT line). ``duration_us`` excludes INIT, ``billed_ms`` includes it.

    ``payload`` is the response, or AWS's error document when ``status`` is not ``ok``; it is cut after 4 KB.
    ``file`` and ``line`` name the innermost line of the student's code in an error's stack trace. ``memory_mb`` is what
    the environment has. ``logged``: END and REPORT were written now, as text; else they are a ``log.line`` each, or
    nowhere.
    """

    kind: ClassVar[Literal["invocation.ended"]] = "invocation.ended"
    request_id: str
    function: str
    version: str
    environment: str
    attempt: int
    status: InvocationStatus
    duration_us: int
    init_us: int | None
    billed_ms: int
    memory_mb: int
    max_memory_mb: int
    payload: str
    error_type: str | None
    error_message: str | None
    file: str | None
    line: int | None
    concurrency: int
    logged: bool


class InvocationThrottled(Recorded, frozen=True):
    """A request found no room (429). It ran nothing, costs nothing and writes no log. ``reason`` as AWS names it."""

    kind: ClassVar[Literal["invocation.throttled"]] = "invocation.throttled"
    request_id: str
    function: str
    invocation_type: InvocationType
    source: str
    reason: str


class RecursionStopped(Recorded, frozen=True):
    """A synchronous request would have gone round a loop once too often: the function does not run, and its caller gets
    RecursiveInvocationException. An event that does is ``async.discarded`` with the condition RecursionDetected."""

    kind: ClassVar[Literal["invocation.recursion_stopped"]] = "invocation.recursion_stopped"
    request_id: str
    function: str
    source: str


InvocationFact = InvocationRouted | InvocationStarted | InvocationEnded | InvocationThrottled | RecursionStopped
