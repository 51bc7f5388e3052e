"""Facts of X-Ray: which requests are traced, and under which ids. What took how long, other facts say."""

from __future__ import annotations

__all__ = ("InvocationTraced", "RequestTraced", "TracingConfigured", "TracingFact")

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class TracingConfigured(Recorded, frozen=True):
    """A function has active tracing: Lambda samples its requests, and sends segments."""

    kind: ClassVar[Literal["function.tracing_configured"]] = "function.tracing_configured"
    function: str
    mode: str


class RequestTraced(Recorded, frozen=True):
    """A request to a function with active tracing is sampled. ``segment`` is that of origin AWS::Lambda.

    ``parent`` is the segment on whose behalf the caller asked, when the caller's header named the trace.
    """

    kind: ClassVar[Literal["trace.request"]] = "trace.request"
    request_id: str
    function: str
    root: str
    parent: str | None
    segment: str


class InvocationTraced(Recorded, frozen=True):
    """An invocation of a sampled request begins. ``segment`` is that of origin AWS::Lambda::Function.

    ``service_segment`` is its parent, the request's own.
    """

    kind: ClassVar[Literal["trace.invocation"]] = "trace.invocation"
    request_id: str
    function: str
    environment: str
    attempt: int
    root: str
    service_segment: str
    segment: str


TracingFact = TracingConfigured | RequestTraced | InvocationTraced
