"""What is known of a trace: its requests, their attempts, and what the code sent. Times are in microseconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from lambdalab.simulator.trace import facts as f

Document = dict[str, Any]
Style = Literal["new", "old"]


@dataclass(slots=True)
class Invocation:
    """One attempt: segment of origin AWS::Lambda::Function."""

    segment: str
    attempt: int
    started: int
    init: tuple[int, int] | None = None
    ended: f.InvocationEnded | None = None
    ended_at: int | None = None


@dataclass(slots=True)
class Request:
    """One sampled request: segment of origin AWS::Lambda."""

    fact: f.RequestTraced
    accepted: int
    is_event: bool = False
    invocations: list[Invocation] = field(default_factory=list)
    throttles: int = 0
    done_at: int | None = None
    dropped: bool = False


@dataclass(slots=True)
class Trace:
    """Everything of one root."""

    root: str
    requests: list[Request] = field(default_factory=list)
    sent: list[Document] = field(default_factory=list)
    sent_bytes: int = 0

    @property
    def is_done(self) -> bool:
        return all(request.done_at is not None for request in self.requests)

    def spans(self, now: int) -> tuple[int, int]:
        """When it began and ended."""
        ends = (now if request.done_at is None else request.done_at for request in self.requests)
        return min(request.accepted for request in self.requests), max(ends)

    def took(self, now: int) -> int:
        """Its length in microseconds."""
        began, ended = self.spans(now)
        return ended - began
