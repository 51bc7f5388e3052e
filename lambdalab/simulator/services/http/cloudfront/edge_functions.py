"""Calling a function at the edge: its event, and what its end means for the viewer.

Source: Amazon CloudFront Developer Guide, "Test and debug Lambda@Edge functions", "HTTP 502 status code", "HTTP 503
status code", read 2026-11-29: what it returns and CloudFront cannot use is a 502 (LambdaValidationError), what it
throws a 503 (LambdaExecutionError), a throttle or timeout a 503 (LambdaLimitExceeded).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.account import World, service_principal
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services.http.cloudfront import pages
from lambdalab.simulator.services.http.cloudfront.edge_headers import Invalid
from lambdalab.simulator.services.http.cloudfront.edge_results import (
    ChangedRequest,
    ChangedResponse,
    of_request,
    of_response,
)
from lambdalab.simulator.services.http.cloudfront.model import Association
from lambdalab.simulator.services.http.invoking import Call, Called, invoke
from lambdalab.simulator.services.http.messages import HttpResponse
from lambdalab.simulator.trace.facts import EdgeFunctionFailed
from lambdalab.simulator.trace.facts.edge import EdgeFailure
from lambdalab.simulator.vocabulary.arns import split_name
from lambdalab.simulator.vocabulary.events.edge import EventType, event

CALLER = "edgelambda.amazonaws.com"
WHY_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Failed:
    """The viewer gets ``page``; ``result`` is how CloudFront calls it."""

    page: HttpResponse
    result: EdgeFailure


@dataclass(frozen=True, slots=True)
class Ran:
    """What a function at a request made of it; ``function`` and ``request_id`` are those of the invocation."""

    changed: ChangedRequest | ChangedResponse
    function: str
    request_id: str | None


@dataclass(frozen=True, slots=True)
class RanAtResponse:
    """The same of a response."""

    changed: ChangedResponse
    function: str
    request_id: str | None


class EdgeFunctions:
    """The functions of one distribution, known by its id and domain; ``arn`` is the distribution's."""

    def __init__(self, world: World, shown_as: str, id_: str, domain: str, arn: str) -> None:
        self._world = world
        self._shown_as = shown_as
        self._id = id_
        self._domain = domain
        self._caller = service_principal(CALLER, arn)

    def at_request(
        self, kind: EventType, at: Association, request_id: str, request: Mapping[str, Any]
    ) -> Process[Ran | Failed]:
        """Run the function of a request event."""
        called = yield from self._run(kind, at, request_id, request, None)
        if isinstance(called, Failed):
            return called
        try:
            return Ran(of_request(kind, request, called.value), called.function, called.request_id)
        except Invalid as wrong:
            return self._failed(kind, called, "LambdaValidationError", str(wrong))

    def at_response(
        self, kind: EventType, at: Association, request_id: str, request: Mapping[str, Any], response: Mapping[str, Any]
    ) -> Process[RanAtResponse | Failed]:
        """Run the function of a response event."""
        called = yield from self._run(kind, at, request_id, request, response)
        if isinstance(called, Failed):
            return called
        try:
            return RanAtResponse(of_response(kind, response, called.value), called.function, called.request_id)
        except Invalid as wrong:
            return self._failed(kind, called, "LambdaValidationError", str(wrong))

    def _run(
        self,
        kind: EventType,
        at: Association,
        request_id: str,
        request: Mapping[str, Any],
        response: Mapping[str, Any] | None,
    ) -> Process[Called | Failed]:
        call = Call(self._caller, at.function, f"distribution/{self._shown_as}")
        made = event(kind, self._domain, self._id, request_id, request, response)
        called = yield from invoke(self._world, call, made)
        if called.end == "ok":
            return called
        timed_out = isinstance(called.value, dict) and called.value.get("errorType") == "Sandbox.Timedout"
        limit = called.end == "throttled" or timed_out
        return self._failed(kind, called, "LambdaLimitExceeded" if limit else "LambdaExecutionError", called.why)

    def _failed(self, kind: EventType, called: Called, result: EdgeFailure, why: str) -> Failed:
        name, why = split_name(called.function)[0], why[:WHY_SHOWN]
        self._world.trace.record(EdgeFunctionFailed(self._shown_as, kind, name, called.request_id, result, why))
        status = 502 if result == "LambdaValidationError" else 503
        page = pages.error(status, _text(called, result, why), f"the function {name} at the {kind}: {why}")
        return Failed(page, result)


def _text(called: Called, result: EdgeFailure, why: str) -> str:
    if result == "LambdaValidationError":
        return f"The Lambda function result failed validation: {why[:1].upper()}{why[1:]}."
    if called.end == "throttled":
        return pages.THROTTLED
    return pages.TIMED_OUT if result == "LambdaLimitExceeded" else pages.EXECUTION
