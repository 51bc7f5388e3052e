"""Application Load Balancers with functions as targets."""

import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import (
    HttpAnswered,
    HttpDoorDeployed,
    InvocationStarted,
    TargetHealthChanged,
)
from tests.simulator.playing import CODE, FAIL, as_files, call, make_function, make_template, seconds
from tests.simulator.services.http.clients import Seen, delivered, header, http, only, says, send
from tests.simulator.services.http.test_http_api import problems
from tests.simulator.vocabulary.events.test_parsing import parse

MULTI = {"TargetGroupAttributes": [{"Key": "lambda.multi_value_headers.enabled", "Value": "true"}]}


def elb(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::ElasticLoadBalancingV2::{kind}", "Properties": properties}


def group(function: str = "Work", **properties: Any) -> dict[str, Any]:
    return elb(
        "TargetGroup", **{"TargetType": "lambda", "Targets": [{"Id": {"Fn::GetAtt": f"{function}.Arn"}}], **properties}
    )


def may(function: str = "Work", **properties: Any) -> dict[str, Any]:
    usual = {"Action": "lambda:InvokeFunction", "FunctionName": {"Ref": function}}
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": usual | {"Principal": "elasticloadbalancing.amazonaws.com"} | properties,
    }


def forward(target: str = "Group") -> dict[str, Any]:
    return {"Type": "forward", "TargetGroupArn": {"Ref": target}}


def rule(priority: int, action: dict[str, Any], *conditions: dict[str, Any], **properties: Any) -> dict[str, Any]:
    made = {
        "ListenerArn": {"Ref": "Listener"},
        "Priority": priority,
        "Conditions": list(conditions),
        "Actions": [action],
    }
    return elb("ListenerRule", **made | properties)


def fixed(text: str, status: str = "200") -> dict[str, Any]:
    config = {"StatusCode": status, "ContentType": "text/plain", "MessageBody": text}
    return {"Type": "fixed-response", "FixedResponseConfig": config}


def listener(port: int = 80, protocol: str = "HTTP", **properties: Any) -> dict[str, Any]:
    usual = {"LoadBalancerArn": {"Ref": "Balancer"}, "Port": port, "Protocol": protocol, "DefaultActions": [forward()]}
    return elb("Listener", **usual | properties)


def project(target: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A load balancer ``Balancer`` that forwards everything to the function ``work``."""
    parts: dict[str, Any] = {
        "Balancer": elb("LoadBalancer", Name="shop", Type="application", Scheme="internet-facing"),
        "Listener": listener(),
        "Group": group(**(target or {})),
        "May": may(),
    }
    kept = {name: part for name, part in (parts | more).items() if part is not None}
    return make_template(make_function(Timeout=60), **kept)


@pytest.mark.rule("F.5-01")
def test_a_request_becomes_json_and_the_answer_http() -> None:
    seen = Seen(says(201, "ok", headers={"Content-Type": "text/html"}, statusDescription="201 Created"))
    request = http("Balancer", "/a%20b", method="POST", query="x=1&x=%202", headers={"X-A": ["1", "2"]}, body={"n": 1})
    answer = only(project(), request, script=seen)
    (event,) = seen.events
    parsed = parse("AlbModel", event)
    assert (answer.status, answer.body, answer.why, header(answer, "content-type")) == (201, "ok", None, "text/html")
    assert (parsed.path, parsed.queryStringParameters) == ("/a%20b", {"x": "%202"})
    assert (event["headers"]["x-a"], json.loads(event["body"])) == ("2", {"n": 1})
    assert (event["headers"]["x-forwarded-port"], event["headers"]["x-forwarded-proto"]) == ("80", "http")
    assert event["headers"]["host"].startswith("shop-")
    assert "multiValueHeaders" not in event


@pytest.mark.rule("F.5-03")
def test_with_multi_value_headers_every_value_arrives_and_goes_back() -> None:
    act = says(200, "ok", multiValueHeaders={"Set-Cookie": ["a=1", "b=2"]})
    seen = Seen(act)
    answer = only(project(MULTI), http("Balancer", query="x=1&x=2", headers={"X-A": ["1", "2"]}), script=seen)
    (event,) = seen.events
    assert event["multiValueHeaders"]["x-a"] == ["1", "2"]
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"]}
    assert "headers" not in event
    assert [value for name, value in answer.headers if name == "set-cookie"] == ["a=1", "b=2"]


@pytest.mark.rule("F.5-03")
def test_without_them_the_last_value_of_a_header_and_a_parameter_counts() -> None:
    seen = Seen(says(200, "ok"))
    only(project(), http("Balancer", query="x=1&x=2", headers={"X-A": ["1", "2"]}), script=seen)
    (event,) = seen.events
    assert event["headers"]["x-a"] == "2"
    assert event["queryStringParameters"] == {"x": "2"}
    assert "multiValueHeaders" not in event


@pytest.mark.rule("F.5-04")
@pytest.mark.parametrize(("multi", "key", "word"), [(True, "headers", "on"), (False, "multiValueHeaders", "off")])
def test_headers_of_the_other_form_are_not_read(multi: bool, key: str, word: str) -> None:
    act = says(200, "ok", **{key: {"X-A": ["1"] if key == "multiValueHeaders" else "1"}})
    answer = only(project(MULTI if multi else {}), http("Balancer"), script=act)
    assert (answer.status, header(answer, "x-a")) == (200, None)
    assert answer.why == f"the target group has multi-value headers {word}, so {key} in the answer is not read"


@pytest.mark.rule("F.5-02")
@pytest.mark.parametrize(
    ("kind", "encoded"),
    [("text/csv", False), ("application/json; charset=utf-8", False), ("application/xml", False), ("image/png", True)],
)
def test_only_bodies_that_are_no_text_come_in_base64(kind: str, encoded: bool) -> None:
    request = http("Balancer", method="POST", body="hi", headers={"Content-Type": kind})
    event = delivered(project(), request)
    assert (event["body"], event["isBase64Encoded"]) == (("aGk=", True) if encoded else ("hi", False))


def test_a_compressed_body_comes_in_base64_whatever_its_type() -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert delivered(project(), http("Balancer", method="POST", body="hi", headers=headers))["isBase64Encoded"] is True


@pytest.mark.rule("F.5-05", "F.5-06")
@pytest.mark.parametrize(
    ("act", "why"),
    [
        (FAIL, "the function failed (CardDeclined: the card was declined)"),
        (Act(takes=seconds(90)), "the function failed (Sandbox.Timedout"),
        (Act(result="hello"), 'the function\'s answer is no object with a statusCode but "hello"'),
        (Act(result={"body": "x"}), "the function's answer has no statusCode"),
        (says("200"), "statusCode in the function's answer is no whole number from 100 to 599"),
        (says(200, headers=None), "headers in the function's answer is null"),
        (says(200, headers={"a": True}), "headers in the function's answer has a value that is no text"),
        (says(200, "x" * 1024 * 1024), "the function's answer is larger than 1 MB"),
    ],
)
def test_what_goes_wrong_in_the_function_is_a_502(act: Act, why: str) -> None:
    answer = only(project(), http("Balancer"), script=act)
    assert (answer.status, "<h1>502 Bad Gateway</h1>" in answer.body) == (502, True)
    assert answer.why is not None
    assert answer.why.startswith(why)


def test_an_answer_without_headers_is_sent_as_bytes() -> None:
    assert header(only(project(), http("Balancer")), "content-type") == "application/octet-stream"


@pytest.mark.rule("F.5-06")
def test_a_throttled_function_is_a_502_too() -> None:
    template = project()
    template["Resources"]["Work"]["Properties"]["ReservedConcurrentExecutions"] = 0
    assert only(template, http("Balancer")).status == 502


@pytest.mark.rule("F.5-05")
def test_more_than_1_mb_is_a_413() -> None:
    files = {"events/large.bin": bytes(1024 * 1024 + 1)}
    answer = only(project(), http("Balancer", method="POST", body={"file": "events/large.bin"}), files=files)
    assert (answer.status, answer.request_id) == (413, None)


def test_a_target_group_without_a_target_is_a_503() -> None:
    assert only(project({"Targets": []}), http("Balancer")).status == 503


@pytest.mark.rule("G.4-02", "F.5-08")
def test_a_function_that_does_not_let_the_load_balancer_in_cannot_be_registered() -> None:
    (problem,) = problems(project(May=None))
    assert "elasticloadbalancing principal does not have permission to invoke arn:aws:lambda" in problem
    assert "add a statement with Principal: elasticloadbalancing.amazonaws.com" in problem


def test_a_permission_that_is_taken_away_later_is_a_502() -> None:
    template = project()
    made = read_template({**CODE, **as_files(template)})
    sid = made.name(made.resources["May"])
    remove = call("1s", "lambda.remove_permission", FunctionName="work", StatementId=sid)
    answer = only(template, remove, http("Balancer", at="2s"))
    assert (answer.status, answer.why) == (502, "the function's policy does not let it in")


PATH = {"Field": "path-pattern", "Values": ["/img/*", "/a?c"]}
HOST = {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.example.com"]}}
HEADER = {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "User-Agent", "Values": ["*Chrome*"]}}
METHOD = {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["POST", "PUT"]}}
QUERY = {
    "Field": "query-string",
    "QueryStringConfig": {"Values": [{"Key": "version", "Value": "v1"}, {"Value": "*x*"}]},
}
SOURCE = {"Field": "source-ip", "SourceIpConfig": {"Values": ["192.0.2.0/24", "2001:db8::/32"]}}


@pytest.mark.parametrize(
    ("condition", "request_", "meets"),
    [
        (PATH, {"path": "/img/a/b.png"}, True),
        (PATH, {"path": "/abc"}, True),
        (PATH, {"path": "/IMG/a"}, False),
        (PATH, {"path": "/images"}, False),
        (HOST, {"headers": {"Host": "Shop.Example.com:80"}}, True),
        (HOST, {"headers": {"Host": "example.com"}}, False),
        (HEADER, {"headers": {"user-agent": "Mozilla chrome/1"}}, True),
        (HEADER, {}, False),
        (METHOD, {"method": "PUT"}, True),
        (METHOD, {"method": "GET"}, False),
        (QUERY, {"query": "VERSION=V1"}, True),
        (QUERY, {"query": "a=1&b=axb"}, True),
        (QUERY, {"query": "version=v2"}, False),
        (SOURCE, {"source_ip": "192.0.2.7"}, True),
        (SOURCE, {"source_ip": "2001:db8::1"}, True),
        (SOURCE, {"source_ip": "192.0.3.7"}, False),
    ],
)
def test_a_rules_condition_looks_at_the_request(condition: Any, request_: dict[str, Any], meets: bool) -> None:
    template = project(Rule=rule(5, fixed("met"), condition))
    answer = only(template, http("Balancer", **request_))
    assert (answer.body == "met") is meets


def test_a_rule_wants_all_of_its_conditions_and_the_lowest_priority_is_first() -> None:
    rules = {
        "Late": rule(20, fixed("late"), PATH),
        "Early": rule(10, fixed("early", "403"), PATH, METHOD),
    }
    template = project(**rules)
    assert only(template, http("Balancer", "/img/a")).body == "late"
    answer = only(template, http("Balancer", "/img/a", method="POST"))
    assert (answer.status, answer.body, answer.why) == (403, "early", "a fixed response of the rule")


def test_a_redirect_leads_to_the_same_place_over_https() -> None:
    config = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    plain = listener(DefaultActions=[{"Type": "redirect", "RedirectConfig": config}])
    safe = listener(443, "HTTPS", Certificates=[{"CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/x"}])
    template = project(Listener=plain, Safe=safe)
    answer = only(template, http("Balancer", "/a", query="b=1", headers={"Host": "shop.example"}))
    assert (answer.status, header(answer, "location")) == (301, "https://shop.example/a?b=1")
    played = send(template, http("Safe"))
    url = played.of(HttpDoorDeployed)[0].url
    assert played.of(HttpAnswered)[0].status == 200
    assert only(template, http(url.replace("http:", "https:"))).status == 200
    assert delivered(template, http("Safe"))["headers"]["x-forwarded-proto"] == "https"


@pytest.mark.parametrize(
    ("config", "loops"),
    [
        ({}, True),
        ({"Query": "a=1"}, True),
        ({"Protocol": "HTTP", "Port": 80, "Host": "#{host}", "Path": "/#{path}"}, True),
        ({"Port": "8080"}, False),
        ({"Protocol": "HTTPS"}, False),
        ({"Host": "www.#{host}"}, False),
        ({"Path": "/new/#{path}"}, False),
    ],
)
def test_a_redirect_to_where_the_request_came_from_is_refused(config: dict[str, Any], loops: bool) -> None:
    action = {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_302", **config}}
    for template in (project(Listener=listener(DefaultActions=[action])), project(Moved=rule(1, action, PATH))):
        found = problems(template)
        assert any("because it creates a loop" in text for text in found) is loops, found


def test_traffic_is_shared_by_weight() -> None:
    groups = [{"TargetGroupArn": {"Ref": "Group"}, "Weight": 1}, {"TargetGroupArn": {"Ref": "Blue"}, "Weight": 3}]
    shared = listener(DefaultActions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}])
    template = project(Listener=shared, Blue=group("Blue_"), MayBlue=may("Blue_"))
    template["Resources"]["Blue_"] = make_function("blue")
    template = json.loads(json.dumps(template).replace("Blue_", "BlueFunction"))
    played = send(template, http("Balancer") | {"repeat": {"count": 400, "every": "100ms"}})
    counts = {name: row["invocations"] for name, row in played.summary["functions"].items()}
    assert 60 <= counts["work"] <= 140
    assert counts["work"] + counts["blue"] == 400


@pytest.mark.rule("F.5-07")
def test_health_checks_are_invocations_and_off_by_default() -> None:
    wait = {"at": "0s", "advance": "3m"}
    assert send(project(), wait, until="3m").of(InvocationStarted) == []
    checked = {"HealthCheckEnabled": True, "HealthCheckPath": "/health", "HealthCheckIntervalSeconds": 30}
    seen = Seen(says(200))
    played = send(project(checked), script=seen, until="3m")
    assert len(seen.events) == 5
    assert seen.events[0]["path"] == "/health"
    assert seen.events[0]["headers"] == {"user-agent": "ELB-HealthChecker/2.0"}
    assert [fact.healthy for fact in played.of(TargetHealthChanged)] == [True]
    assert played.summary["functions"]["work"]["by_source"] == {"load-balancer-health-check": 5}


def test_a_sick_target_is_told_and_gets_requests_all_the_same() -> None:
    checked = {"HealthCheckEnabled": True, "HealthCheckIntervalSeconds": 10}
    script = lambda function, event, count: FAIL if 2 <= count <= 4 else says()  # noqa: E731
    played = send(project(checked), http("Balancer", at="45s"), script=script, until="2m")
    told = [(fact.healthy, fact.reason) for fact in played.of(TargetHealthChanged)]
    assert told[0] == (True, "")
    assert told[1] == (False, "the function failed (CardDeclined: the card was declined)")
    assert told[2] == (True, "")
    assert len(played.of(HttpAnswered)) == 1


@pytest.mark.parametrize(
    ("part", "changes", "text"),
    [
        ("Balancer", {"Type": "network"}, "a load balancer of the type network has no functions as targets."),
        ("Listener", {"Protocol": "TCP"}, "Protocol is HTTP or HTTPS, not 'TCP'."),
        ("Listener", {"Protocol": "HTTPS"}, "A certificate must be specified for HTTPS listeners"),
        ("Listener", {"Port": 0}, "Choose 1 to 65535."),
        ("Listener", {"DefaultActions": []}, "must be of a Type that ends a request"),
        ("Listener", {"DefaultActions": [{"Type": "authenticate-oidc"}, forward()]}, "authenticate-oidc has no effect"),
        ("Listener", {"DefaultActions": [{"Type": "forward"}]}, "a forward action needs a TargetGroupArn."),
        ("Listener", {"DefaultActions": [{"Type": "forward", "TargetGroupArn": "x"}]}, "there is no target group x"),
        ("Rule", {"Priority": 0}, "Choose 1 to 50000."),
        ("Rule", {"Conditions": [{"Field": "path"}]}, "Condition field 'path' must be one of"),
        ("Rule", {"Conditions": [{"Field": "path-pattern"}]}, "the path-pattern condition has no values."),
        (
            "Rule",
            {"Conditions": [PATH, {**PATH, "Values": ["/1", "/2", "/3", "/4"]}]},
            "only have '5' condition values",
        ),
        ("Group", {"TargetType": "ip"}, "targets of the type ip have no effect in lambdalab yet."),
        ("Group", {"Targets": [{"Id": "x"}, {"Id": "y"}]}, "has exactly one function."),
        ("Group", {"TargetGroupAttributes": [{"Key": "slow_start", "Value": "1"}]}, "slow_start has no effect"),
        ("Group", {"HealthCheckIntervalSeconds": 1}, "Choose 5 to 300."),
        ("Group", {"Matcher": {"HttpCode": "fine"}}, 'HttpCode is written like "200"'),
    ],
)
def test_what_is_wrong_with_a_load_balancer_is_told_before_a_run(part: str, changes: dict[str, Any], text: str) -> None:
    template = project(Rule=rule(5, fixed("x"), PATH))
    template["Resources"][part]["Properties"] |= changes
    assert any(text in problem for problem in problems(template)), problems(template)


def test_a_priority_and_a_port_are_used_once() -> None:
    again = project(One=rule(5, fixed("x"), PATH), Two=rule(5, fixed("y"), PATH), Other=listener())
    found = problems(again)
    assert any("Priority '5' is currently in use" in problem for problem in found)
    assert any("A listener already exists on port 80 for this load balancer." in problem for problem in found)
