"""Recursive loop detection. Fact K.9."""

from collections import Counter
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import (
    ApiCalled,
    AsyncEventDeadLettered,
    AsyncEventDiscarded,
    InvocationEnded,
    InvocationStarted,
    RecursionStopped,
)
from tests.simulator.playing import (
    CODE,
    FAIL,
    Played,
    arn_of,
    as_files,
    call,
    invoke,
    make_event_invoke,
    make_function,
    make_queue,
    make_template,
    play,
    seconds,
    steps,
)

DLQ = {"DeadLetterConfig": {"TargetArn": arn_of("sqs", "dlq")}}
TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news", "Subscription": [
    {"Protocol": "lambda", "Endpoint": {"Fn::GetAtt": "Work.Arn"}}]}}  # fmt: skip
LET_IN = {"Type": "AWS::Lambda::Permission", "Properties": {
    "Action": "lambda:InvokeFunction", "FunctionName": {"Ref": "Work"}, "Principal": "sns.amazonaws.com"}}  # fmt: skip


def calling(function: str, kind: str = "Event") -> Act:
    params = {"FunctionName": function, "InvocationType": kind, "Payload": b"{}"}
    return Act(calls=(("lambda", "Invoke", params),))


def looping(script: Any, *functions: dict[str, Any], at: tuple[str, ...] = ("0s",), **resources: Any) -> Played:
    template = make_template(*functions, Dlq=make_queue(), **resources)
    return play(template, steps(*(invoke(each) for each in at)), script)


def runs(played: Played) -> dict[str, int]:
    return dict(Counter(fact.function for fact in played.of(InvocationStarted)))


def dropped(played: Played) -> float:
    rows = played.summary["metrics"]["AWS/Lambda"].get("RecursiveInvocationsDropped", {}).get("work", [])
    return float(sum(row["sum"] for row in rows))


@pytest.mark.rule("A.3-11", "H.1-13", "K.9-01")
def test_an_event_is_given_up_at_the_seventeenth_round_and_kept() -> None:
    played = looping(calling("work"), make_function(**DLQ))
    assert runs(played) == {"work": 16}
    assert [(fact.condition, fact.attempts) for fact in played.of(AsyncEventDiscarded)] == [("RecursionDetected", 0)]
    assert len(played.of(AsyncEventDeadLettered)) == 1
    assert dropped(played) == 1


@pytest.mark.rule("K.9-01")
def test_who_waits_for_an_answer_gets_an_exception() -> None:
    played = looping(calling("work", "RequestResponse"), make_function(Timeout=30))
    assert runs(played) == {"work": 16}
    assert [(fact.function, fact.source) for fact in played.of(RecursionStopped)] == [("work", "function/work")]
    (refused,) = [fact for fact in played.of(ApiCalled) if fact.error]
    assert (refused.status, refused.error) == (400, "RecursiveInvocationException")
    assert (refused.message or "").startswith("Lambda has detected your function being invoked in a recursive loop")
    assert dropped(played) == 1


@pytest.mark.rule("K.9-02")
def test_functions_that_call_each_other_are_counted_each() -> None:
    def script(function: Any, event: Any, count: int) -> Act:
        return calling("other" if function.name == "work" else "work")

    played = looping(script, make_function(), make_function("other"))
    assert runs(played) == {"work": 16, "other": 16}
    assert [fact.function for fact in played.of(AsyncEventDiscarded)] == ["work"]


@pytest.mark.rule("K.9-02")
def test_a_chain_goes_on_through_a_topic() -> None:
    publish = Act(calls=(("sns", "Publish", {"TopicArn": arn_of("sns", "news"), "Message": "m"}),))
    played = looping(publish, Topic=TOPIC, LetIn=LET_IN)
    assert runs(played) == {"work": 16}
    assert dropped(played) == 1


@pytest.mark.rule("K.9-02")
def test_a_chain_goes_on_through_destinations() -> None:
    other = make_event_invoke("work", success=arn_of("lambda", "function:other"))
    back = make_event_invoke("other", success=arn_of("lambda", "function:work"))
    played = looping(Act(), make_function(), make_function("other"), There=other, Back=back)
    assert runs(played) == {"work": 16, "other": 16}


@pytest.mark.rule("K.9-03")
def test_a_loop_that_is_allowed_goes_on() -> None:
    def script(function: Any, event: Any, count: int) -> Act:
        return calling("work") if count < 40 else Act()

    assert runs(looping(script, make_function(RecursiveLoop="Allow"))) == {"work": 40}


def test_the_setting_can_be_changed_while_it_serves() -> None:
    allow = call("0s", "lambda.put_function_recursion_config", FunctionName="work", RecursiveLoop="Allow")

    def script(function: Any, event: Any, count: int) -> Act:
        return calling("work") if count < 20 else Act()

    assert runs(play(make_template(), steps(allow, invoke("1s")), script)) == {"work": 20}
    wrong = call("0s", "lambda.put_function_recursion_config", FunctionName="work", RecursiveLoop="Perhaps")
    assert [fact.error for fact in play(make_template(), steps(wrong)).of(ApiCalled)] == ["ValidationException"]


def test_other_requests_are_no_chain_and_neither_are_retries() -> None:
    assert runs(looping(Act(), at=("0s",) * 30)) == {"work": 30}

    def script(function: Any, event: Any, count: int) -> Act:
        return FAIL if count % 3 else calling("work")

    played = looping(script, make_function(**DLQ))
    assert len([fact for fact in played.of(InvocationEnded) if fact.status == "ok"]) == 16
    assert [fact.condition for fact in played.of(AsyncEventDiscarded)] == ["RecursionDetected"]


@pytest.mark.parametrize(("value", "wrong"), [("Allow", 0), ("Terminate", 0), ("Never", 1), (True, 1)])
def test_a_template_says_allow_or_terminate(value: Any, wrong: int) -> None:
    template = make_template(make_function(RecursiveLoop=value))
    assert len(problems_of(read_template({**CODE, **as_files(template)}))) == wrong


def test_a_deep_chain_takes_no_longer_than_its_functions() -> None:
    played = looping(Act(calls=calling("work").calls, takes=seconds(0.1)))
    assert runs(played) == {"work": 16}
