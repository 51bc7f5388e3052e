"""API Gateway HTTP APIs."""

import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import AccessDenied, HttpAnswered, InvocationEnded, InvocationStarted
from tests.simulator.playing import CODE, FAIL, as_files, make_function, make_template, seconds
from tests.simulator.services.http.apis import api, function, sam
from tests.simulator.services.http.clients import Seen, answers, delivered, header, http, only, says, send
from tests.simulator.services.http.test_function_url import user
from tests.simulator.vocabulary.events.test_parsing import parse


def simple(routes: Any = None, **properties: Any) -> str:
    return api("HttpApi", routes or {"GET /orders/{id}": {}}, **properties)


@pytest.mark.rule("F.6-01")
def test_a_request_reaches_the_function_in_format_2_0() -> None:
    event = delivered(simple(), http("Web", "/orders/a%20b", query="x=1&x=2", headers={"Cookie": "a=1"}))
    parsed = parse("APIGatewayProxyEventV2Model", event)
    assert (parsed.routeKey, parsed.rawPath) == ("GET /orders/{id}", "/orders/a b")
    assert parsed.requestContext.stage == "$default"
    assert (parsed.pathParameters, parsed.queryStringParameters) == ({"id": "a b"}, {"x": "1,2"})
    assert parsed.cookies == ["a=1"]
    assert "cookie" not in event["headers"]
    assert event["requestContext"]["accountId"] == "123456789012"
    assert "stageVariables" not in event


def test_a_decoded_question_mark_ends_the_raw_path() -> None:
    event = delivered(simple(), http("Web", "/orders/a%3Fb"))
    assert (event["rawPath"], event["pathParameters"]) == ("/orders/a", {"id": "a?b"})


@pytest.mark.rule("F.6-01")
def test_format_1_0_has_lists_of_all_values() -> None:
    routes = {"GET /orders/{id}": {"PayloadFormatVersion": "1.0"}}
    event = delivered(simple(routes), http("Web", "/orders/7", query="x=1&x=2", headers={"X-A": ["1", "2"]}))
    parse("APIGatewayProxyEventModel", event)
    assert (event["version"], event["resource"], event["pathParameters"]) == ("1.0", "/orders/{id}", {"id": "7"})
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"]}
    assert event["multiValueHeaders"]["X-A"] == ["1", "2"]
    assert event["headers"]["X-A"] == "2"


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_answers_of_both_formats_become_http(version: str) -> None:
    routes = {"GET /orders/{id}": {"PayloadFormatVersion": version}}
    more = {"multiValueHeaders": {"x-b": ["1", "2"]}} if version == "1.0" else {"cookies": ["a=1", "b=2"]}
    answer = only(simple(routes), http("Web", "/orders/7"), script=says(201, "ok", headers={"X-A": 5}, **more))
    assert (answer.status, answer.body, answer.why) == (201, "ok", None)
    assert header(answer, "x-a") == "5"
    assert header(answer, "content-type") == "text/plain; charset=utf-8"
    assert [value for name, value in answer.headers if name in ("x-b", "set-cookie")] in (["1", "2"], ["a=1", "b=2"])


ROUTES = {
    "GET /pets/dog/1": {},
    "GET /pets/dog/{id}": {},
    "GET /pets/{proxy+}": {},
    "ANY /{proxy+}": {},
    "POST /pets/dog/1": {},
    "ANY /pets/dog/1": {},
}


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("GET", "/pets/dog/1", "GET /pets/dog/1"),
        ("PUT", "/pets/dog/1", "ANY /pets/dog/1"),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}"),
        ("GET", "/pets/cat/1", "GET /pets/{proxy+}"),
        ("GET", "/pets/dog/2/3", "GET /pets/{proxy+}"),
        ("POST", "/test/5", "ANY /{proxy+}"),
        ("POST", "/pets/dog/2", "ANY /{proxy+}"),
        ("GET", "/", "$default"),
    ],
)
def test_the_most_specific_route_wins(method: str, path: str, route: str) -> None:
    """The first column of the table in "Create routes for HTTP APIs", and what follows from its rules."""
    template = simple({**ROUTES, "$default": {}})
    assert delivered(template, http("Web", path, method=method))["routeKey"] == route


def test_without_a_matching_route_nothing_is_found() -> None:
    answer = only(simple(), http("Web", "/orders"))
    assert (answer.status, answer.body) == (404, '{"message":"Not Found"}')
    assert answer.why == "no route matches GET /orders"


def test_a_named_stage_stands_in_the_path() -> None:
    template = simple(StageName="live", StageVariables={"table": "orders"})
    event = delivered(template, http("Web", "/live/orders/7"))
    assert (event["rawPath"], event["stageVariables"]) == ("/live/orders/7", {"table": "orders"})
    assert event["requestContext"]["stage"] == "live"
    assert only(template, http("Web", "/orders/7")).status == 404
    assert only(template, http("WebliveStage", "/orders/7")).status == 200


@pytest.mark.rule("F.6-05", "F.6-06")
@pytest.mark.parametrize(
    ("act", "status", "message"),
    [
        (FAIL, 500, "Internal Server Error"),
        (says("no"), 500, "Internal Server Error"),
        (says(200, {"a": 1}), 500, "Internal Server Error"),
        (Act(takes=seconds(31)), 503, "Service Unavailable"),
    ],
)
def test_what_goes_wrong_in_the_function_has_a_status_of_its_own(act: Act, status: int, message: str) -> None:
    answer = only(simple(), http("Web", "/orders/7"), script=act)
    assert (answer.status, json.loads(answer.body)) == (status, {"message": message})
    assert answer.why


@pytest.mark.rule("F.6-03")
def test_after_30_s_the_api_waits_no_longer_and_the_function_goes_on() -> None:
    played = send(simple(), http("Web", "/orders/7"), script=Act(takes=seconds(45)))
    (answer,) = played.of(HttpAnswered)
    assert 30_000_000 < answer.latency_us < 30_100_000
    assert answer.why == "the function had not answered after 30 s; it goes on"
    (ended,) = played.of(InvocationEnded)
    assert (ended.status, ended.duration_us) == ("ok", 45_000_000)


def test_the_integrations_own_timeout_is_kept() -> None:
    routes = {"GET /orders/{id}": {"TimeoutInMillis": 500}}
    answer = only(simple(routes), http("Web", "/orders/7"), script=Act(takes=seconds(1)))
    assert (answer.status, answer.latency_us // 100_000) == (503, 5)


@pytest.mark.rule("F.6-07")
def test_a_throttled_function_is_a_503() -> None:
    answer = only(simple(work={"ReservedConcurrentExecutions": 0}), http("Web", "/orders/7"))
    assert (answer.status, answer.body) == (503, '{"message":"Service Unavailable"}')


@pytest.mark.rule("G.4-02", "F.6-08")
def test_without_the_functions_permission_nobody_gets_in() -> None:
    played = send(plain(Allowed=None), http("Api", "/orders"))
    (answer,) = played.of(HttpAnswered)
    assert (answer.status, answer.body) == (500, '{"message":"Internal Server Error"}')
    (denied,) = played.of(AccessDenied)
    assert "add a statement with Principal: apigateway.amazonaws.com and SourceArn: arn:aws:execute-api" in denied.why
    assert denied.why.endswith("/$default/GET/orders")


def v2(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::ApiGatewayV2::{kind}", "Properties": properties}


def plain(**more: Any) -> dict[str, Any]:
    """The same in CloudFormation's own words."""
    api_id = {"ApiId": {"Ref": "Api"}}
    parts: dict[str, Any] = {
        "Api": v2("Api", Name="shop", ProtocolType="HTTP"),
        "Integration": v2(
            "Integration", IntegrationType="AWS_PROXY", IntegrationUri={"Fn::GetAtt": "Work.Arn"},
            PayloadFormatVersion="2.0", **api_id,
        ),
        "Route": v2("Route", RouteKey="GET /orders", Target={"Fn::Sub": "integrations/${Integration}"}, **api_id),
        "Stage": v2("Stage", StageName="$default", AutoDeploy=True, **api_id),
        "Allowed": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": {"Ref": "Work"},
                "Principal": "apigateway.amazonaws.com",
                "SourceArn": {"Fn::Sub": "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/*/orders"},
            },
        },
    }  # fmt: skip
    return make_template(make_function(), **{name: one for name, one in (parts | more).items() if one is not None})


def test_routes_written_as_resources_work_as_well() -> None:
    assert delivered(plain(), http("Api", "/orders"))["routeKey"] == "GET /orders"


def test_a_quick_create_makes_the_default_route_and_stage() -> None:
    quick = v2("Api", Name="shop", ProtocolType="HTTP", Target={"Fn::GetAtt": "Work.Arn"})
    permission = plain()["Resources"]["Allowed"]
    del permission["Properties"]["SourceArn"]
    template = make_template(make_function(), Api=quick, Allowed=permission)
    assert delivered(template, http("Api", "/anything"))["routeKey"] == "$default"


def problems(template: Any) -> list[str]:
    return [str(problem) for problem in problems_of(read_template({**CODE, **as_files(template)}))]


@pytest.mark.parametrize(
    ("part", "changes", "text"),
    [
        ("Route", {"RouteKey": "FETCH /a"}, "'FETCH /a' is no route key."),
        ("Route", {"RouteKey": "GET a"}, "the path a must begin with a slash."),
        ("Route", {"RouteKey": "GET /{a+}/b"}, "stands at the end of a path"),
        ("Route", {"Target": "integrations/none"}, "leads to no integration of this API."),
        ("Route", {"AuthorizationType": "JWT"}, "AuthorizationType JWT has no effect in lambdalab yet."),
        ("Route", {"AuthorizationType": "CUSTOM"}, "names no authorizer of this API."),
        ("Integration", {"IntegrationType": "HTTP_PROXY"}, "HTTP_PROXY has no effect in lambdalab yet."),
        ("Integration", {"PayloadFormatVersion": "3.0"}, "the payload format is 1.0 or 2.0, not 3.0."),
        ("Integration", {"TimeoutInMillis": 31_000}, "from 50 to 30000 ms, not 31000."),
        ("Integration", {"IntegrationUri": "arn:aws:lambda:us-east-1:123456789012:function:no"}, "no function of this"),
        ("Integration", {"CredentialsArn": "x"}, "CredentialsArn of AWS::ApiGatewayV2::Integration has no effect"),
        ("Stage", {"StageName": "a b"}, "letters, digits, hyphens and underscores only, not 'a b'."),
        ("Stage", {"DefaultRouteSettings": {"ThrottlingRateLimit": "fast"}}, "is a number of 0 or more, not 'fast'."),
        ("Stage", {"ApiId": "none"}, "there is no HTTP API none in this template."),
        ("Api", {"ProtocolType": "WEBSOCKET"}, "WebSocket APIs have no effect in lambdalab yet."),
        ("Api", {"CorsConfiguration": {"Origins": []}}, "Origins is nothing that CORS knows"),
        ("Api", {"CorsConfiguration": {"AllowOrigins": "*"}}, "AllowOrigins must be a list of texts."),
        ("Api", {"CorsConfiguration": {"MaxAge": -1}}, "MaxAge is a number of seconds from 0 to 86400, not -1."),
    ],
)
def test_what_is_wrong_with_an_api_is_told_before_a_run(part: str, changes: dict[str, Any], text: str) -> None:
    template = plain()
    template["Resources"][part]["Properties"] |= changes
    assert any(text in problem for problem in problems(template)), problems(template)


def test_a_route_that_stands_twice_is_told() -> None:
    template = plain()
    template["Resources"]["Again"] = template["Resources"]["Route"]
    assert any("the route GET /orders exists twice." in problem for problem in problems(template))


CORS = {"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"], "AllowHeaders": ["x-a"], "MaxAge": 60}


def test_cors_answers_preflights_and_replaces_the_functions_headers() -> None:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    template = simple(CorsConfiguration=CORS)
    preflight = only(template, http("Web", "/orders/7", method="OPTIONS", headers=asked))
    assert (preflight.status, header(preflight, "access-control-allow-headers")) == (204, "x-a")
    act = says(headers={"access-control-allow-origin": "*"})
    answer = only(template, http("Web", "/orders/7", headers={"Origin": "https://a.example"}), script=act)
    assert header(answer, "access-control-allow-origin") == "https://a.example"


def test_a_stage_may_throttle() -> None:
    template = simple(DefaultRouteSettings={"ThrottlingRateLimit": 1, "ThrottlingBurstLimit": 2})
    request = http("Web", "/orders/7") | {"repeat": {"count": 4, "every": "1ms"}}
    played = send(template, request, http("Web", "/orders/7", at="10s"))
    assert played.summary["doors"]["Web"]["by_status"] == {"200": 3, "429": 2}
    refused = next(row for row in played.summary["http"] if row["status"] == 429)
    assert refused["body"] == '{"message":"Too Many Requests"}'


@pytest.mark.rule("F.6-04")
def test_more_than_10_mb_is_a_413() -> None:
    files = {"events/large.bin": bytes(10 * 1024 * 1024 + 1)}
    template = simple({"POST /orders": {}})
    answer = only(template, http("Web", "/orders", method="POST", body={"file": "events/large.bin"}), files=files)
    assert (answer.status, answer.body) == (413, '{"message":"Request Entity Too Large"}')


# Authorizers


def guarded(**changes: Any) -> str:
    guard: dict[str, Any] = {
        "FunctionArn": {"Fn::GetAtt": ["Guard", "Arn"]},
        "AuthorizerPayloadFormatVersion": "2.0",
        "EnableSimpleResponses": True,
        "EnableFunctionDefaultPermissions": True,
        "Identity": {"Headers": ["Authorization"]},
    }
    auth = {"DefaultAuthorizer": "Door", "Authorizers": {"Door": guard | changes}}
    routes = {"GET /orders/{id}": {}, "GET /other": {}, "GET /open": {"Auth": {"Authorizer": "NONE"}}}
    return api("HttpApi", routes, Auth=auth, functions={"Guard": function("guard")})


class Guarding:
    """The guard answers ``verdict``, the function says hello; both note what they were given."""

    def __init__(self, verdict: Any) -> None:
        self.asked: list[Any] = []
        self.served: list[Any] = []
        self._verdict = verdict

    def __call__(self, function: Any, event: Any, count: int) -> Act:
        if function.name == "guard":
            self.asked.append(event)
            return self._verdict if isinstance(self._verdict, Act) else Act(result=self._verdict)
        self.served.append(event)
        return says()


SIGNED = {"headers": {"Authorization": "Bearer x"}}


def test_an_authorizer_with_simple_responses_lets_in_and_tells_the_function_why() -> None:
    script = Guarding({"isAuthorized": True, "context": {"user": "ada"}})
    assert only(guarded(), http("Web", "/orders/7", **SIGNED), script=script).status == 200
    parsed = parse("ApiGatewayAuthorizerRequestV2", script.asked[0])
    assert parsed.identitySource == ["Bearer x"]
    assert parsed.routeArn.endswith("/$default/GET/orders/7")
    assert script.served[0]["requestContext"]["authorizer"] == {"lambda": {"user": "ada"}}
    parse("APIGatewayProxyEventV2Model", script.served[0])


def policy(effect: str = "Allow", resource: str = "*") -> dict[str, Any]:
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource}
    return {"principalId": "ada", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        (policy(), 200),
        (policy("Deny"), 403),
        (policy(resource="arn:aws:execute-api:us-east-1:123456789012:*/$default/GET/orders/*"), 200),
        (policy(resource="arn:aws:execute-api:us-east-1:123456789012:*/$default/GET/other"), 403),
        ({"principalId": "ada", "policyDocument": {"Statement": []}}, 500),
        ({"policyDocument": {}}, 500),
        ("yes", 500),
        (FAIL, 500),
    ],
)
def test_an_authorizers_policy_is_really_evaluated(verdict: Any, status: int) -> None:
    template = guarded(EnableSimpleResponses=False)
    answer = only(template, http("Web", "/orders/7", **SIGNED), script=Guarding(verdict))
    assert answer.status == status
    bodies = {403: '{"message":"Forbidden"}', 500: '{"message":"Internal Server Error"}'}
    assert status == 200 or answer.body == bodies[status]


def test_a_missing_identity_source_is_a_401_and_nobody_is_asked() -> None:
    script = Guarding({"isAuthorized": True})
    answer = only(guarded(), http("Web", "/orders/7"), script=script)
    assert (answer.status, answer.body, script.asked) == (401, '{"message":"Unauthorized"}', [])


def test_no_is_a_403() -> None:
    answer = only(guarded(), http("Web", "/orders/7", **SIGNED), script=Guarding({"isAuthorized": False}))
    assert (answer.status, answer.why) == (403, "the authorizer Door says isAuthorized: false")


def test_a_route_may_stay_open() -> None:
    assert only(guarded(), http("Web", "/open"), script=Guarding(FAIL)).status == 200


def test_verdicts_are_cached_for_the_identity_and_its_time() -> None:
    script = Guarding({"isAuthorized": True})
    template = guarded(Identity={"Headers": ["Authorization"], "ReauthorizeEvery": 60})
    other = {"headers": {"Authorization": "Bearer y"}}
    requests = [
        http("Web", "/orders/7", "0s", **SIGNED),
        http("Web", "/other", "30s", **SIGNED),
        http("Web", "/orders/7", "31s", **other),
        http("Web", "/orders/7", "70s", **SIGNED),
    ]
    assert [answer.status for answer in answers(template, *requests, script=script)] == [200] * 4
    assert [event["identitySource"] for event in script.asked] == [["Bearer x"], ["Bearer y"], ["Bearer x"]]


def test_without_a_time_nothing_is_cached() -> None:
    script = Guarding({"isAuthorized": True})
    answers(guarded(), http("Web", "/other", "0s", **SIGNED), http("Web", "/other", "1s", **SIGNED), script=script)
    assert len(script.asked) == 2


def test_an_authorizer_of_format_1_0_gets_the_request_in_that_format() -> None:
    script = Guarding(policy() | {"context": {"n": 1}})
    template = guarded(AuthorizerPayloadFormatVersion="1.0", EnableSimpleResponses=False)
    assert only(template, http("Web", "/orders/7", **SIGNED), script=script).status == 200
    (asked,) = script.asked
    assert (asked["version"], asked["type"], asked["authorizationToken"]) == ("1.0", "REQUEST", "Bearer x")
    assert asked["methodArn"].endswith("/$default/GET/orders/7")
    assert script.served[0]["requestContext"]["authorizer"] == {"lambda": {"n": 1}}


@pytest.mark.parametrize(("actions", "status"), [(("execute-api:Invoke",), 200), (("lambda:InvokeFunction",), 403)])
def test_iam_authorization_asks_the_rights_of_whoever_signed(actions: tuple[str, ...], status: int) -> None:
    auth = {"EnableIamAuthorizer": True, "DefaultAuthorizer": "AWS_IAM"}
    template = api("HttpApi", {"GET /orders/{id}": {}}, Auth=auth, functions={"Ada": user(*actions)})
    seen = Seen()
    assert only(template, http("Web", "/orders/7", signer="Ada"), script=seen).status == status
    assert only(template, http("Web", "/orders/7")).status == 403
    if status == 200:
        signed = seen.events[0]["requestContext"]["authorizer"]["iam"]
        assert signed["userArn"].startswith("arn:aws:iam::123456789012:user/")
        parse("APIGatewayProxyEventV2Model", seen.events[0])


def test_an_implicit_api_of_sam_answers_too() -> None:
    events = {"A": {"Type": "HttpApi", "Properties": {"Path": "/a", "Method": "get"}}}
    assert only(sam(Work=function(events=events)), http("ServerlessHttpApi", "/a")).status == 200


def test_a_function_with_an_alias_is_reached_through_it() -> None:
    played = send(simple(work={"AutoPublishAlias": "live"}), http("Web", "/orders/7"))
    assert [fact.version for fact in played.of(InvocationStarted)] == ["1"]
