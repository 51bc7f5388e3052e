"""HTTP APIs: routes, stages, authorizers, and what clients get. Source: fact F.6 (GS "Working with HTTP APIs")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import unquote

from lambdalab.simulator.account import ANONYMOUS, World
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services.http import proxy
from lambdalab.simulator.services.http.api.authorizing import Authorizers, Decision, identity_of
from lambdalab.simulator.services.http.api.heads import too_large
from lambdalab.simulator.services.http.api.matching import Paths
from lambdalab.simulator.services.http.api.model import (
    DEFAULT_ROUTE,
    Authorizer,
    Callers,
    Endpoint,
    Stage,
    execute_arn,
)
from lambdalab.simulator.services.http.api.throttling import AccountThrottle
from lambdalab.simulator.services.http.cors import Cors
from lambdalab.simulator.services.http.function_url import signed_by
from lambdalab.simulator.services.http.invoking import Call, Called, invoke
from lambdalab.simulator.services.http.messages import (
    HttpRequest,
    HttpResponse,
    arrived,
    as_text,
    json_answer,
    moment,
)
from lambdalab.simulator.vocabulary import ids, quotas
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID
from lambdalab.simulator.vocabulary.events.arrivals import (
    Arrived,
    Context,
    asking_request,
    asking_request_2,
    format_1_of_http_api,
    format_2,
)

TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class _Visit:
    """One request on its way: where it goes, and what is known of it."""

    request: HttpRequest
    came: Arrived
    stage: Stage
    endpoint: Endpoint
    path: str  # behind the stage, as it was sent
    context: Context
    arn: str

    @property
    def raw_path(self) -> str:
        """With a stage's name in front, decoded (assumption A-106)."""
        prefix = "" if self.stage.name == DEFAULT_ROUTE else f"/{self.stage.name}"
        return prefix + unquote(self.path).partition("?")[0]  # what a decoded question mark leaves of it

    def event(self, format: str, context: Context) -> dict[str, Any]:
        """What a function is given."""
        return (
            format_2(self.came, context, self.raw_path)
            if format == "2.0"
            else format_1_of_http_api(self.came, context, self.raw_path)
        )


class HttpApi:
    """One HTTP API."""

    kind: Literal["http_api"] = "http_api"

    def __init__(
        self,
        world: World,
        shown_as: str,
        host: str,
        endpoints: list[Endpoint],
        stages: list[Stage],
        cors: Cors | None,
        throttle: AccountThrottle,
    ) -> None:
        self.world = world
        self.shown_as = shown_as
        self.host = host
        self.id = host.partition(".")[0]
        self._cors = cors
        self._throttle = throttle
        self._stages = {stage.name: stage for stage in stages}
        self._routes = Paths((each.method, each.path, each) for each in endpoints)
        self._default = next((each for each in endpoints if each.path == DEFAULT_ROUTE), None)
        self._callers = Callers(self.id)
        self._authorizers = Authorizers(world, self.source)

    @property
    def source(self) -> str:
        """How the trace calls it."""
        return f"http-api/{self.shown_as}"

    def answer(self, request: HttpRequest) -> Process[HttpResponse]:
        """Answer one request."""
        large = too_large(request)
        if large:
            return large
        preflight = self._cors.preflight(request) if self._cors else None
        if preflight is not None:
            return preflight
        answer = yield from self._routed(request)
        return answer.with_headers(self._cors.granted(request)) if self._cors else answer

    def _routed(self, request: HttpRequest) -> Process[HttpResponse]:
        stage, path = self._stage(request.path)
        if stage is None:
            return json_answer(404, {"message": "Not Found"}, f"no stage of {self.shown_as} serves {request.path}")
        found = self._routes.find(request.method, path) or (self._default and (self._default, {}))
        if not found:
            why = f"no route matches {request.method} {path}"
            return json_answer(404, {"message": "Not Found"}, why)
        endpoint, variables = found
        exceeded = self._throttle.exceeded(self.id, stage, endpoint.key)
        if exceeded:
            return json_answer(429, {"message": "Too Many Requests"}, exceeded)
        if len(request.body) > quotas.API_PAYLOAD_BYTES:
            return json_answer(413, {"message": "Request Entity Too Large"}, "the request is larger than 10 MB")
        if endpoint.path == DEFAULT_ROUTE:
            variables = {}
        return (yield from self._visited(self._visit(request, stage, endpoint, path, variables)))

    def _stage(self, path: str) -> tuple[Stage | None, str]:
        """The stage of a path, and the path behind it. ``$default`` is served at the root of the API."""
        first, _, rest = path.removeprefix("/").partition("/")
        named = self._stages.get(unquote(first))
        if named is not None and named.name != DEFAULT_ROUTE:
            return named, f"/{rest}"
        return self._stages.get(DEFAULT_ROUTE), path

    def _visit(
        self, request: HttpRequest, stage: Stage, endpoint: Endpoint, path: str, variables: Mapping[str, str]
    ) -> _Visit:
        text, encoded = as_text(request)
        came = arrived(self.world, request, self.host, text if request.body else None, encoded)
        context = Context(
            self.id,
            ACCOUNT_ID,
            stage.name,
            endpoint.key,
            ids.hex_from(self.world.kernel.random_for("ids/http-api"), 15) + "=",
            moment(self.world),
            {name: unquote(value) for name, value in variables.items()},
            stage.variables,
        )
        arn = execute_arn(self.id, stage.name, request.method, unquote(path))
        return _Visit(request, came, stage, endpoint, path, context, arn)

    def _visited(self, visit: _Visit) -> Process[HttpResponse]:
        authorized, refusal = yield from self._authorized(visit)
        if refusal is not None:
            return refusal
        endpoint = visit.endpoint
        caller = self._callers.of_route(visit.stage.name, endpoint)
        target = endpoint.integration.target(visit.stage.variables)
        trace = visit.came.header("x-amzn-trace-id")
        call = Call(caller, target, self.source, endpoint.integration.limit, trace=trace)
        event = visit.event(endpoint.integration.format, replace(visit.context, authorizer=authorized))
        called = yield from invoke(self.world, call, event)
        answer = answer_of(called, endpoint.integration.format)
        return replace(answer, request_id=called.request_id, function=called.function)

    def _authorized(self, visit: _Visit) -> Process[tuple[dict[str, Any] | None, HttpResponse | None]]:
        """What the event says of an authorization, or the refusal."""
        if visit.endpoint.iam:
            return self._by_iam(visit)
        authorizer = visit.endpoint.authorizer
        if authorizer is None:
            return None, None
        decision = yield from self._asked(visit, authorizer)
        if decision.refusal is not None:
            status, message = _REFUSALS[decision.refusal]
            return None, json_answer(status, {"message": message}, decision.why)
        assert decision.verdict is not None
        said = dict(decision.verdict.context)
        if visit.endpoint.integration.format == "2.0":
            return {"lambda": said}, None
        return {"principalId": decision.verdict.principal_id, **said}, None

    def _asked(self, visit: _Visit, authorizer: Authorizer) -> Process[Decision]:
        known = {"path": visit.path, "httpMethod": visit.request.method, "stage": visit.stage.name}
        known |= {"routeKey": visit.endpoint.key}
        identity = identity_of(authorizer, visit.request, visit.came, visit.stage, known)
        event = visit.event(authorizer.format, visit.context)
        if authorizer.format == "2.0":
            asked = asking_request_2(event, visit.arn, identity)
        else:
            asked = asking_request(event, visit.arn) | {
                "identitySource": ",".join(identity or ()),
                "authorizationToken": ",".join(identity or ()),
            }
        caller = self._callers.of_authorizer(authorizer)
        return (yield from self._authorizers.ask(authorizer, caller, identity, visit.stage, asked, visit.arn))

    def _by_iam(self, visit: _Visit) -> tuple[dict[str, Any] | None, HttpResponse | None]:
        signer = visit.request.principal
        if signer is ANONYMOUS:
            why = "the route wants a signature (IAM), and nobody has signed the request"
            return None, json_answer(403, {"message": "Forbidden"}, why)
        refused = self.world.iam.denied(signer, "execute-api:Invoke", visit.arn)
        if refused is not None:
            self.world.trace.record(refused.fact(self.source, None))
            return None, json_answer(403, {"message": "Forbidden"}, f"{signer.name} may not call this route")
        return {"iam": signed_by(signer)}, None


_REFUSALS = {
    "missing": (401, "Unauthorized"),
    "unauthorized": (500, "Internal Server Error"),  # HTTP APIs know no error that means 401. A-105
    "denied": (403, "Forbidden"),
    "explicitly denied": (403, "Forbidden"),
    "broken": (500, "Internal Server Error"),
}


def answer_of(called: Called, format: str) -> HttpResponse:
    """What a client gets. Fact F.6; of medium confidence where the function fails (assumption A-101)."""
    if called.end == "ok":
        answer = proxy.format_2(called.value, TEXT) if format == "2.0" else proxy.format_1(called.value, TEXT)
        return answer if isinstance(answer, HttpResponse) else _failure(answer)
    if called.end in ("timed_out", "throttled"):
        return json_answer(503, {"message": "Service Unavailable"}, called.why)
    if called.end == "too_large":
        return json_answer(413, {"message": "Request Entity Too Large"}, called.why)
    return _failure(called.why)


def _failure(why: str) -> HttpResponse:
    return json_answer(500, {"message": "Internal Server Error"}, why)
