"""Function URLs."""

import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import AccessDenied, ApiCalled, HttpDoorDeployed, InvocationStarted, StepPlayed
from tests.simulator.playing import FAIL, call, make_function, make_template, seconds
from tests.simulator.services.http.clients import Seen, answers, delivered, header, http, only, says, send
from tests.simulator.vocabulary.events.test_parsing import parse

PUBLIC: dict[str, dict[str, Any]] = {
    "Asked": {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"},
    "Run": {"Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True},
}


def permission(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": "work", "Principal": "*", **properties}}


def project(
    auth: str = "NONE", permissions: dict[str, Any] | None = None, more: dict[str, Any] | None = None, **url: Any
) -> dict[str, Any]:
    """A function ``work`` with a URL ``Url``, and by default what lets everybody in."""
    given = PUBLIC if permissions is None else permissions
    made = {name: permission(**properties) for name, properties in given.items()}
    usual = {"TargetFunctionArn": {"Ref": "Work"}, "AuthType": auth}
    resource = {"Type": "AWS::Lambda::Url", "Properties": usual | url}
    return make_template(make_function(), Url=resource, **made, **(more or {}))


def user(*actions: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    return {"Type": "AWS::IAM::User", "Properties": {"Policies": [policy] if actions else []}}


def test_the_function_gets_the_request_in_format_2_0_and_its_answer_goes_back() -> None:
    seen = Seen(says(201, '{"id": 7}', headers={"Content-Type": "application/json", "X-Shop": "1"}))
    answer = only(project(), http("Url", "/orders", method="POST", query="a=1&a=2", body={"n": 1}), script=seen)
    (event,) = seen.events
    assert (answer.status, answer.body, answer.why) == (201, '{"id": 7}', None)
    assert header(answer, "x-shop") == "1"
    assert event["requestContext"]["http"]["method"] == "POST"
    assert (event["rawPath"], event["rawQueryString"]) == ("/orders", "a=1&a=2")
    assert event["queryStringParameters"] == {"a": "1,2"}
    assert json.loads(event["body"]) == {"n": 1}
    assert event["isBase64Encoded"] is False


@pytest.mark.rule("F.6-01")
@pytest.mark.parametrize("auth", ["NONE", "AWS_IAM"])
def test_what_a_function_url_delivers_parses(auth: str) -> None:
    more = {"Ada": user("lambda:*")}
    request = http("Url", "/a%20b", query={"q": "ä b"}, headers={"Cookie": "a=1; b=2"}, signer="Ada")
    event = delivered(project(auth, more=more), request)
    parsed = parse("LambdaFunctionUrlModel", event)
    assert parsed.cookies == ["a=1", "b=2"]
    assert parsed.queryStringParameters == {"q": "ä b"}
    assert parsed.rawPath == "/a%20b"
    assert event["requestContext"]["accountId"] == ("anonymous" if auth == "NONE" else "123456789012")
    assert ("authorizer" in event["requestContext"]) == (auth == "AWS_IAM")
    assert event["headers"]["cookie"] == "a=1; b=2"


def test_bodies_that_are_no_text_come_in_base64() -> None:
    forms = http("Url", method="POST", body="a=1", headers={"Content-Type": "application/x-www-form-urlencoded"})
    event = delivered(project(), forms)
    assert (event["body"], event["isBase64Encoded"]) == ("YT0x", True)
    assert "body" not in delivered(project(), http("Url"))


@pytest.mark.rule("F.6-02")
@pytest.mark.parametrize(
    ("result", "body"),
    [("hello", "hello"), ({"a": [1]}, '{"a":[1]}'), (None, "null"), (7, "7")],
)
def test_an_answer_without_status_code_is_the_body_of_a_200(result: Any, body: str) -> None:
    answer = only(project(), http("Url"), script=Act(result=result))
    assert (answer.status, answer.body, header(answer, "content-type")) == (200, body, "application/json")


def test_cookies_and_base64_of_the_answer_are_sent_as_such() -> None:
    act = says(200, "aGk=", isBase64Encoded=True, cookies=["a=1", "b=2; Secure"])
    answer = only(project(), http("Url"), script=act)
    assert answer.body == "hi"
    assert [value for name, value in answer.headers if name == "set-cookie"] == ["a=1", "b=2; Secure"]


@pytest.mark.rule("F.6-05", "F.6-06")
@pytest.mark.parametrize(
    ("act", "why"),
    [
        (FAIL, "the function failed (CardDeclined: the card was declined)"),
        (says("fine"), 'statusCode in the function\'s answer is no whole number from 100 to 599 but "fine"'),
        (says(200, {"a": 1}), 'body in the function\'s answer is no text but {"a": 1}; wrap it in json.dumps'),
        (says(headers=["a"]), 'headers in the function\'s answer is no object but ["a"]'),
        (says(headers={"a": "b\r\nc"}), "the header 'a' in the function's answer has a name or value that is no text"),
        (says(cookies="a"), 'cookies in the function\'s answer is no list of texts but "a"'),
        (says(body="?", isBase64Encoded=True), "isBase64Encoded is true in the function's answer, and its body is no"),
    ],
)
def test_an_error_or_a_bad_answer_is_a_502_that_says_why(act: Act, why: str) -> None:
    answer = only(project(), http("Url"), script=act)
    assert (answer.status, answer.body) == (502, "Internal Server Error")
    assert answer.why is not None
    assert answer.why.startswith(why)


@pytest.mark.rule("A.4-06")
def test_nobody_tries_a_failed_request_again() -> None:
    played = send(project(), http("Url"), script=FAIL)
    assert len(played.of(InvocationStarted)) == 1


@pytest.mark.rule("F.6-07")
def test_a_throttle_is_a_429_with_lambdas_reason() -> None:
    template = project()
    template["Resources"]["Work"]["Properties"]["ReservedConcurrentExecutions"] = 0
    answer = only(template, http("Url"))
    assert answer.status == 429
    assert json.loads(answer.body) == {
        "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
        "Type": "User",
        "message": "Rate Exceeded.",
    }


@pytest.mark.rule("F.6-04")
def test_more_than_6_mb_is_a_413() -> None:
    files = {"events/large.bin": b"x" * (6 * 1024 * 1024 + 1)}
    answer = only(project(), http("Url", method="POST", body={"file": "events/large.bin"}), files=files)
    assert (answer.status, answer.request_id) == (413, None)


@pytest.mark.rule("G.4-05", "F.6-08")
@pytest.mark.parametrize("missing", ["Asked", "Run"])
def test_a_public_url_needs_both_permissions_for_everybody(missing: str) -> None:
    kept = {name: properties for name, properties in PUBLIC.items() if name != missing}
    played = send(project(permissions=kept), http("Url"))
    (row,) = played.summary["http"]
    assert (row["status"], row["body"]) == (403, '{"Message":"Forbidden"}')
    (denied,) = played.of(AccessDenied)
    assert denied.action == PUBLIC[missing]["Action"]
    assert '"*"' in denied.why
    assert played.of(InvocationStarted) == []


def test_a_permission_for_another_auth_type_does_not_count() -> None:
    wrong = {**PUBLIC, "Asked": {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "AWS_IAM"}}
    assert only(project(permissions=wrong), http("Url")).status == 403


@pytest.mark.parametrize(
    ("actions", "status"),
    [
        (("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"), 200),
        (("lambda:InvokeFunctionUrl",), 403),
        (("lambda:InvokeFunction",), 403),
        ((), 403),
    ],
)
def test_with_aws_iam_whoever_signs_needs_both_rights(actions: tuple[str, ...], status: int) -> None:
    template = project("AWS_IAM", {}, {"Ada": user(*actions)})
    assert only(template, http("Url", signer="Ada")).status == status


def test_with_aws_iam_nobody_comes_in_unsigned() -> None:
    answer = only(project("AWS_IAM"), http("Url"))
    assert (answer.status, answer.why) == (403, "AuthType is AWS_IAM, and nobody has signed the request")


CORS = {"AllowOrigins": ["https://*.example.com"], "AllowMethods": ["GET"], "AllowHeaders": ["x-a"], "MaxAge": 60}


def test_a_preflight_is_answered_without_the_function() -> None:
    asked = {"Origin": "https://shop.example.com", "Access-Control-Request-Method": "GET"}
    played = send(project(Cors=CORS), http("Url", method="OPTIONS", headers=asked))
    (row,) = played.summary["http"]
    assert row["headers"]["access-control-allow-origin"] == "https://shop.example.com"
    assert row["headers"]["access-control-allow-methods"] == "GET"
    assert row["headers"]["access-control-max-age"] == "60"
    assert played.of(InvocationStarted) == []


@pytest.mark.parametrize(
    ("origin", "allowed"), [("https://a.example.com", True), ("https://example.org", False), ("", False)]
)
def test_an_allowed_origin_may_read_the_answer(origin: str, allowed: bool) -> None:
    act = says(headers={"Access-Control-Allow-Origin": "https://wrong.example"})
    headers = {"Origin": origin} if origin else {}
    answer = only(project(Cors=CORS), http("Url", headers=headers), script=act)
    assert (header(answer, "access-control-allow-origin") == origin) == allowed


@pytest.mark.rule("F.6-10")
def test_the_url_of_an_alias_leads_to_its_version() -> None:
    version = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Work"}}}
    alias = {"FunctionName": {"Ref": "Work"}, "Name": "live", "FunctionVersion": {"Fn::GetAtt": "One.Version"}}
    named = {"FunctionName": {"Ref": "Live"}}
    more = {"One": version, "Live": {"Type": "AWS::Lambda::Alias", "Properties": alias}}
    permissions = {name: {**properties, **named} for name, properties in PUBLIC.items()}
    played = send(project(permissions=permissions, more=more, Qualifier="live"), http("Url"))
    assert [fact.version for fact in played.of(InvocationStarted)] == ["1"]


def test_requests_are_answered_in_the_time_that_the_function_takes_and_a_little_more() -> None:
    script = lambda function, event, count: Act(takes=seconds(count - 1))  # noqa: E731
    fast, slow = answers(project(), http("Url"), http("Url", at="10s"), script=script)
    assert 20_000 < fast.latency_us < 60_000
    assert 1_020_000 < slow.latency_us < 1_060_000


def test_a_url_may_be_named_by_its_host_too() -> None:
    template = project()
    url = send(template, http("Url")).of(HttpDoorDeployed)[0].url
    assert only(template, http(url)).status == 200


# The API


def calls(*entries: Any, template: Any = None) -> list[Any]:
    """Outcomes of calls that act on function URLs, one after the other."""
    made = [call(f"{n}s", f"lambda.{name}", FunctionName="work", **params) for n, (name, params) in enumerate(entries)]
    return [fact.outcome for fact in send(template or project(), *made).of(StepPlayed)]


@pytest.mark.rule("X.3-20")
def test_a_function_has_one_url_and_an_alias_one_of_its_own() -> None:
    played = send(project(), call("0s", "lambda.create_function_url_config", FunctionName="work", AuthType="NONE"))
    (answer,) = [fact for fact in played.of(ApiCalled) if fact.operation == "CreateFunctionUrlConfig"]
    assert (answer.status, answer.error) == (409, "ResourceConflictException")
    assert answer.message == (
        "Failed to create function url config for [functionArn = arn:aws:lambda:us-east-1:123456789012:function:work]. "
        "Error message:  FunctionUrlConfig exists for this Lambda function"
    )


def test_urls_are_made_listed_changed_and_deleted_by_calls() -> None:
    made = calls(
        ("get_function_url_config", {}),
        ("create_function_url_config", {"AuthType": "AWS_IAM"}),
        ("get_function_url_config", {}),
        ("update_function_url_config", {"AuthType": "NONE", "Cors": CORS}),
        ("list_function_url_configs", {}),
        ("delete_function_url_config", {}),
        ("delete_function_url_config", {}),
        ("create_function_url_config", {"AuthType": "NONE", "Qualifier": "gone"}),
        ("create_function_url_config", {"AuthType": "NONE", "InvokeMode": "RESPONSE_STREAM"}),
        template=make_template(make_function()),
    )
    gone = "404 ResourceNotFoundException"
    assert made == [gone, "201", "200", "200", "200", "204", gone, gone, "501 NotSimulated"]


def test_a_url_that_is_deleted_answers_nobody_and_one_that_is_changed_otherwise() -> None:
    update = call("1s", "lambda.update_function_url_config", FunctionName="work", AuthType="AWS_IAM")
    delete = call("3s", "lambda.delete_function_url_config", FunctionName="work")
    played = send(project(), http("Url"), update, http("Url", at="2s"), delete, http("Url", at="4s"))
    assert [row["status"] for row in played.summary["http"]] == [200, 403]
    assert played.of(StepPlayed)[-1].outcome == "no such host"
