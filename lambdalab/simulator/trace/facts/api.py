"""Facts of the front door: every AWS API call, whoever makes it, and the faults of a bad day."""

from __future__ import annotations

__all__ = ("AccessDenied", "ApiCalled", "ApiFact", "CallGivenUp", "CallRetried", "FaultApplied")

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class ApiCalled(Recorded, frozen=True):
    """A call was answered after ``latency_us``. ``error`` is AWS's code; why IAM said no is an AccessDenied before it.

    ``request_id`` is the invocation that made the call, when one did.
    """

    kind: ClassVar[Literal["api.called"]] = "api.called"
    service: str
    operation: str
    principal: str
    source: str
    request_id: str | None
    environment: str | None
    target: str | None
    latency_us: int
    status: int
    error: str | None
    message: str | None


class CallRetried(Recorded, frozen=True):
    """The SDK of ``source`` takes an answer for one that passes, and makes the call again after ``delay_us``.

    ``attempt`` counts the attempts of this call so far, from 1; ``error`` is AWS's code of the last one.
    """

    kind: ClassVar[Literal["api.retried"]] = "api.retried"
    source: str
    service: str
    operation: str
    attempt: int
    delay_us: int
    error: str


class CallGivenUp(Recorded, frozen=True):
    """The SDK of ``source`` has waited ``waited_us`` for an answer, its read timeout, and does so no longer.

    What it asked for goes on, and is an ApiCalled when it is done. ``request_id`` is the invocation that made the call.
    """

    kind: ClassVar[Literal["api.given_up"]] = "api.given_up"
    source: str
    service: str
    operation: str
    request_id: str | None
    environment: str
    waited_us: int


class AccessDenied(Recorded, frozen=True):
    """IAM said no to a call of ``source``. ``why`` says it in a sentence without a full stop.

    ``request_id`` is the invocation that made the call, when one did. ``policy`` and ``statement`` name an explicit
    Deny; ``lacking`` is the kind of policy that should have allowed the call.
    """

    kind: ClassVar[Literal["iam.access_denied"]] = "iam.access_denied"
    source: str
    request_id: str | None
    principal: str
    action: str
    resource: str
    policy: str | None
    statement: str | None
    lacking: Literal["identity-based", "resource-based", "VPC endpoint"] | None
    why: str


class FaultApplied(Recorded, frozen=True):
    """The scenario's bad day began or ended, or struck once."""

    kind: ClassVar[Literal["fault.applied"]] = "fault.applied"
    fault: str
    phase: Literal["begins", "ends", "strikes"]
    target: str


ApiFact = ApiCalled | CallRetried | CallGivenUp | AccessDenied | FaultApplied
