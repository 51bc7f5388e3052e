"""Invoke at the front door: what a caller sends, and what comes back. Fact A.1."""

import base64
import json
from typing import Any

import pytest

from lambdalab.simulator.account import Principal
from lambdalab.simulator.account.models import error_status
from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.lambda_.handlers import EnvironmentHandle, HandlerEvent, Turn
from lambdalab.simulator.lambda_.scripted import Act, ScriptedHandlers
from lambdalab.simulator.trace.facts import ApiCalled, AsyncEventReceived, InvocationStarted, StepPlayed
from tests.simulator.desk import Desk, refused
from tests.simulator.playing import FAIL, call, invoke, make_function, make_template, play, seconds, steps


class Overhearing(ScriptedHandlers):
    """Scripted handlers that keep what reached the code."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[HandlerEvent] = []

    def environment(self, function: Function, number: int, log_stream: str) -> EnvironmentHandle:
        handle = super().environment(function, number, log_stream)
        serve = handle.invoke

        def invoke(event: HandlerEvent, now: Micros) -> Turn:
            self.heard.append(event)
            return serve(event, now)

        handle.invoke = invoke  # type: ignore[method-assign]
        return handle


@pytest.mark.parametrize(
    ("params", "words"),
    [
        (
            {"InvocationType": "Async"},
            "at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestRes",
        ),
        ({"InvocationType": "InvokeAsync"}, "Value 'InvokeAsync' at 'invocationType'"),
        ({"LogType": "tail"}, "Value 'tail' at 'logType' failed to satisfy constraint: Member must satisfy enum value"),
    ],
)
def test_a_type_that_there_is_not_is_refused(params: dict[str, str], words: str) -> None:
    status, code, message = refused(Desk().call("Invoke", **params))
    assert (status, code) == (400, "ValidationException")
    assert words in message


@pytest.mark.rule("A.1-01")
def test_who_names_no_type_waits_for_the_answer() -> None:
    assert Desk(Act(result=5)).invoke()["Payload"] == b"5"


@pytest.mark.rule("A.1-09")
def test_a_function_that_returns_nothing_answers_null() -> None:
    assert Desk(Act(result=None)).invoke()["Payload"] == b"null"


@pytest.mark.rule("A.1-03", "A.1-04")
@pytest.mark.parametrize(
    "act", [FAIL, Act(takes=seconds(60)), Act(status="exit"), Act(status="out_of_memory"), Act(status="init_error")]
)
def test_every_way_to_fail_is_unhandled_and_a_200(act: Act) -> None:
    answer = Desk(act).invoke()
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert json.loads(answer["Payload"])["errorType"]


@pytest.mark.rule("A.1-03")
def test_a_success_has_no_function_error() -> None:
    assert "FunctionError" not in Desk(Act()).invoke()


@pytest.mark.rule("A.1-10", "K.5-05")
def test_the_answer_names_the_version_that_ran() -> None:
    desk = Desk()
    desk.call("PublishVersion")
    desk.call("CreateAlias", Name="live", FunctionVersion="1")
    versions = [desk.invoke(**how)["ExecutedVersion"] for how in ({}, {"Qualifier": "1"}, {"Qualifier": "live"})]
    assert versions == ["$LATEST", "1", "1"]
    assert "ExecutedVersion" not in desk.invoke(InvocationType="Event")


@pytest.mark.rule("A.1-21")
def test_caller_and_code_see_the_same_request_id() -> None:
    desk = Desk()
    answer = desk.invoke()
    assert [fact.request_id for fact in desk.of(InvocationStarted)] == [answer["ResponseMetadata"]["RequestId"]]
    event = desk.invoke(InvocationType="Event")
    assert [fact.request_id for fact in desk.of(AsyncEventReceived)] == [event["ResponseMetadata"]["RequestId"]]


@pytest.mark.rule("A.1-06")
def test_the_end_of_the_log_is_at_most_4096_bytes_of_this_invocation() -> None:
    desk = Desk(Act(logs=("x" * 3_000, "y" * 3_000)))
    desk.invoke()
    answer = desk.invoke(LogType="Tail")
    tail = base64.b64decode(answer["LogResult"]).decode()
    assert len(tail) == 4_096
    assert tail.startswith("x")
    assert f"REPORT RequestId: {answer['ResponseMetadata']['RequestId']}" in tail
    assert "LogResult" not in desk.invoke()
    short = base64.b64decode(Desk().invoke(LogType="Tail")["LogResult"]).decode()
    assert short.startswith("INIT_START")
    assert "LogResult" not in desk.invoke(LogType="Tail", InvocationType="Event")


SENT = base64.b64encode(b'{"custom": {"colour": "green"}}').decode()


@pytest.mark.rule("A.1-07", "B.6-05")
def test_the_client_context_reaches_the_code_of_a_synchronous_invocation() -> None:
    handlers = Overhearing()
    desk = Desk(handlers=handlers)
    desk.invoke(ClientContext=SENT)
    desk.invoke()
    desk.invoke(ClientContext=SENT, InvocationType="Event")
    assert [event.client_context for event in handlers.heard] == ['{"custom": {"colour": "green"}}', None, None]


@pytest.mark.parametrize("sent", ["{}", base64.b64encode(b"[1]").decode(), base64.b64encode(b"\xff").decode()])
def test_a_client_context_that_is_none_is_refused(sent: str) -> None:
    text = "Client context must be a valid Base64-encoded JSON object."
    assert refused(Desk().call("Invoke", ClientContext=sent)) == (400, "InvalidRequestContentException", text)


@pytest.mark.rule("A.1-07")
def test_a_client_context_has_at_most_3583_bytes() -> None:
    def sized(size: int) -> str:
        return base64.b64encode(json.dumps({"a": "x" * (size * 3 // 4 - 9)}).encode()).decode()

    assert len(sized(3_580)) == 3_580
    assert Desk().invoke(ClientContext=sized(3_580))["StatusCode"] == 200
    assert refused(Desk().call("Invoke", ClientContext=sized(3_584)))[:2] == (413, "RequestTooLargeException")


@pytest.mark.rule("B.6-02")
@pytest.mark.parametrize(("name", "end"), [("work", ":work"), ("work:live", ":work:live"), ("work:1", ":work:1")])
def test_the_code_is_told_by_which_arn_it_was_called(name: str, end: str) -> None:
    handlers = Overhearing()
    desk = Desk(handlers=handlers)
    desk.call("PublishVersion")
    desk.call("CreateAlias", Name="live", FunctionVersion="1")
    desk.invoke(FunctionName=name)
    assert [event.function_arn for event in handlers.heard] == [f"arn:aws:lambda:us-east-1:123456789012:function{end}"]


@pytest.mark.rule("A.1-12")
def test_invoke_async_takes_256_kilobytes_and_hands_the_event_to_the_queue() -> None:
    desk = Desk()
    at_most = b'"' + b"x" * (256 * 1024 - 2) + b'"'
    assert desk.call("InvokeAsync", InvokeArgs=at_most).output == {"Status": 202}
    assert refused(desk.call("InvokeAsync", InvokeArgs=at_most + b" "))[:2] == (413, "RequestTooLargeException")
    assert len(desk.of(AsyncEventReceived)) == len(desk.of(InvocationStarted)) == 1


CODES = {
    400: ["InvalidParameterValue", "InvalidRequestContent", "RecursiveInvocation", "SnapStart", "ModeNotSupported",
          "NoPublishedVersion"],
    402: ["ServiceQuotaExceeded"],
    403: ["EFSMountFailure", "S3FilesMountFailure"],
    404: ["ResourceNotFound"],
    408: ["SnapStartTimeout", "EFSMountTimeout", "EFSMountConnectivity", "S3FilesMountTimeout",
          "S3FilesMountConnectivity"],
    409: ["ResourceConflict", "SnapStartNotReady", "SnapStartRegenerationFailure", "RuntimeAliasDeleted",
          "RuntimeVersionDeleted", "DurableExecutionAlreadyStarted"],
    410: ["EFSIO"],
    413: ["RequestTooLarge", "SerializedRequestEntityTooLarge"],
    415: ["UnsupportedMediaType"],
    429: ["TooManyRequests"],
    500: ["Service"],
    502: ["InvalidZipFile", "InvalidRuntime", "KMSAccessDenied", "KMSDisabled", "KMSInvalidState", "KMSNotFound",
          "EC2AccessDenied", "EC2Throttled", "EC2Unexpected", "ENILimitReached", "ENINotReady",
          "SubnetIPAddressLimitReached", "InvalidSubnetID", "InvalidSecurityGroupID", "ResourceNotReady"],
}  # fmt: skip


@pytest.mark.rule("A.1-20")
@pytest.mark.parametrize(("status", "code"), [(status, code) for status, codes in CODES.items() for code in codes])
def test_each_exception_of_invoke_has_its_status(status: int, code: str) -> None:
    assert error_status("lambda", f"{code}Exception") == status


@pytest.mark.rule("A.1-20")
def test_a_scenario_can_meet_each_of_them() -> None:
    fault = {"fail": "lambda.invoke", "with": "EFSIOException"}
    (step,) = play(make_template(), steps(invoke(kind="RequestResponse"), faults=[fault])).of(StepPlayed)
    assert step.outcome == "410 EFSIOException"


@pytest.mark.rule("C.2-01")
def test_rights_and_payload_are_looked_at_before_any_limit() -> None:
    desk = Desk()
    desk.lambda_.reserve(desk.lambda_.functions["work"], 0)
    nobody = Principal("arn:aws:iam::123456789012:user/nobody", ())
    assert refused(desk.call("Invoke", caller=nobody))[1] == "AccessDeniedException"
    assert refused(desk.call("Invoke", Payload=b"{no"))[1] == "InvalidRequestContentException"
    assert refused(desk.call("Invoke"))[1] == "TooManyRequestsException"


@pytest.mark.rule("A.2-01")
def test_a_throttle_has_a_type_and_a_reason() -> None:
    desk = Desk()
    desk.lambda_.reserve(desk.lambda_.functions["work"], 0)
    answer = desk.call("Invoke")
    assert refused(answer) == (429, "TooManyRequestsException", "Rate Exceeded.")
    assert answer.extra == {"Type": "User", "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded"}


@pytest.mark.rule("J.4-07")
@pytest.mark.parametrize(
    ("method", "rate"), [("get_function", 100), ("get_policy", 15), ("get_function_concurrency", 15)]
)
def test_the_control_plane_takes_so_many_calls_a_second(method: str, rate: int) -> None:
    step = call("0s", f"lambda.{method}", FunctionName="work") | {"repeat": {"count": 300, "every": "10ms"}}
    called = play(make_template(), steps(step)).of(ApiCalled)
    refused = sum(fact.error == "TooManyRequestsException" for fact in called)
    assert 300 - refused == pytest.approx(min(300, rate * 4), abs=2)  # a second's worth at once, then 3 s of it


@pytest.mark.rule("J.4-07")
def test_the_rest_of_the_control_plane_shares_its_rate_and_invocations_have_none_of_it() -> None:
    each = {"repeat": {"count": 12}}
    asked = [call("0s", f"lambda.{name}", FunctionName="work") | each for name in ("list_aliases", "publish_version")]
    played = play(make_template(), steps(*asked, invoke(kind="RequestResponse", repeat={"count": 50})))
    called = played.of(ApiCalled)
    assert sum(fact.error == "TooManyRequestsException" for fact in called) == 24 - 15
    assert {fact.status for fact in called if fact.operation == "Invoke"} == {200}


@pytest.mark.rule("G.2-04")
def test_calls_of_the_code_are_made_as_its_role_whoever_invokes_it() -> None:
    act = Act(calls=(("sqs", "GetQueueUrl", {"QueueName": "q"}),))
    caller = {"as": "arn:aws:iam::999999999999:user/partner", "kind": "RequestResponse"}
    allowed = {"FunctionName": "work", "Action": "lambda:InvokeFunction", "Principal": "999999999999"}
    permission: dict[str, Any] = {"Type": "AWS::Lambda::Permission", "Properties": allowed}
    called = play(make_template(make_function(), P=permission), steps(invoke(**caller)), act).of(ApiCalled)
    principals = {fact.service: fact.principal for fact in called}
    assert principals["lambda"] == "arn:aws:iam::999999999999:user/partner"
    assert principals["sqs"].startswith("arn:aws:sts::123456789012:assumed-role/")
    assert principals["sqs"].endswith("/work")


@pytest.mark.rule("A.1-16")
@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("kind", ["RequestResponse", "Event"])
def test_what_pythons_json_writes_and_json_does_not_know_is_refused(token: str, kind: str) -> None:
    answer = Desk().call("Invoke", InvocationType=kind, Payload=f'{{"price": {token}}}'.encode())
    status, code, text = refused(answer)
    assert (status, code) == (400, "InvalidRequestContentException")
    assert text.endswith(f"Could not parse payload into json: Non-standard token '{token}'")
