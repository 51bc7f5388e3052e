"""API Gateway REST APIs."""

import base64
import json
from typing import Any

import pytest

from lambdalab.simulator.kernel import Kernel
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.services.http.api.model import Stage
from lambdalab.simulator.services.http.api.throttling import AccountThrottle
from lambdalab.simulator.trace.facts import AccessDenied, HttpAnswered, InvocationEnded, InvocationStarted
from tests.simulator.playing import FAIL, make_function, make_template, seconds
from tests.simulator.services.http.apis import api, function, sam
from tests.simulator.services.http.clients import Seen, answers, delivered, header, http, only, says, send
from tests.simulator.services.http.test_function_url import user
from tests.simulator.services.http.test_http_api import SIGNED, Guarding, policy, problems
from tests.simulator.vocabulary.events.test_parsing import parse


def simple(routes: Any = None, **properties: Any) -> str:
    return api("Api", routes or {"GET /orders/{id}": {}}, **{"StageName": "prod", **properties})


@pytest.mark.rule("F.6-01")
def test_a_request_reaches_the_function_in_format_1_0() -> None:
    request = http("Web", "/prod/orders/a%20b", query="x=1&x=2", headers={"X-A": ["1", "2"]})
    event = delivered(simple(Variables={"table": "orders"}), request)
    parsed = parse("APIGatewayProxyEventModel", event)
    assert (parsed.resource, parsed.path, parsed.pathParameters) == ("/orders/{id}", "/orders/a%20b", {"id": "a%20b"})
    assert (event["queryStringParameters"], event["multiValueQueryStringParameters"]) == ({"x": "2"}, {"x": ["1", "2"]})
    assert (event["headers"]["X-A"], event["multiValueHeaders"]["X-A"]) == ("2", ["1", "2"])
    assert (event["stageVariables"], event["body"], event["isBase64Encoded"]) == ({"table": "orders"}, None, False)
    assert parsed.requestContext.path == "/prod/orders/a%20b"
    assert parsed.requestContext.stage == "prod"


def test_answers_merge_single_and_multiple_headers() -> None:
    more = {"headers": {"X-A": "1", "x-b": "no"}, "multiValueHeaders": {"X-B": ["1", "2"]}}
    answer = only(simple(), http("Web", "/prod/orders/7"), script=says(201, '{"a": 1}', **more))
    assert (answer.status, answer.why, header(answer, "content-type")) == (201, None, "application/json")
    assert [(name, value) for name, value in answer.headers if name.startswith("x-")] == [
        ("x-a", "1"),
        ("x-b", "1"),
        ("x-b", "2"),
    ]


@pytest.mark.parametrize(
    ("path", "method", "message", "why"),
    [
        ("/orders/7", "GET", "Forbidden", "/orders/7 begins with no stage of Web (its stages: prod)"),
        ("/prod/orders", "GET", "Missing Authentication Token", "there is no resource for /orders in the stage prod"),
        ("/prod/orders/7", "PUT", "Missing Authentication Token", "there is no method PUT for /orders/7 in the stage"),
        ("/prod", "GET", "Missing Authentication Token", "there is no resource for / in the stage prod"),
    ],
)
def test_where_nothing_is_the_answer_is_a_403(path: str, method: str, message: str, why: str) -> None:
    answer = only(simple(), http("Web", path, method=method))
    assert (answer.status, json.loads(answer.body)) == (403, {"message": message})
    assert answer.why is not None
    assert answer.why.startswith(why)


@pytest.mark.parametrize(
    ("method", "path", "resource"),
    [
        ("GET", "/a/b", "/a/b"),
        ("GET", "/a/c", "/a/{id}"),
        ("GET", "/a/c/d", "/{proxy+}"),
        ("DELETE", "/b", "/{proxy+}"),
    ],
)
def test_the_most_specific_resource_is_chosen(method: str, path: str, resource: str) -> None:
    routes = {"GET /a/b": {}, "GET /a/{id}": {}, "ANY /{proxy+}": {}}
    assert delivered(simple(routes), http("Web", f"/prod{path}", method=method))["resource"] == resource


def test_the_resource_is_chosen_before_the_method() -> None:
    routes = {"GET /a/b": {}, "ANY /{proxy+}": {}}
    assert only(simple(routes), http("Web", "/prod/a/b", method="POST")).status == 403


@pytest.mark.rule("F.6-05", "F.6-06")
@pytest.mark.parametrize(
    ("act", "status", "body"),
    [
        (FAIL, 502, '{"message": "Internal server error"}'),
        (says("no"), 502, '{"message": "Internal server error"}'),
        (says(200, {"a": 1}), 502, '{"message": "Internal server error"}'),
        (Act(result="hello"), 502, '{"message": "Internal server error"}'),
        (Act(result={"body": "x"}), 502, '{"message": "Internal server error"}'),
        (Act(takes=seconds(30)), 504, '{"message": "Endpoint request timed out"}'),
        (says("200"), 200, "hello"),
    ],
)
def test_what_goes_wrong_in_the_function_has_a_status_of_its_own(act: Act, status: int, body: str) -> None:
    answer = only(simple(), http("Web", "/prod/orders/7"), script=act)
    assert (answer.status, answer.body) == (status, body)
    assert bool(answer.why) == (status != 200)


@pytest.mark.rule("F.6-03")
def test_after_29_s_the_api_waits_no_longer_and_the_function_goes_on() -> None:
    played = send(simple(), http("Web", "/prod/orders/7"), script=Act(takes=seconds(40)))
    (answer,) = played.of(HttpAnswered)
    assert 29_000_000 < answer.latency_us < 29_100_000
    assert played.of(InvocationEnded)[0].duration_us == 40_000_000


@pytest.mark.rule("F.6-07")
def test_a_throttled_function_is_a_500() -> None:
    answer = only(simple(work={"ReservedConcurrentExecutions": 0}), http("Web", "/prod/orders/7"))
    assert (answer.status, answer.body) == (500, '{"message": "Internal server error"}')
    assert answer.why == "the function was throttled (ReservedFunctionConcurrentInvocationLimitExceeded)"


def v1(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::ApiGateway::{kind}", "Properties": properties}


def plain(**more: Any) -> dict[str, Any]:
    """The same in CloudFormation's own words."""
    uri = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Work.Arn}/invocations"
    integration = {"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": {"Fn::Sub": uri}}
    api_id = {"RestApiId": {"Ref": "Api"}}
    parts: dict[str, Any] = {
        "Api": v1("RestApi", Name="shop"),
        "Orders": v1("Resource", ParentId={"Fn::GetAtt": "Api.RootResourceId"}, PathPart="orders", **api_id),
        "Order": v1("Resource", ParentId={"Ref": "Orders"}, PathPart="{id}", **api_id),
        "Get": v1("Method", ResourceId={"Ref": "Order"}, HttpMethod="GET", Integration=integration, **api_id),
        "Deployment": v1("Deployment", **api_id),
        "Stage": v1("Stage", DeploymentId={"Ref": "Deployment"}, StageName="prod", **api_id),
        "Allowed": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": {"Ref": "Work"},
                "Principal": "apigateway.amazonaws.com",
                "SourceArn": {"Fn::Sub": "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/GET/orders/*"},
            },
        },
    }
    return make_template(make_function(), **{name: one for name, one in (parts | more).items() if one is not None})


def test_methods_written_as_resources_work_as_well() -> None:
    event = delivered(plain(), http("Stage", "/orders/7"))
    assert (event["resource"], event["pathParameters"]) == ("/orders/{id}", {"id": "7"})


@pytest.mark.rule("G.4-02", "F.6-08")
def test_without_the_functions_permission_nobody_gets_in() -> None:
    played = send(plain(Allowed=None), http("Stage", "/orders/7"))
    (answer,) = played.of(HttpAnswered)
    assert (answer.status, answer.body) == (500, '{"message": "Internal server error"}')
    (denied,) = played.of(AccessDenied)
    assert denied.why.endswith("/prod/GET/orders/{id}")


@pytest.mark.parametrize(
    ("part", "changes", "text"),
    [
        ("Get", {"HttpMethod": "FETCH"}, "'FETCH' is no method."),
        ("Get", {"ResourceId": "none"}, "it belongs to no resource of its API."),
        ("Get", {"AuthorizationType": "COGNITO_USER_POOLS"}, "COGNITO_USER_POOLS has no effect in lambdalab yet."),
        ("Get", {"AuthorizationType": "CUSTOM"}, "the method names no authorizer of this API."),
        ("Get", {"Integration": {"Type": "AWS"}}, "an integration of the type AWS has no effect in lambdalab yet."),
        ("Get", {"RequestValidatorId": "x"}, "RequestValidatorId of AWS::ApiGateway::Method has no effect"),
        ("Order", {"ParentId": "none"}, "it hangs at no resource of its API."),
        ("Order", {"PathPart": "a{id}"}, "a variable is a whole part of a path"),
        ("Stage", {"StageName": "a b"}, "letters, digits, hyphens and underscores only"),
        ("Stage", {"MethodSettings": [{"ThrottlingRateLimit": 5}]}, "needs ResourcePath and HttpMethod"),
        ("Stage", {"RestApiId": "none"}, "there is no REST API none in this template."),
        ("Api", {"EndpointConfiguration": {"Types": ["PRIVATE"]}}, "private APIs have no effect in lambdalab yet."),
        ("Api", {"Policy": {}}, "Policy of AWS::ApiGateway::RestApi has no effect in lambdalab yet."),
    ],
)
def test_what_is_wrong_with_an_api_is_told_before_a_run(part: str, changes: dict[str, Any], text: str) -> None:
    template = plain()
    template["Resources"][part]["Properties"] |= changes
    assert any(text in problem for problem in problems(template)), problems(template)


def test_functions_are_invoked_with_post_only() -> None:
    template = plain()
    template["Resources"]["Get"]["Properties"]["Integration"]["IntegrationHttpMethod"] = "GET"
    assert any("functions are invoked with POST, not GET." in problem for problem in problems(template))


def test_a_definition_of_the_authors_own_is_read_to_its_lines() -> None:
    body = """
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        openapi: 3.0.1
        paths:
          /a:
            get:
              requestBody: {}
              x-amazon-apigateway-integration: {type: http}
"""
    found = problems(body)
    assert any(p.startswith("template.yaml:11: unsupported: Api: requestBody of GET /a has no effect") for p in found)
    assert any(p.startswith("template.yaml:12: unsupported: Api: the integration of GET /a (http") for p in found)


@pytest.mark.parametrize(("kind", "encoded"), [("image/png", True), ("image/jpeg", False), ("application/json", False)])
def test_binary_media_types_come_in_base64(kind: str, encoded: bool) -> None:
    template = simple({"POST /a": {}}, BinaryMediaTypes=["image~1png"])
    event = delivered(template, http("Web", "/prod/a", method="POST", body="abc", headers={"Content-Type": kind}))
    assert (event["body"], event["isBase64Encoded"]) == (("YWJj", True) if encoded else ("abc", False))


@pytest.mark.parametrize(
    ("binary", "accept", "plain"),
    [
        (["image/png"], "image/png", True),
        (["image/png"], "*/*", False),
        (["*/*"], "text/html", True),
        ([], "*/*", False),
    ],
)
def test_base64_answers_are_decoded_for_clients_that_accept_a_binary_type(
    binary: list[str], accept: str, plain: bool
) -> None:
    act = says(200, base64.b64encode(b"png").decode(), isBase64Encoded=True)
    template = simple(**({"BinaryMediaTypes": binary} if binary else {}))
    answer = only(template, http("Web", "/prod/orders/7", headers={"Accept": accept}), script=act)
    assert answer.body == ("png" if plain else "cG5n")
    assert bool(answer.why) != plain


def test_cors_of_sam_is_a_mock_that_no_function_sees() -> None:
    played = send(simple(Cors="'https://a.example'"), http("Web", "/prod/orders/7", method="OPTIONS"))
    (row,) = played.summary["http"]
    assert (row["status"], row["headers"]["access-control-allow-origin"]) == (200, "https://a.example")
    assert played.of(InvocationStarted) == []


def test_a_method_may_be_throttled_and_others_not() -> None:
    settings = [
        {"ResourcePath": "/orders/{id}", "HttpMethod": "GET", "ThrottlingRateLimit": 1, "ThrottlingBurstLimit": 1}
    ]
    template = simple({"GET /orders/{id}": {}, "GET /other": {}}, MethodSettings=settings)
    twice = {"repeat": {"count": 2, "every": "1ms"}}
    played = send(template, http("Web", "/prod/orders/7") | twice, http("Web", "/prod/other") | twice)
    statuses = [(row["path"], row["status"]) for row in played.summary["http"]]
    assert sorted(statuses) == [("/prod/orders/7", 200), ("/prod/orders/7", 429), *[("/prod/other", 200)] * 2]


@pytest.mark.rule("F.6-09")
def test_the_accounts_apis_share_a_burst_of_5_000_and_10_000_a_second() -> None:
    kernel = Kernel(1)
    throttle, stage = AccountThrottle(kernel), Stage("prod")
    assert [throttle.exceeded("a", stage, "GET /") for _ in range(5_000)] == [None] * 5_000
    refused = throttle.exceeded("b", stage, "GET /")
    assert refused == "the account's APIs get more than 10,000 requests a second together"
    kernel.spawn(kernel.sleep(seconds(0.1)))
    kernel.run(seconds(1), lambda: None)
    assert [throttle.exceeded("b", stage, "GET /") for _ in range(1_000)] == [None] * 1_000
    assert throttle.exceeded("b", stage, "GET /")


# API keys

KEY = "0123456789abcdef0123"


def keyed(**plan: Any) -> str:
    usage = {"ApiStages": [{"ApiId": {"Ref": "Web"}, "Stage": {"Ref": "WebprodStage"}}], **plan}
    more = {
        "Key": v1("ApiKey", Value=KEY),
        "Plan": v1("UsagePlan", **usage),
        "In": v1("UsagePlanKey", KeyId={"Ref": "Key"}, KeyType="API_KEY", UsagePlanId={"Ref": "Plan"}),
    }
    return simple({"GET /a": {"Auth": {"ApiKeyRequired": True}}}, functions=more)


@pytest.mark.parametrize(("sent", "status"), [({"x-api-key": KEY}, 200), ({"X-API-Key": "other"}, 403), ({}, 403)])
def test_a_method_may_want_an_api_key(sent: dict[str, str], status: int) -> None:
    answer = only(keyed(), http("Web", "/prod/a", headers=sent))
    assert (answer.status, status == 200 or answer.body == '{"message":"Forbidden"}') == (status, True)


def test_a_usage_plan_limits_requests_a_second() -> None:
    request = http("Web", "/prod/a", headers={"x-api-key": KEY}) | {"repeat": {"count": 3, "every": "1ms"}}
    played = send(keyed(Throttle={"RateLimit": 1, "BurstLimit": 2}), request)
    assert played.summary["doors"]["Web"]["by_status"] == {"200": 2, "429": 1}


def test_a_quota_counts_by_the_day() -> None:
    request = http("Web", "/prod/a", headers={"x-api-key": KEY}) | {"repeat": {"count": 4, "every": "8h"}}
    played = send(keyed(Quota={"Limit": 1, "Period": "DAY"}), request, until="24h", clock="2026-11-23T09:00:00Z")
    statuses = [(row["at_s"] / 3600, row["status"]) for row in played.summary["http"]]
    assert statuses == [(0.0, 200), (8.0, 429), (16.0, 200)]
    assert played.summary["http"][1]["body"] == '{"message":"Limit Exceeded"}'


# Authorizers


def guarded(**changes: Any) -> str:
    guard: dict[str, Any] = {"FunctionArn": {"Fn::GetAtt": ["Guard", "Arn"]}}
    auth = {"DefaultAuthorizer": "Door", "Authorizers": {"Door": guard | changes}}
    routes = {"GET /orders/{id}": {}, "GET /other": {}}
    return simple(routes, Auth=auth, functions={"Guard": function("guard")})


def test_a_token_authorizer_gets_the_token_and_its_context_reaches_the_function() -> None:
    script = Guarding(policy() | {"context": {"n": 1, "admin": True}})
    assert only(guarded(), http("Web", "/prod/orders/7", **SIGNED), script=script).status == 200
    parsed = parse("ApiGatewayAuthorizerToken", script.asked[0])
    assert parsed.authorizationToken == "Bearer x"
    assert str(parsed.methodArn).endswith("/prod/GET/orders/7")
    said = script.served[0]["requestContext"]["authorizer"]
    assert (said["principalId"], said["n"], said["admin"]) == ("ada", "1", "true")
    parse("APIGatewayProxyEventModel", script.served[0])


@pytest.mark.parametrize(
    ("verdict", "status", "body"),
    [
        (policy("Deny"), 403, '{"Message":"User is not authorized to access this resource with an explicit deny"}'),
        (policy(resource="arn:aws:execute-api:*:*:*/prod/PUT/*"), 403, '{"Message":"User is not authorized to access'),
        (Act(status="error", error_type="Exception", error_message="Unauthorized"), 401, '{"message":"Unauthorized"}'),
        (FAIL, 500, '{"message":null}'),
        ({}, 500, '{"message":null}'),
        (policy() | {"context": {"list": [1]}}, 500, '{"message":null}'),
    ],
)
def test_what_an_authorizer_says_is_told_in_awss_words(verdict: Any, status: int, body: str) -> None:
    answer = only(guarded(), http("Web", "/prod/orders/7", **SIGNED), script=Guarding(verdict))
    assert answer.status == status
    assert answer.body.startswith(body)


def test_a_missing_token_is_a_401_and_nobody_is_asked() -> None:
    script = Guarding(policy())
    assert only(guarded(), http("Web", "/prod/orders/7"), script=script).status == 401
    assert script.asked == []


def test_a_policy_is_cached_for_300_s_and_evaluated_for_each_method() -> None:
    script = Guarding(policy(resource="arn:aws:execute-api:*:*:*/prod/GET/orders/*"))
    requests = [
        http("Web", "/prod/orders/7", "0s", **SIGNED),
        http("Web", "/prod/other", "100s", **SIGNED),
        http("Web", "/prod/orders/8", "299s", **SIGNED),
        http("Web", "/prod/orders/8", "301s", **SIGNED),
    ]
    assert [answer.status for answer in answers(guarded(), *requests, script=script)] == [200, 403, 200, 200]
    assert len(script.asked) == 2


def test_a_request_authorizer_gets_the_whole_request() -> None:
    script = Guarding(policy())
    identity = {"QueryStrings": ["q"], "ReauthorizeEvery": 0}
    template = guarded(FunctionPayloadType="REQUEST", Identity=identity)
    assert only(template, http("Web", "/prod/orders/7", query="q=1"), script=script).status == 200
    parsed = parse("ApiGatewayAuthorizerRequest", script.asked[0])
    assert (parsed.resource, script.asked[0]["queryStringParameters"]) == ("/orders/{id}", {"q": "1"})
    assert only(template, http("Web", "/prod/orders/7"), script=script).status == 401


@pytest.mark.parametrize(
    ("actions", "status"),
    [(("execute-api:Invoke", "lambda:InvokeFunction"), 200), (("execute-api:Invoke",), 500), ((), 403)],
)
def test_with_iam_sams_methods_call_the_function_as_whoever_signed(actions: tuple[str, ...], status: int) -> None:
    auth = {"DefaultAuthorizer": "AWS_IAM"}
    template = simple(Auth=auth, functions={"Ada": user(*actions)})
    seen = Seen()
    answer = only(template, http("Web", "/prod/orders/7", signer="Ada"), script=seen)
    assert answer.status == status
    if status == 200:
        assert seen.events[0]["requestContext"]["identity"]["userArn"].startswith("arn:aws:iam::123456789012:user/")
    if status == 403:
        assert "is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api" in answer.body
        assert ":********9012:" in answer.body


def test_unsigned_requests_to_an_iam_method_miss_their_token() -> None:
    answer = only(simple(Auth={"DefaultAuthorizer": "AWS_IAM"}), http("Web", "/prod/orders/7"))
    assert (answer.status, answer.body) == (403, '{"message":"Missing Authentication Token"}')


def test_the_implicit_api_of_sam_answers_too() -> None:
    events = {"A": {"Type": "Api", "Properties": {"Path": "/a", "Method": "get"}}}
    template = sam(Work=function(events=events))
    assert only(template, http("ServerlessRestApi", "/Prod/a")).status == 200
    assert only(template, http("ServerlessRestApiProdStage", "/a")).status == 200
    assert only(template, http("ServerlessRestApi", "/Stage/a")).status == 403


def test_a_slash_at_the_end_does_not_count() -> None:
    """As the address that SAM's own first project prints, which ends with one."""
    event = delivered(simple({"GET /hello": {}}), http("Web", "/prod/hello/"))
    assert (event["resource"], event["path"]) == ("/hello", "/hello/")
    assert only(simple({"GET /hello": {}}), http("Web", "/prod/hello//")).status == 403
