"""REST APIs: resources, methods, stages, authorizers, and what clients get. Source: fact F.6 (GS "REST
APIs"; the texts of "Gateway response types" and of AWS's own answers)."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import unquote

from lambdalab.simulator.account import ANONYMOUS, World
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services.http import proxy
from lambdalab.simulator.services.http.api.authorizing import Authorizers, Decision, Refusal, identity_of
from lambdalab.simulator.services.http.api.heads import too_large
from lambdalab.simulator.services.http.api.keys import Keys
from lambdalab.simulator.services.http.api.matching import Paths
from lambdalab.simulator.services.http.api.model import Authorizer, Callers, Endpoint, Mock, Stage, execute_arn
from lambdalab.simulator.services.http.api.rest_identity import identity_of_signer, masked
from lambdalab.simulator.services.http.api.throttling import AccountThrottle
from lambdalab.simulator.services.http.invoking import Call, Called, invoke
from lambdalab.simulator.services.http.messages import (
    JSON,
    HttpRequest,
    HttpResponse,
    arrived,
    from_base64,
    json_answer,
    media_type,
    moment,
)
from lambdalab.simulator.vocabulary import ids, quotas
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID
from lambdalab.simulator.vocabulary.events.arrivals import (
    Arrived,
    Context,
    asking_request,
    asking_token,
    format_1,
)


@dataclass(frozen=True, slots=True)
class _Visit:
    """One request on its way: where it goes, and what is known of it."""

    request: HttpRequest
    came: Arrived
    stage: Stage
    endpoint: Endpoint
    path: str  # behind the stage
    context: Context
    arn: str


class RestApi:
    """One REST API. ``methods``: by resource path, what each method leads to; ``binary``: its binary media types."""

    kind: Literal["rest_api"] = "rest_api"

    def __init__(
        self,
        world: World,
        shown_as: str,
        host: str,
        endpoints: Iterable[Endpoint],
        stages: Iterable[Stage],
        binary: Iterable[str],
        throttle: AccountThrottle,
        keys: Keys,
    ) -> None:
        self.world = world
        self.shown_as = shown_as
        self.host = host
        self.id = host.partition(".")[0]
        self._throttle = throttle
        self._keys = keys
        self._binary = frozenset(kind.lower() for kind in binary)
        self._stages = {stage.name: stage for stage in stages}
        methods: dict[str, dict[str, Endpoint]] = {}
        for each in endpoints:
            methods.setdefault(each.path, {})[each.method] = each
        self._resources = Paths(("ANY", path, table) for path, table in methods.items())
        self._callers = Callers(self.id)
        self._authorizers = Authorizers(world, self.source)

    @property
    def source(self) -> str:
        """How the trace calls it."""
        return f"rest-api/{self.shown_as}"

    def answer(self, request: HttpRequest) -> Process[HttpResponse]:
        """Answer one request."""
        large = too_large(request)
        if large:
            return large
        name, _, rest = request.path.removeprefix("/").partition("/")
        stage, path = self._stages.get(unquote(name)), f"/{rest}"
        if stage is None:
            known = ", ".join(self._stages) or "none"
            why = f"{request.path} begins with no stage of {self.shown_as} (its stages: {known})"
            return _refused(403, "Forbidden", why, "ForbiddenException")
        found = self._resources.find(request.method, path.removesuffix("/") or "/")  # one at the end does not count
        endpoint = found and (found[0].get(request.method) or found[0].get("ANY"))
        if not found or endpoint is None:
            what = "no resource" if not found else f"no method {request.method}"
            why = f"there is {what} for {path} in the stage {stage.name}"
            return _refused(403, "Missing Authentication Token", why, "MissingAuthenticationTokenException")
        exceeded = self._throttle.exceeded(self.id, stage, endpoint.key)
        if exceeded:
            return _refused(429, "Too Many Requests", exceeded, "TooManyRequestsException")
        if len(request.body) > quotas.API_PAYLOAD_BYTES:
            return json_answer(413, {"message": "Request Too Long"}, "the request is larger than 10 MB")
        return (yield from self._visited(self._visit(request, stage, endpoint, path, found[1])))

    def _visit(
        self, request: HttpRequest, stage: Stage, endpoint: Endpoint, path: str, variables: Mapping[str, str]
    ) -> _Visit:
        text, encoded = self._body(request)
        came = replace(arrived(self.world, request, self.host, text, encoded), path=path)
        random = self.world.kernel.random_for("ids/rest-api")
        context = Context(
            self.id,
            ACCOUNT_ID,
            stage.name,
            endpoint.path,
            self.world.new_uuid("http-request"),
            moment(self.world),
            variables,
            stage.variables,
            identity=identity_of_signer(request.principal),
            resource_id=ids.hex_from(self.world.kernel.random_for(f"ids/resource/{self.id}{endpoint.path}"), 6),
            extended_request_id=ids.hex_from(random, 15) + "=",
        )
        arn = execute_arn(self.id, stage.name, request.method, unquote(path))
        return _Visit(request, came, stage, endpoint, path, context, arn)

    def _body(self, request: HttpRequest) -> tuple[str | None, bool]:
        """Base64 for the API's binary media types, by the request's content type; a text for all others."""
        if not request.body:
            return None, False
        if self._is_binary(request.content_type):
            return base64.b64encode(request.body).decode(), True
        return request.body.decode("utf-8", "replace"), False

    def _is_binary(self, kind: str) -> bool:
        return "*/*" in self._binary or (kind in self._binary and bool(kind))

    def _visited(self, visit: _Visit) -> Process[HttpResponse]:
        refusal: HttpResponse | None = None
        authorized: dict[str, Any] | None = None
        if visit.endpoint.iam:
            refusal = self._by_iam(visit)
        elif visit.endpoint.authorizer is not None:
            authorized, refusal = yield from self._authorized(visit, visit.endpoint.authorizer)
        if refusal is None and visit.endpoint.key_required:
            refused = self._keys.refusal(visit.request.header("x-api-key"), self.id, visit.stage.name)
            refusal = _refused(*refused) if refused else None
        if refusal is not None:
            return refusal
        integration = visit.endpoint.integration
        if integration.mock is not None:
            return _mocked(integration.mock)
        caller = self._callers.of_route(visit.stage.name, visit.endpoint)
        caller = visit.request.principal if integration.as_caller else caller
        target, trace = integration.target(visit.stage.variables), visit.came.header("x-amzn-trace-id")
        call = Call(caller, target, self.source, integration.limit, trace=trace)
        event = format_1(visit.came, replace(visit.context, authorizer=authorized))
        called = yield from invoke(self.world, call, event)
        answer = self._answer(visit, called)
        return replace(answer, request_id=called.request_id, function=called.function)

    def _by_iam(self, visit: _Visit) -> HttpResponse | None:
        signer = visit.request.principal
        if signer is ANONYMOUS:
            why = "the method wants a signature (IAM), and nobody has signed the request"
            return _refused(403, "Missing Authentication Token", why, "MissingAuthenticationTokenException")
        refused = self.world.iam.denied(signer, "execute-api:Invoke", visit.arn)
        if refused is None:
            return None
        self.world.trace.record(refused.fact(self.source, None))
        text = refused.error.message.replace(visit.arn, masked(visit.arn))
        return json_answer(403, {"Message": text}, f"{signer.name} may not call this method")

    def _authorized(
        self, visit: _Visit, authorizer: Authorizer
    ) -> Process[tuple[dict[str, Any] | None, HttpResponse | None]]:
        known = {"path": f"/{visit.stage.name}{visit.path}", "httpMethod": visit.request.method}
        known |= {"stage": visit.stage.name, "resourcePath": visit.endpoint.path}
        identity = identity_of(authorizer, visit.request, visit.came, visit.stage, known)
        if authorizer.kind == "TOKEN":
            asked = asking_token((identity or [""])[0], visit.arn)
        else:
            asked = asking_request(format_1(visit.came, visit.context), visit.arn)
        caller, began = self._callers.of_authorizer(authorizer), self.world.kernel.now
        decision = yield from self._authorizers.ask(authorizer, caller, identity, visit.stage, asked, visit.arn)
        if decision.refusal is not None:
            return None, _by_authorizer(decision)
        assert decision.verdict is not None
        took_ms = (self.world.kernel.now - began) // 1_000
        said = {name: _text(value) for name, value in decision.verdict.context.items()}
        return {"principalId": decision.verdict.principal_id, **said, "integrationLatency": took_ms}, None

    def _answer(self, visit: _Visit, called: Called) -> HttpResponse:
        """What a client gets. Fact F.6; of medium confidence where the function fails (assumption A-101)."""
        if called.end == "timed_out":
            return _internal(504, "Endpoint request timed out", called.why)
        if called.end == "too_large":
            return json_answer(413, {"message": "Request Too Long"}, called.why)
        if called.end in ("throttled", "denied", "refused"):
            return _internal(500, "Internal server error", called.why)
        if called.end == "failed":
            return _internal(502, "Internal server error", called.why)
        answer = proxy.format_1(called.value, JSON)
        if isinstance(answer, str):
            return _internal(502, "Internal server error", answer)
        return self._encoded(visit, called, answer)

    def _encoded(self, visit: _Visit, called: Called, answer: HttpResponse) -> HttpResponse:
        """Base64 stays base64 unless the client accepts one of the API's binary media types (its first)."""
        if called.value.get("isBase64Encoded") is not True or from_base64(called.value.get("body") or "") is None:
            return answer
        wanted = media_type(visit.request.header("accept").partition(",")[0])
        if self._is_binary(wanted):
            return answer
        why = f"the body stays in base64: Accept ({wanted or 'none'}) is no binary media type of the API"
        return replace(answer, body=str(called.value["body"]).encode(), why=why)


def _mocked(mock: Mock) -> HttpResponse:
    why = "a mock integration of the API answers; no function runs"
    return HttpResponse(mock.status, tuple(mock.headers.items()), mock.body.encode(), why)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _internal(status: int, message: str, why: str) -> HttpResponse:
    return json_answer(status, {"message": message}, why, spaced=True)


def _refused(status: int, message: str, why: str, kind: str) -> HttpResponse:
    return json_answer(status, {"message": message}, why).with_headers({"x-amzn-ErrorType": kind})


def _by_authorizer(decision: Decision) -> HttpResponse:
    status, body = _REFUSALS[decision.refusal or "broken"]
    return json_answer(status, body, decision.why)


_TEXT = "User is not authorized to access this resource"
_REFUSALS: dict[Refusal, tuple[int, dict[str, str | None]]] = {
    "missing": (401, {"message": "Unauthorized"}),
    "unauthorized": (401, {"message": "Unauthorized"}),
    "denied": (403, {"Message": _TEXT}),
    "explicitly denied": (403, {"Message": f"{_TEXT} with an explicit deny"}),
    "broken": (500, {"message": None}),
}
