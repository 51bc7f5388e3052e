"""Function URLs. Source: fact F.6 (BC CreateFunctionUrlConfig; AWS Lambda Developer Guide, "Creating and managing
Lambda function URLs", "Invoking Lambda function URLs", "Control access to Lambda function URLs")."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from lambdalab.simulator.account import ANONYMOUS, Principal, Request, Right, World
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services.http import proxy
from lambdalab.simulator.services.http.cors import Cors
from lambdalab.simulator.services.http.invoking import Call, Called, invoke
from lambdalab.simulator.services.http.messages import (
    JSON,
    HttpRequest,
    HttpResponse,
    arrived,
    as_text,
    json_answer,
    moment,
)
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.arns import function_arn
from lambdalab.simulator.vocabulary.events.arrivals import Arrived, Context, format_2

AuthType = Literal["NONE", "AWS_IAM"]
ROUTE = STAGE = "$default"


@dataclass(slots=True)
class FunctionUrl:
    """The URL of a function or of one of its aliases."""

    world: World
    shown_as: str
    host: str
    function: str
    qualifier: str | None
    auth_type: AuthType
    cors: Cors | None = None
    kind: Literal["function_url"] = "function_url"

    @property
    def arn(self) -> str:
        """What it invokes."""
        return function_arn(self.function, self.qualifier)

    def answer(self, request: HttpRequest) -> Process[HttpResponse]:
        """Answer one request: a preflight, a refusal, or what the function returns."""
        preflight = self.cors.preflight(request) if self.cors else None
        if preflight is not None:
            return preflight
        answer = yield from self._invoked(request)
        return answer.with_headers(self.cors.granted(request)) if self.cors else answer

    def _invoked(self, request: HttpRequest) -> Process[HttpResponse]:
        caller = ANONYMOUS if self.auth_type == "NONE" else request.principal
        refusal = self._refusal(caller, request)
        if refusal is not None:
            return refusal
        if len(request.body) > quotas.PAYLOAD_SYNC_BYTES:
            return json_answer(413, {"Message": "Request Entity Too Large"}, "the request is larger than 6 MB")
        came = self._came(request)
        conditions, trace = {"lambda:invokedviafunctionurl": "true"}, came.header("x-amzn-trace-id")
        call = Call(caller, self.arn, self.source, conditions=conditions, trace=trace)
        called = yield from invoke(self.world, call, self._event(request, came, caller))
        return replace(answer_of(called), request_id=called.request_id, function=called.function)

    @property
    def source(self) -> str:
        """How the trace calls it."""
        return f"function-url/{self.shown_as}"

    def _refusal(self, caller: Principal, request: HttpRequest) -> HttpResponse | None:
        """lambda:InvokeFunctionUrl, by whoever signed. Since October 2025 lambda:InvokeFunction is asked, too: the
        front door does so when it is called."""
        right = Right("lambda:InvokeFunctionUrl", self.arn, {"lambda:functionurlauthtype": self.auth_type})
        asked = Request(caller, "lambda", "InvokeFunctionUrl", {}, self.source)
        if self.auth_type == "AWS_IAM" and caller is ANONYMOUS:
            return json_answer(403, {"Message": "Forbidden"}, "AuthType is AWS_IAM, and nobody has signed the request")
        if self.world.api.denied(asked, right) is None:
            return None
        return json_answer(403, {"Message": "Forbidden"}, "lambda:InvokeFunctionUrl is not allowed")

    def _came(self, request: HttpRequest) -> Arrived:
        text, encoded = as_text(request)
        return arrived(self.world, request, self.host, text if request.body else None, encoded)

    def _event(self, request: HttpRequest, came: Arrived, caller: Principal) -> dict[str, Any]:
        context = Context(
            self.host.partition(".")[0],
            "anonymous" if caller is ANONYMOUS else str(caller.account),
            STAGE,
            ROUTE,
            self.world.new_uuid("http-request"),
            moment(self.world),
            authorizer=None if caller is ANONYMOUS else {"iam": signed_by(caller)},
        )
        return format_2(came, context, request.path, cookie_header=True)


def answer_of(called: Called) -> HttpResponse:
    """What a client gets. Fact F.6; of medium confidence where the function fails (assumption A-101)."""
    if called.end == "ok":
        answer = proxy.format_2(called.value, JSON)
        return answer if isinstance(answer, HttpResponse) else _bad_gateway(answer)
    if called.end == "denied":
        why = "lambda:InvokeFunction is not allowed where lambda:InvokedViaFunctionUrl is true"
        return json_answer(403, {"Message": "Forbidden"}, why)
    if called.end == "throttled" and called.error is not None:
        return json_answer(429, {**called.error.extra, "message": called.error.message}, called.why)
    if called.end == "too_large":
        return json_answer(413, {"Message": "Request Entity Too Large"}, called.why)
    return _bad_gateway(called.why)


def _bad_gateway(why: str) -> HttpResponse:
    return HttpResponse(502, (("Content-Type", JSON),), b"Internal Server Error", why)


def signed_by(caller: Principal) -> dict[str, Any]:
    """Who signed, as format 2.0 says it. Ids and keys are made from the ARN: nobody here has real ones."""
    user = caller.arn.partition("/")[2]
    return {
        "accessKey": "ASIAIOSFODNN7EXAMPLE" if caller.role else "AKIAIOSFODNN7EXAMPLE",  # AWS's own example keys
        "accountId": caller.account,
        "callerId": user.replace("/", ":"),
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": caller.arn,
        "userId": user.replace("/", ":"),
    }
