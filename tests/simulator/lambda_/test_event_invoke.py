"""The configuration of asynchronous invocations. Facts A.3, E.1 and X.3."""

from typing import Any

import pytest

from lambdalab.simulator.trace.facts import (
    AsyncEventDeadLettered,
    AsyncEventDiscarded,
    DestinationDelivered,
    EventInvokeConfigured,
    InvocationEnded,
)
from tests.simulator.desk import Desk, refused
from tests.simulator.playing import (
    FAIL,
    arn_of,
    call,
    invoke,
    make_event_invoke,
    make_function,
    make_queue,
    make_template,
    play,
    steps,
)

ARN = arn_of("lambda", "function:work")
BAD = arn_of("sqs", "bad")
ABSENT = f"The function {ARN}:$LATEST doesn't have an EventInvokeConfig"


def put(desk: Desk, **params: Any) -> dict[str, Any]:
    output: dict[str, Any] = desk.call("PutFunctionEventInvokeConfig", **params).output
    return {name: value for name, value in output.items() if name != "LastModified"}


@pytest.mark.rule("A.3-19")
def test_a_configuration_is_shown_as_aws_does() -> None:
    desk = Desk()
    shown = {
        "FunctionArn": f"{ARN}:$LATEST",
        "MaximumRetryAttempts": 1,
        "MaximumEventAgeInSeconds": 21_600,
        "DestinationConfig": {"OnSuccess": {}, "OnFailure": {"Destination": BAD}},
    }
    destinations = {"OnFailure": {"Destination": BAD}}
    assert put(desk, MaximumRetryAttempts=1, DestinationConfig=destinations) == shown
    got = desk.call("GetFunctionEventInvokeConfig").output
    assert got.pop("LastModified").isoformat().startswith("1970-01-01T00:00:0")
    assert got == shown
    assert len(desk.call("ListFunctionEventInvokeConfigs").output["FunctionEventInvokeConfigs"]) == 1


@pytest.mark.rule("A.3-19")
def test_an_update_changes_what_it_names_and_put_replaces_all() -> None:
    desk = Desk()
    put(desk, MaximumRetryAttempts=1, MaximumEventAgeInSeconds=60)
    updated = desk.call("UpdateFunctionEventInvokeConfig", MaximumRetryAttempts=0).output
    assert (updated["MaximumRetryAttempts"], updated["MaximumEventAgeInSeconds"]) == (0, 60)
    assert put(desk, MaximumRetryAttempts=1)["MaximumEventAgeInSeconds"] == 21_600


@pytest.mark.rule("A.3-19", "X.3-11")
@pytest.mark.parametrize("operation", ["Get", "Update", "Delete"])
def test_a_configuration_that_is_not_there_is_not_found(operation: str) -> None:
    params = {"MaximumRetryAttempts": 1} if operation == "Update" else {}
    answer = Desk().call(f"{operation}FunctionEventInvokeConfig", **params)
    assert refused(answer) == (404, "ResourceNotFoundException", ABSENT)


@pytest.mark.rule("A.3-19")
def test_a_deleted_configuration_gives_aws_s_defaults() -> None:
    desk = Desk(FAIL)
    put(desk, MaximumRetryAttempts=0)
    assert desk.call("DeleteFunctionEventInvokeConfig").status == 204
    desk.invoke(InvocationType="Event")
    assert len(desk.of(InvocationEnded)) == 3
    assert [fact.retry_attempts for fact in desk.of(EventInvokeConfigured)] == [0, 2]


@pytest.mark.rule("X.3-08")
@pytest.mark.parametrize("operation", ["Put", "Update"])
def test_a_configuration_without_content_is_refused(operation: str) -> None:
    desk = Desk()
    put(desk, MaximumRetryAttempts=1)
    text = "You must specify at least one of error handling or destination setting."
    assert refused(desk.call(f"{operation}FunctionEventInvokeConfig"))[2] == text


@pytest.mark.rule("A.3-14", "A.3-15", "E.1-18", "X.3-09", "X.3-10")
@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"MaximumRetryAttempts": 3}, "Member must have value less than or equal to 2"),
        ({"MaximumEventAgeInSeconds": 21_601}, "Member must have value less than or equal to 21600"),
        ({"DestinationConfig": {"OnSuccess": {"Destination": ARN}}},
         "You can't specify the function as a destination for itself."),
        ({"DestinationConfig": {"OnSuccess": {"Destination": f"{ARN}:live"}}},
         "You can't specify the function as a destination for itself."),
        ({"DestinationConfig": {"OnSuccess": {"Destination": f"{ARN}-2"}}}, f"The destination ARN {ARN}-2 is invalid."),
        ({"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:events:us-east-1:123456789012:x"}}},
         "The destination ARN arn:aws:events:us-east-1:123456789012:x is invalid."),
    ],
)  # fmt: skip
def test_a_configuration_that_cannot_be_is_refused_with_awss_words(params: dict[str, Any], text: str) -> None:
    assert refused(Desk().call("PutFunctionEventInvokeConfig", **params))[2].endswith(text)


@pytest.mark.rule("A.3-18", "A.3-19", "E.1-14")
def test_each_qualifier_has_a_configuration_of_its_own() -> None:
    desk = Desk(FAIL)
    desk.call("PublishVersion")
    put(desk, Qualifier="1", MaximumRetryAttempts=0)
    assert refused(desk.call("GetFunctionEventInvokeConfig"))[2] == ABSENT
    assert refused(desk.call("PutFunctionEventInvokeConfig", Qualifier="7", MaximumRetryAttempts=0))[0] == 404
    for qualifier in ("1", "$LATEST"):
        desk.invoke(InvocationType="Event", Qualifier=qualifier)
    assert [fact.attempts for fact in desk.of(AsyncEventDiscarded)] == [1, 3]


def test_a_change_counts_for_events_that_wait_already() -> None:
    patience = call("30s", "lambda.put_function_event_invoke_config", FunctionName="work", MaximumRetryAttempts=1)
    played = play(make_template(), steps(invoke(), patience), FAIL)
    assert [fact.attempts for fact in played.of(AsyncEventDiscarded)] == [2]
    assert played.summary["calls"]["lambda.put_function_event_invoke_config"]["errors"] == {}


def test_what_a_template_says_of_an_alias_is_a_fact() -> None:
    config = make_event_invoke(Qualifier="live", MaximumRetryAttempts=0, failure=BAD)
    version = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Work"}}}
    number = {"Fn::GetAtt": ["Version", "Version"]}
    alias = {"FunctionName": {"Ref": "Work"}, "Name": "live", "FunctionVersion": number}
    live = {"Type": "AWS::Lambda::Alias", "Properties": alias}
    template = make_template(Version=version, Live=live, Config=config, Bad=make_queue("bad"))
    played = play(template, steps(invoke(function="work:live")), FAIL)
    assert [(fact.qualifier, fact.retry_attempts, fact.on_failure) for fact in played.of(EventInvokeConfigured)] == [
        ("live", 0, BAD)
    ]
    assert len(played.of(DestinationDelivered)) == 1
    assert played.player["sentence"] == "event 1 failed once and went to the on-failure destination"


@pytest.mark.rule("E.2-01")
def test_a_version_uses_the_dead_letter_queue_that_the_function_has_now() -> None:
    publish = call("0s", "lambda.publish_version", FunctionName="work")
    add = call("5s", "lambda.update_function_configuration", FunctionName="work",
               DeadLetterConfig={"TargetArn": arn_of("sqs", "dlq")})  # fmt: skip
    again = call("10s", "lambda.publish_version", FunctionName="work")
    played = play(make_template(Dlq=make_queue()), steps(publish, add, again, invoke("20s", function="work:1")), FAIL)
    assert len(played.of(AsyncEventDeadLettered)) == 1
    assert played.summary["queues"]["dlq"]["visible"] == 1
    assert "2" not in played.summary["functions"]["work"]["by_version"]


@pytest.mark.rule("E.2-01")
def test_a_new_dead_letter_queue_alone_is_no_new_version_and_shows_in_the_old_ones() -> None:
    desk = Desk()
    desk.call("PublishVersion")
    desk.call("UpdateFunctionConfiguration", DeadLetterConfig={"TargetArn": BAD})
    assert desk.call("PublishVersion").output["Version"] == "1"
    shown = desk.call("GetFunctionConfiguration", Qualifier="1").output
    assert shown["DeadLetterConfig"] == {"TargetArn": BAD}


@pytest.mark.rule("E.2-08")
def test_a_success_sends_nothing_to_the_dead_letter_queue() -> None:
    queue = {"DeadLetterConfig": {"TargetArn": arn_of("sqs", "dlq")}}
    played = play(make_template(make_function(**queue), Dlq=make_queue()), steps(invoke()))
    assert played.summary["queues"]["dlq"]["sent"] == 0


@pytest.mark.rule("E.2-02")
def test_a_dead_letter_queue_may_be_a_topic() -> None:
    queue = {"DeadLetterConfig": {"TargetArn": arn_of("sns", "dead")}}
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "dead"}}
    played = play(make_template(make_function(**queue), Topic=topic), steps(invoke()), FAIL)
    assert played.summary["topics"]["dead"]["published"] == 1


@pytest.mark.rule("E.1-17")
def test_a_fifo_queue_is_no_destination() -> None:
    config = make_event_invoke(success=arn_of("sqs", "ok.fifo"))
    template = make_template(Config=config, Ok=make_queue("ok.fifo", FifoQueue=True))
    played = play(template, steps(invoke()))
    assert played.of(DestinationDelivered) == []
    failures = played.summary["metrics"]["AWS/Lambda"]["DestinationDeliveryFailures"]["work"]
    assert sum(row["sum"] for row in failures) == 1


@pytest.mark.rule("E.1-09")
def test_a_record_that_is_too_large_for_a_topic_is_lost() -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "done"}}
    template = make_template(Config=make_event_invoke(success=arn_of("sns", "done")), Topic=topic)
    large = b'"' + b"x" * 262_000 + b'"'
    played = play(template, steps(invoke(payload={"file": "e.txt"})), files={"e.txt": large})
    assert played.of(DestinationDelivered) == []
    assert played.summary["async"]["work"]["succeeded"] == 1
