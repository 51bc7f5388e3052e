"""Custom resources: a function answers CloudFormation, in its time and as it likes. Facts F.8 and K.2."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from lambdalab.simulator.account import World
from lambdalab.simulator.account.internet import Internet, Page
from lambdalab.simulator.kernel import Kernel
from lambdalab.simulator.lambda_.handlers import WebRequest
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import (
    ApiCalled,
    AsyncEventReceived,
    CustomResourceAnswered,
    CustomResourceRequested,
    InvocationEnded,
    StackCreateEnded,
    StackUpdateEnded,
    StepPlayed,
    WebRequested,
)
from tests.simulator.playing import (
    CODE,
    FAIL,
    Played,
    as_files,
    call,
    invoke,
    make_function,
    make_queue,
    make_template,
    play,
    steps,
)

Answer = Callable[[dict[str, Any]], Any]


def a_thing(kind: str = "Custom::Thing", **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": {"ServiceToken": {"Fn::GetAtt": "Work.Arn"}, **properties}}


def a_stack(*things: dict[str, Any], **named: dict[str, Any]) -> dict[str, Any]:
    names = ("Thing", "Other", "Third")
    return make_template(make_function(), **dict(zip(names, things, strict=False)), **named)


def answering(answer: Answer) -> Callable[[Any, Any, int], Act]:
    """A script whose function puts what ``answer`` makes of each request; nothing when that is None."""

    def script(function: Any, event: Any, count: int) -> Act:
        body = answer(event) if "ResponseURL" in event else None
        if body is None:
            return Act()
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Act(requests=(WebRequest(1, "PUT", event["ResponseURL"], content),))

    return script


def success(event: dict[str, Any], **more: Any) -> dict[str, Any]:
    """As most functions answer: the physical id is kept."""
    physical = event.get("PhysicalResourceId", f"the-{event['LogicalResourceId']}")
    same = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    return {"Status": "SUCCESS", "PhysicalResourceId": physical, **same, **more}


def failing(*kinds: str, **more: Any) -> Answer:
    def answer(event: dict[str, Any]) -> dict[str, Any]:
        bad = event["RequestType"] in kinds
        return success(event, **({"Status": "FAILED", "Reason": "no luck", **more} if bad else {}))

    return answer


def run(template: Any, *entries: dict[str, Any], answer: Answer = success, new: Any = None, **how: Any) -> Played:
    files = {"new.json": json.dumps(new).encode()} if new else {}
    deploy = [{"at": "10s", "deploy": {"template": "new.json"}}] if new else []
    return play(template, steps(*deploy, *entries), how.pop("script", None) or answering(answer), files=files, **how)


def asked(played: Played) -> list[str]:
    return [f"{fact.request_type} {fact.resource}" for fact in played.of(CustomResourceRequested)]


def requests(played: Played) -> list[dict[str, Any]]:
    return [json.loads(fact.payload) for fact in played.of(AsyncEventReceived) if "ResponseURL" in fact.payload]


def created(played: Played) -> tuple[str, str | None]:
    (fact,) = played.of(StackCreateEnded)
    return fact.status, fact.reason


def updated(played: Played) -> tuple[str, str | None]:
    (fact,) = played.of(StackUpdateEnded)
    return fact.status, fact.reason


@pytest.mark.rule("K.2-07")
def test_the_function_gets_a_request_in_the_documented_shape() -> None:
    (request,) = requests(run(a_stack(a_thing(Size=3, Live=True, Deep={"List": [1]}))))
    url = request.pop("ResponseURL")
    assert url.startswith("https://cloudformation-custom-resource-response-useast1.s3.amazonaws.com/arn%3Aaws%3A")
    assert len(request.pop("RequestId")) == 36
    token = "arn:aws:lambda:us-east-1:123456789012:function:work"
    assert request == {
        "RequestType": "Create",
        "ServiceToken": token,
        "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/lab/1",
        "LogicalResourceId": "Thing",
        "ResourceType": "Custom::Thing",
        "ResourceProperties": {"ServiceToken": token, "Size": "3", "Live": "true", "Deep": {"List": ["1"]}},
    }


def test_the_stack_is_complete_when_the_answer_is_there() -> None:
    played = run(a_stack(a_thing("AWS::CloudFormation::CustomResource")))
    assert created(played) == ("CREATE_COMPLETE", None)
    assert [fact.physical_id for fact in played.of(CustomResourceAnswered)] == ["the-Thing"]
    assert played.times(StackCreateEnded)[0] < 2
    assert [(fact.method, fact.status) for fact in played.of(WebRequested)] == [("PUT", 200)]


def test_a_stack_without_custom_resources_says_nothing_of_its_creation() -> None:
    assert run(a_stack()).of(StackCreateEnded) == []


def test_a_resource_that_names_another_is_made_after_it_with_what_that_answered() -> None:
    first = a_thing(Url={"Fn::GetAtt": "Other.Url"}, Id={"Ref": "Other"})
    played = run(a_stack(first, a_thing()), answer=lambda event: success(event, Data={"Url": "https://x", "N": 1}))
    assert asked(played) == ["Create Other", "Create Thing"]
    assert {"Url": "https://x", "Id": "the-Other"}.items() <= requests(played)[1]["ResourceProperties"].items()


def test_an_attribute_that_was_not_answered_fails() -> None:
    status, reason = created(run(a_stack(a_thing(Url={"Fn::GetAtt": "Other.Url"}), a_thing())))
    assert status == "ROLLBACK_COMPLETE"
    assert "Vendor response doesn't contain Url attribute" in (reason or "")


def test_a_failure_rolls_back_in_reverse_order_and_leaves_nothing() -> None:
    template = a_stack(a_thing(), a_thing(Wait={"Ref": "Thing"}), Queue=make_queue("q"))

    def answer(event: dict[str, Any]) -> dict[str, Any]:
        bad = event["LogicalResourceId"] == "Other" and event["RequestType"] == "Create"
        return success(event, **({"Status": "FAILED", "Reason": "no luck"} if bad else {}))

    after = [invoke("60s", kind="RequestResponse"), call("60s", "sqs.send_message", QueueUrl="q", MessageBody="x")]
    played = run(template, *after, answer=answer)
    assert asked(played) == ["Create Thing", "Create Other", "Delete Other", "Delete Thing"]
    status, reason = created(played)
    assert status == "ROLLBACK_COMPLETE"
    assert (reason or "").startswith(
        "Other: Received response status [FAILED] from custom resource. Message returned: no luck (RequestId: "
    )
    assert {fact.outcome for fact in played.of(StepPlayed)} == {
        "404 ResourceNotFoundException",
        "400 AWS.SimpleQueueService.NonExistentQueue",
    }


def test_the_delete_of_a_rollback_names_what_the_failed_answer_named() -> None:
    played = run(a_stack(a_thing()), answer=failing("Create", PhysicalResourceId="half-made"))
    assert [request.get("PhysicalResourceId") for request in requests(played)] == [None, "half-made"]


def test_what_was_rolled_back_answers_no_requests() -> None:
    url = {"Type": "AWS::Lambda::Url", "Properties": {"TargetFunctionArn": {"Ref": "Work"}, "AuthType": "AWS_IAM"}}
    request = {"at": "60s", "http": {"to": "Url"}}
    played = run(a_stack(a_thing(), Url=url), request, answer=failing("Create"))
    assert created(played)[0] == "ROLLBACK_COMPLETE"
    assert played.of(StepPlayed)[-1].outcome == "no such host"


def test_a_rollback_whose_delete_fails_is_stuck_and_keeps_the_rest() -> None:
    played = run(a_stack(a_thing()), invoke("60s", kind="RequestResponse"), answer=failing("Create", "Delete"))
    assert created(played)[0] == "ROLLBACK_FAILED"
    assert played.of(StepPlayed)[-1].outcome == "200"


@pytest.mark.rule("K.2-07")
def test_who_never_answers_is_waited_for_one_hour() -> None:
    played = run(a_stack(a_thing()), answer=lambda event: None if event["RequestType"] == "Create" else success(event))
    status, reason = created(played)
    assert status == "ROLLBACK_COMPLETE"
    assert (reason or "").startswith("Thing: CloudFormation did not receive a response from your Custom Resource.")
    assert played.times(CustomResourceAnswered)[0] == pytest.approx(3_600, abs=1)


def test_a_shorter_service_timeout_is_waited_for() -> None:
    played = run(a_stack(a_thing(ServiceTimeout=30)), answer=lambda event: None)
    assert [round(at) for at in played.times(CustomResourceAnswered)] == [30, 60]


def test_a_function_that_throws_is_tried_three_times_and_never_heard_of() -> None:
    played = run(a_stack(a_thing(ServiceTimeout=600)), script=lambda function, event, count: FAIL)
    assert len([fact for fact in played.of(InvocationEnded) if fact.status == "error"]) == 6
    assert created(played)[0] == "ROLLBACK_FAILED"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"no json", "Invalid Response object"),
        (b"[" * 100_000, "Response object is too long."),
        (b"[" * 4_000, "Invalid Response object"),
        ({"Status": "GREAT"}, "Invalid Response object"),
        ({"Status": "SUCCESS"}, "Invalid PhysicalResourceId"),
        ({"Status": "SUCCESS", "PhysicalResourceId": 7}, "Invalid PhysicalResourceId"),
        ({"Status": "SUCCESS", "PhysicalResourceId": "x", "Data": {"x": "x" * 4_096}}, "Response object is too long."),
    ],
)
def test_an_answer_that_cannot_be_understood_fails(body: Any, reason: str) -> None:
    played = run(a_stack(a_thing()), answer=lambda event: body if event["RequestType"] == "Create" else success(event))
    assert reason in (created(played)[1] or "")


def test_a_url_of_nobody_and_a_get_are_denied() -> None:
    def script(function: Any, event: Any, count: int) -> Act:
        url = event["ResponseURL"]
        tries = [("PUT", url.replace("%7C", "x")), ("GET", url), ("PUT", url), ("PUT", url)]
        body = json.dumps(success(event)).encode()
        return Act(requests=tuple(WebRequest(n, method, at, body) for n, (method, at) in enumerate(tries)))

    played = run(a_stack(a_thing()), script=script)
    assert [fact.status for fact in played.of(WebRequested)] == [403, 403, 200, 200]
    assert created(played)[0] == "CREATE_COMPLETE"


def test_a_late_answer_changes_nothing_and_after_two_hours_its_url_is_nobodys() -> None:
    urls: list[str] = []

    def script(function: Any, event: Any, count: int) -> Act:
        urls.append(event.get("ResponseURL", ""))
        late = "ResponseURL" not in event
        return Act(requests=(WebRequest(1, "PUT", urls[0], b"{}"),) if late else ())

    late = [invoke(at, kind="RequestResponse") for at in ("1h", "3h")]
    played = run(a_stack(a_thing(ServiceTimeout=30)), *late, script=script)
    assert [fact.status for fact in played.of(WebRequested)] == [200, 403]
    assert created(played)[0] == "ROLLBACK_FAILED"


def test_new_properties_are_an_update_that_knows_the_old_ones() -> None:
    played = run(a_stack(a_thing(Size=1)), new=a_stack(a_thing(Size=2)))
    assert asked(played) == ["Create Thing", "Update Thing"]
    update = requests(played)[1]
    assert (update["PhysicalResourceId"], update["ResourceProperties"]["Size"]) == ("the-Thing", "2")
    assert update["OldResourceProperties"]["Size"] == "1"
    assert updated(played) == ("UPDATE_COMPLETE", None)


def test_a_resource_that_stays_as_it_is_is_not_asked_for() -> None:
    same = make_template(make_function(MemorySize=256), Thing=a_thing(Size=1))
    assert asked(run(a_stack(a_thing(Size=1)), new=same)) == ["Create Thing"]


def test_another_physical_id_is_a_replacement_and_the_old_one_is_deleted_at_the_end() -> None:
    def answer(event: dict[str, Any]) -> dict[str, Any]:
        return success(event, PhysicalResourceId=f"size-{event['ResourceProperties']['Size']}")

    played = run(a_stack(a_thing(Size=1)), new=a_stack(a_thing(Size=2)), answer=answer)
    assert asked(played) == ["Create Thing", "Update Thing", "Delete Thing"]
    delete = requests(played)[2]
    assert (delete["PhysicalResourceId"], delete["ResourceProperties"]["Size"]) == ("size-1", "1")


def test_what_leaves_the_template_is_deleted_and_what_is_new_created() -> None:
    played = run(a_stack(a_thing()), new=make_template(make_function(), Third=a_thing()))
    assert asked(played) == ["Create Thing", "Create Third", "Delete Thing"]
    assert updated(played) == ("UPDATE_COMPLETE", None)


def test_a_failed_update_asks_for_the_old_properties_again() -> None:
    def answer(event: dict[str, Any]) -> dict[str, Any]:
        bad = event["RequestType"] == "Update" and event["ResourceProperties"]["Size"] == "2"
        return success(event, **({"Status": "FAILED"} if bad else {}))

    new = make_template(make_function(MemorySize=256), Thing=a_thing(Size=2), Other=a_thing(Wait={"Ref": "Thing"}))
    played = run(a_stack(a_thing(Size=1)), invoke("100s", kind="RequestResponse"), new=new, answer=answer)
    assert asked(played) == ["Create Thing", "Update Thing", "Update Thing"]
    back = requests(played)[2]
    assert (back["ResourceProperties"]["Size"], back["OldResourceProperties"]["Size"]) == ("1", "2")
    assert updated(played)[0] == "UPDATE_ROLLBACK_COMPLETE"


def test_a_replacement_that_is_rolled_back_is_deleted() -> None:
    def answer(event: dict[str, Any]) -> dict[str, Any]:
        bad = event["LogicalResourceId"] == "Other" and event["RequestType"] == "Create"
        size = event["ResourceProperties"].get("Size")
        return success(event, PhysicalResourceId=f"size-{size}", **({"Status": "FAILED"} if bad else {}))

    new = make_template(make_function(), Thing=a_thing(Size=2), Other=a_thing(Wait={"Ref": "Thing"}))
    played = run(a_stack(a_thing(Size=1)), new=new, answer=answer)
    assert asked(played)[3:] == ["Delete Other", "Update Thing", "Delete Thing"]
    assert [request["PhysicalResourceId"] for request in requests(played)[4:]] == ["size-2", "size-2"]
    assert updated(played)[0] == "UPDATE_ROLLBACK_COMPLETE"


def test_another_function_is_no_update() -> None:
    new = make_template(make_function(), make_function("next"), Thing=a_thing())
    new["Resources"]["Thing"]["Properties"]["ServiceToken"] = {"Fn::GetAtt": "Next.Arn"}
    old = make_template(make_function(), make_function("next"), Thing=a_thing())
    played = run(old, new=new)
    assert updated(played) == ("UPDATE_ROLLBACK_COMPLETE", "Thing: Modifying service token is not allowed.")


def test_while_the_stack_is_being_made_and_after_it_was_not_nothing_is_updated() -> None:
    late = a_stack(a_thing(Size=2))
    played = run(a_stack(a_thing(ServiceTimeout=60)), new=late, answer=lambda event: None)
    assert [fact.outcome for fact in played.of(StepPlayed)] == [
        "Stack lab is in CREATE_IN_PROGRESS state and can not be updated."
    ]
    played = run(a_stack(a_thing()), new=late, answer=failing("Create"))
    assert [fact.outcome for fact in played.of(StepPlayed)] == [
        "Stack lab is in ROLLBACK_COMPLETE state and can not be updated."
    ]


@pytest.mark.parametrize(
    ("things", "text"),
    [
        ({"Thing": a_thing(ServiceToken="arn:aws:sns:us-east-1:123456789012:t")}, "Thing: a custom resource needs a"),
        ({"Thing": a_thing(ServiceToken={"a": 1})}, "Thing: a custom resource needs a ServiceToken"),
        ({"Thing": a_thing(ServiceTimeout=3_601)}, "Thing: ServiceTimeout must be 1 to 3600 seconds, not 3601."),
        ({"Thing": a_thing(), "Queue": make_queue("q", Tags=[{"Key": "k", "Value": {"Fn::GetAtt": "Thing.A"}}])},
         "Queue: what Thing answers can be named by other custom resources only, here."),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_told_before_the_run(things: dict[str, Any], text: str) -> None:
    template = make_template(make_function(), **things)
    assert [p for p in problems_of(read_template({**CODE, **as_files(template)})) if p.message.startswith(text)]


def test_cloudformation_calls_as_who_deploys() -> None:
    (fact,) = [fact for fact in run(a_stack(a_thing())).of(ApiCalled) if fact.source == "cloudformation"]
    assert (fact.operation, fact.principal) == ("Invoke", "arn:aws:iam::123456789012:user/classroom")


def test_a_host_of_awss_own_has_an_address_that_nobody_else_has() -> None:
    internet = Internet({"https://a.example.com/": Page()})
    internet.listen("b.example.com", lambda method, url, body: Page(200, body))
    assert internet.look_up("a.example.com") != internet.look_up("b.example.com")
    assert internet.fail_of("b.example.com", 443) is None
    with pytest.raises(KeyError):
        internet.fail_of("b.example.com", 80)
    page = internet.answer("PUT", "https://b.example.com/x", b"echo")
    assert page is not None
    assert page.body == b"echo"
    assert internet.answer("PUT", "https://a.example.com/", b"") == Page()
    assert World(Kernel(1), lambda entry: None, epoch_us=0).internet.look_up("b.example.com") is None
