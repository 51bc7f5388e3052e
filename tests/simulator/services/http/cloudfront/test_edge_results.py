"""What functions at the edge may return, and what becomes of what they may not."""

import base64
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.services.http.cloudfront import edge_headers, edge_results
from lambdalab.simulator.trace.facts import EdgeFunctionFailed
from lambdalab.simulator.vocabulary.events.edge import EventType
from tests.simulator.playing import FAIL, make_function, seconds
from tests.simulator.services.http.clients import header, http
from tests.simulator.services.http.cloudfront.sites import (
    ALL_VIEWER_EXCEPT_HOST,
    DISABLED,
    answers,
    at,
    behavior,
    cf,
    changing,
    results,
    site,
    visit,
)

EVERYTHING = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
SENT: dict[str, Any] = {
    "clientIp": "203.0.113.7",
    "method": "GET",
    "uri": "/",
    "querystring": "",
    "headers": {"host": [{"key": "Host", "value": "d1.cloudfront.net"}], "via": [{"key": "Via", "value": "2.0 a"}]},
}
ANSWERED: dict[str, Any] = {
    "status": "200",
    "statusDescription": "OK",
    "headers": {"etag": [{"key": "ETag", "value": "a"}]},
}


def request(event: EventType, value: Any, **sent: Any) -> Any:
    """What becomes of a returned request or response, or why nothing does."""
    try:
        return edge_results.of_request(event, SENT | sent, value)
    except edge_headers.Invalid as wrong:
        return str(wrong)


def response(event: EventType, **changes: Any) -> Any:
    try:
        return edge_results.of_response(event, ANSWERED, ANSWERED | changes)
    except edge_headers.Invalid as wrong:
        return str(wrong)


def headers(**more: str) -> dict[str, Any]:
    """The sent headers and others; underscores are hyphens."""
    made = {name.replace("_", "-"): [{"value": value}] for name, value in more.items()}
    return {**SENT["headers"], **made}


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "the JSON output must be an object, not None"),
        ("hello", "the JSON output must be an object, not 'hello'"),
        ([], "the JSON output must be an object, not []"),
        ({"headers": {}}, "the function returned neither a request, which has a uri, nor"),
        (SENT | {"method": "POST"}, "the function changed method, which is read-only"),
        (SENT | {"clientIp": "203.0.113.8"}, "the function changed clientIp, which is read-only"),
        (SENT | {"uri": "index.html"}, "uri is no path that begins with a slash but 'index.html'"),
        (SENT | {"querystring": "a b"}, "querystring has a space, a control character or a #"),
        (SENT | {"querystring": "a#b"}, "querystring has a space, a control character or a #"),
        (SENT | {"headers": []}, "headers is no object but []"),
        (SENT | {"headers": {"a b": []}}, "'a b' is no name of a header"),
        (SENT | {"headers": headers() | {"x": "1"}}, "the header x is no list of objects"),
        (SENT | {"headers": headers() | {"x": [{"value": 1}]}}, "the value of the header x is no text but 1"),
        (SENT | {"headers": headers() | {"x": [{"key": "Y", "value": "1"}]}}, "the header x has the key 'Y'"),
        (SENT | {"headers": headers(x="1\r\ny: 2")}, "the value of the header x has a character"),
    ],
)  # fmt: skip
def test_a_request_that_has_not_its_form_is_refused(value: Any, why: str) -> None:
    assert request("viewer-request", value).startswith(why)


def test_a_request_comes_back_as_it_was_with_what_the_function_changed() -> None:
    found = request("viewer-request", SENT | {"uri": "/b", "querystring": "x=%20", "headers": headers(x_new="1")})
    assert (found.uri, found.query, found.body, found.origin) == ("/b", "x=%20", None, None)
    assert found.headers == (("Host", "d1.cloudfront.net"), ("Via", "2.0 a"), ("X-New", "1"))


@pytest.mark.parametrize("name", ["connection", "x-cache", "x-amz-cf-id", "x-edge-location", "x-forwarded-proto"])
@pytest.mark.parametrize("event", ["viewer-request", "origin-request"])
def test_a_disallowed_header_is_not_to_be_added(event: EventType, name: str) -> None:
    made = SENT | {"headers": headers() | {name: [{"value": "1"}]}}
    assert request(event, made) == f"the function added the header {name}, which is disallowed"
    made = {"status": "200", "headers": {name: [{"value": "1"}]}}
    assert request(event, made) == f"the function added the header {name}, which is disallowed"


@pytest.mark.parametrize(
    ("event", "name", "free"),
    [("viewer-request", "host", False), ("origin-request", "host", True), ("viewer-request", "accept-encoding", True),
     ("origin-request", "accept-encoding", False), ("viewer-request", "via", False),
     ("origin-request", "if-none-match", False)],
)  # fmt: skip
def test_a_read_only_header_is_neither_added_changed_nor_taken_away(event: EventType, name: str, free: bool) -> None:
    there = SENT["headers"] | {name: [{"key": name, "value": "1"}]}
    without = {each: value for each, value in there.items() if each != name}
    for sent, returned in ((there, without), (without, there), (there, there | {name: [{"value": "2"}]})):
        found = request(event, SENT | {"headers": returned}, headers=sent)
        why = f"the function tried to add, delete, or change a read-only header ({name})"
        assert (found if isinstance(found, str) else None) == (None if free else why)


def test_only_cloudfront_adds_the_country() -> None:
    made = SENT | {"headers": headers(cloudfront_viewer_country="DE")}
    assert "cloudfront-viewer-country" in request("viewer-request", made)
    assert not isinstance(request("origin-request", made), str)


@pytest.mark.rule("F.7-03")
@pytest.mark.parametrize(("event", "most"), [("viewer-request", 40 * 1024), ("origin-request", 1024 * 1024)])
def test_a_response_that_a_function_makes_has_a_greatest_size_with_its_headers(event: EventType, most: int) -> None:
    small = {"status": "200", "headers": {"x": [{"value": "1"}]}}
    room = most - len("X") - len("1") - 4
    assert not isinstance(request(event, small | {"body": "a" * room}), str)
    why = request(event, small | {"body": "a" * (room + 1)})
    assert (
        why == f"the response has {most + 1:,} bytes with its headers; at a {event.replace('-', ' ')} at most {most:,}"
    )


@pytest.mark.parametrize(("status", "fine"), [("200", True), (302, True), ("599", True), ("600", False), ("199", False),
                                              (True, False), ("2e2", False), (None, False), ([], False)])  # fmt: skip
def test_a_status_is_between_200_and_599(status: Any, fine: bool) -> None:
    found = request("viewer-request", {"status": status})
    assert isinstance(found, edge_results.ChangedResponse) is fine
    assert isinstance(response("origin-response", status=status), edge_results.ChangedResponse) is fine


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"body": {"a": 1}}, "the body is not a string, is not an object, or exceeds the maximum size"),
        ({"body": "a", "bodyEncoding": "gzip"}, "bodyEncoding is text or base64, not 'gzip'"),
        ({"body": "*", "bodyEncoding": "base64"}, "the body is said to be base64, and is none"),
        ({"body": "a", "status": "204"}, "a response with the status 204 has no body"),
        ({"statusDescription": 1}, "statusDescription is no text but 1"),
    ],
)
def test_a_response_that_has_not_its_form_is_refused(more: dict[str, Any], why: str) -> None:
    assert request("viewer-request", {"status": "200"} | more) == why


def test_a_body_may_be_a_text_or_base64() -> None:
    assert request("viewer-request", {"status": "200", "body": "ä"}).body == "ä".encode()
    encoded = {"status": "200", "body": base64.b64encode(b"\xff").decode(), "bodyEncoding": "base64"}
    assert request("viewer-request", encoded).body == b"\xff"


def test_a_viewer_response_keeps_its_status_and_its_body() -> None:
    assert (
        response("viewer-response", status="404")
        == "the function changed the status, which cannot change at a viewer response"
    )
    found = response("viewer-response", body="other")
    assert (found.body, found.ignored) == (
        None,
        "the function's body is not used: at a viewer response only headers can change",
    )
    assert response("origin-response", status="404", body="none").body == b"none"


@pytest.mark.parametrize(
    ("origin", "why"),
    [
        ({}, "origin has exactly one of custom and s3"),
        ({"custom": {}, "s3": {}}, "origin has exactly one of custom and s3"),
        ({"custom": {"domainName": ""}}, "domainName of the origin is no name of a host but ''"),
        ({"custom": {"domainName": "a:1"}}, "domainName of the origin is no name of a host but 'a:1'"),
        ({"s3": {"domainName": "a.s3.amazonaws.com", "path": "/a/"}}, "path of the origin begins with a slash"),
        ({"custom": {"domainName": "a.example", "port": 22, "protocol": "http"}}, "port of the origin is 80, 443"),
        ({"custom": {"domainName": "a.example", "port": 443, "protocol": "ftp"}}, "protocol of the origin is"),
        ({"custom": {"domainName": "a.example", "port": 443, "protocol": "https", "readTimeout": 121}},
         "readTimeout is a number from 1 to 120"),
        ({"s3": {"domainName": "a.s3.amazonaws.com", "authMethod": "oac"}}, "authMethod is none or"),
    ],
)  # fmt: skip
def test_an_origin_that_has_not_its_form_is_refused(origin: Any, why: str) -> None:
    assert str(request("origin-request", SENT | {"origin": origin})).startswith(why)
    assert not isinstance(request("viewer-request", SENT | {"origin": origin}), str)  # there it means nothing


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["status", "uri", "headers", "body", "bodyEncoding", "querystring", "origin", "custom", "s3", "key", "value",
         "host", "data", "action", "encoding", "domainName", "port"]) | st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(json_values, st.sampled_from(["viewer-request", "origin-request", "origin-response", "viewer-response"]))
def test_whatever_a_function_returns_is_taken_or_refused_and_breaks_nothing(value: Any, event: EventType) -> None:
    with suppress(edge_headers.Invalid):
        if event.endswith("request"):
            edge_results.of_request(event, SENT | {"body": {}}, value)
        else:
            edge_results.of_response(event, ANSWERED, value)


@pytest.mark.parametrize(
    ("act", "status", "result"),
    [
        (Act(result="hello"), 502, "LambdaValidationError"),
        (FAIL, 503, "LambdaExecutionError"),
        (Act(takes=seconds(9)), 503, "LambdaLimitExceeded"),
    ],
)
@pytest.mark.parametrize("event", ["viewer-request", "origin-request", "origin-response", "viewer-response"])
def test_a_function_that_fails_at_an_event_is_a_5xx_with_its_cause(
    event: str, act: Act, status: int, result: str
) -> None:
    played = visit(site(events=(at(event),)), http("Site"), http("Site", at="20s"), script=act)
    assert results(played) == [result, result]
    first, _ = answers(played)
    assert (first.status, "The request could not be satisfied." in first.body) == (status, True)
    assert str(first.why).startswith(f"the function us-east-1.work at the {event}: ")
    assert [(each.event_type, each.result) for each in played.of(EdgeFunctionFailed)] == [(event, result)] * 2
    assert played.summary["distributions"]["Site"]["function_failures"] == {event: 2}


def test_a_function_sees_a_body_only_where_it_is_included_and_a_long_one_cut() -> None:
    seen: list[dict[str, Any]] = []
    usual = behavior(policy=DISABLED, AllowedMethods=EVERYTHING, OriginRequestPolicyId=ALL_VIEWER_EXCEPT_HOST)
    for include, size in ((False, 3), (True, 3), (True, 40 * 1024 + 1)):
        body = "a" * size
        template = site(usual, events=(at("viewer-request", IncludeBody=include),))
        visit(template, http("Site", method="POST", body=body), script=changing(seen.append))
    bodies = [told["request"].get("body") for told in seen]
    assert bodies[0] is None
    assert bodies[1] == {"inputTruncated": False, "action": "read-only", "encoding": "base64", "data": "YWFh"}
    assert bodies[2]["inputTruncated"] is True
    assert len(base64.b64decode(bodies[2]["data"])) == 40 * 1024


def test_a_body_that_is_replaced_goes_to_the_origin() -> None:
    def replace(told: dict[str, Any]) -> None:
        told["request"]["body"] = {"action": "replace", "encoding": "text", "data": "new"}

    seen: list[Any] = []

    def script(function: Any, event: Any, count: int) -> Act:
        if "Records" in event:
            return changing(replace)(function, event, count)
        seen.append((event["body"], event["headers"]["content-length"]))
        return Act(result={"statusCode": 200, "body": "ok"})

    origin = {
        "Id": "front",
        "DomainName": {"Fn::Select": [2, {"Fn::Split": ["/", {"Fn::GetAtt": "Url.FunctionUrl"}]}]},
        "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"},
    }
    url = {"Type": "AWS::Lambda::Url", "Properties": {"TargetFunctionArn": {"Ref": "Shop"}, "AuthType": "NONE"}}
    may = {
        "Type": "AWS::Lambda::Permission",
        "Properties": {"FunctionName": {"Ref": "Shop"}, "Principal": "*", "Action": "lambda:InvokeFunctionUrl",
                       "FunctionUrlAuthType": "NONE"},
    }  # fmt: skip
    also = {
        "Type": "AWS::Lambda::Permission",
        "Properties": {"FunctionName": {"Ref": "Shop"}, "Principal": "*", "Action": "lambda:InvokeFunction",
                       "InvokedViaFunctionUrl": True},
    }  # fmt: skip
    usual = behavior(policy=DISABLED, AllowedMethods=EVERYTHING, OriginRequestPolicyId=ALL_VIEWER_EXCEPT_HOST)
    template = site(
        usual, make_function(Timeout=5), make_function("shop"), events=(at("origin-request", IncludeBody=True),),
        origins=(origin,), Url=url, May=may, Also=also,
    )  # fmt: skip
    played = visit(template, http("Site", method="POST", body="something long"), script=script)
    assert seen == [("new", "3")]
    (answer,) = answers(played)
    assert (answer.status, answer.body, header(answer, "x-cache")) == (200, "ok", "Miss from cloudfront")


def test_a_body_that_was_not_shown_cannot_be_replaced() -> None:
    made = SENT | {"body": {"action": "replace", "data": "", "encoding": "text"}}
    assert request("viewer-request", made) == "the function replaces a body that it was not shown: IncludeBody is off"
    most = 40 * 1024
    sent = {"body": {"data": ""}}
    long = SENT | {"body": {"action": "replace", "data": "a" * (most + 1), "encoding": "text"}}
    assert (
        request("viewer-request", long, **sent)
        == f"the body has {most + 1:,} bytes; at a viewer request at most {most:,}"
    )
    assert request("origin-request", long, **sent).body == b"a" * (most + 1)


def test_an_event_of_the_origin_is_the_one_of_cloudfronts_guide() -> None:
    """Amazon CloudFront Developer Guide, "Lambda@Edge event structure", read 2026-11-29."""
    seen: dict[str, dict[str, Any]] = {}

    def script(function: Any, event: Any, count: int) -> Act:
        told = cf(event)
        seen[told["config"]["eventType"]] = told
        return Act(result=told.get("response", told["request"]))

    template = site(events=tuple(map(at, ("viewer-request", "origin-request", "origin-response", "viewer-response"))))
    request_ = http("Site", "/", headers={"User-Agent": "curl", "Accept": "*/*"}, source_ip="203.0.113.178")
    visit(template, request_, script=script, web={"/": {"body": "home", "headers": {"Server": "Example"}}})
    assert set(seen) == {"viewer-request", "origin-request", "origin-response", "viewer-response"}
    asked = seen["origin-request"]["request"]
    assert asked["origin"] == {
        "custom": {
            "customHeaders": {}, "domainName": "shop.example.com", "keepaliveTimeout": 5, "path": "", "port": 443,
            "protocol": "https", "readTimeout": 30, "sslProtocols": ["TLSv1", "TLSv1.1", "TLSv1.2"],
        }
    }  # fmt: skip
    assert set(asked["headers"]) == {"host", "user-agent", "via", "x-forwarded-for"}
    assert asked["headers"]["host"] == [{"key": "Host", "value": "shop.example.com"}]
    assert asked["headers"]["user-agent"] == [{"key": "User-Agent", "value": "Amazon CloudFront"}]
    assert asked["headers"]["x-forwarded-for"] == [{"key": "X-Forwarded-For", "value": "203.0.113.178"}]
    assert asked["headers"]["via"][0]["value"].endswith(".cloudfront.net (CloudFront)")
    assert seen["origin-response"]["request"] == asked
    came = seen["origin-response"]["response"]
    assert (came["status"], came["statusDescription"], "body" in came) == ("200", "OK", False)
    assert set(came["headers"]) == {"content-type", "server", "date", "content-length"}
    assert "origin" not in seen["viewer-response"]["request"]
    assert seen["viewer-response"]["response"] == came
    assert len({each["config"]["requestId"] for each in seen.values()}) == 1
