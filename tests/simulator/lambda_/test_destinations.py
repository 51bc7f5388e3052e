import base64
import json
import re
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.trace.facts import (
    ApiCalled,
    AsyncEventDeadLettered,
    AsyncEventReceived,
    DeadLetterFailed,
    DestinationDelivered,
    DestinationFailed,
    InvocationEnded,
    MessageSent,
    ObjectWritten,
)
from tests.simulator.playing import (
    FAIL,
    Played,
    arn_of,
    first,
    invoke,
    make_event_invoke,
    make_function,
    make_queue,
    make_template,
    play,
    steps,
)

OK = arn_of("sqs", "ok")
BAD = arn_of("sqs", "bad")
DLQ = {"DeadLetterConfig": {"TargetArn": arn_of("sqs", "dlq")}}
QUEUES = {"Ok": make_queue("ok"), "Bad": make_queue("bad"), "Dlq": make_queue("dlq")}


def with_destinations(script: Any, *, scenario: dict[str, Any] | None = None, **config: Any) -> Played:
    both = {"success": OK, "failure": BAD} | config
    template = make_template(Config=make_event_invoke(**both), **QUEUES)
    return play(template, scenario or steps(invoke(payload={"order": 7})), script)


def record_of(played: Played, queue: str) -> dict[str, Any]:
    (message,) = (fact for fact in played.of(MessageSent) if fact.queue == queue)
    record: dict[str, Any] = json.loads(message.body)
    return record


@pytest.mark.rule("E.1-01", "E.1-02", "E.1-07", "E.1-08")
def test_the_record_of_a_success_is_aws_s_own() -> None:
    played = with_destinations(Act(result={"paid": True}))
    record = record_of(played, "ok")
    stamp = record.pop("timestamp")
    assert record == {
        "version": "1.0",
        "requestContext": {
            "requestId": played.of(InvocationEnded)[0].request_id,
            "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:work:$LATEST",
            "condition": "Success",
            "approximateInvokeCount": 1,
        },
        "requestPayload": {"order": 7},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        "responsePayload": {"paid": True},
    }
    assert stamp.startswith("2025-12-01T09:00:0")
    assert stamp.endswith("Z")
    assert len(stamp) == len("2025-12-01T09:00:00.123Z")
    assert list(json.loads(played.of(DestinationDelivered)[0].record)) == [
        "version",
        "timestamp",
        "requestContext",
        "requestPayload",
        "responseContext",
        "responsePayload",
    ]


@pytest.mark.rule("E.1-03")
def test_the_record_of_used_up_retries_carries_the_last_error() -> None:
    record = record_of(with_destinations(FAIL), "bad")
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    }
    assert record["responsePayload"]["errorType"] == "CardDeclined"


@pytest.mark.rule("E.1-04")
def test_the_record_of_an_event_that_became_too_old_carries_the_error_of_its_runs() -> None:
    record = record_of(with_destinations(FAIL, MaximumEventAgeInSeconds=60), "bad")
    assert record["requestContext"]["condition"] == "EventAgeExceeded"
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert record["responseContext"]["functionError"] == "Unhandled"


@pytest.mark.rule("E.1-05")
def test_the_record_of_an_event_that_never_ran_has_no_response() -> None:
    scenario = steps(invoke(), faults=[{"throttle": "work"}])
    record = record_of(with_destinations(Act(), scenario=scenario, MaximumEventAgeInSeconds=60), "bad")
    assert record["requestContext"]["condition"] == "EventAgeExceeded"
    assert record["requestContext"]["approximateInvokeCount"] == 0
    assert "responseContext" not in record
    assert "responsePayload" not in record


@pytest.mark.rule("A.3-10", "E.1-06")
def test_zero_reserved_concurrency_has_a_record_with_count_zero_and_no_response() -> None:
    template = make_template(
        make_function(ReservedConcurrentExecutions=0), Config=make_event_invoke(failure=BAD), **QUEUES
    )
    record = record_of(play(template, steps(invoke())), "bad")
    assert record["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert record["requestContext"]["approximateInvokeCount"] == 0
    assert record.keys() == {"version", "timestamp", "requestContext", "requestPayload"}


@pytest.mark.rule("E.1-02")
def test_a_success_at_the_second_attempt_counts_both() -> None:
    assert record_of(with_destinations(first(1, FAIL)), "ok")["requestContext"]["approximateInvokeCount"] == 2


def test_a_success_writes_nothing_to_the_failure_side_and_the_other_way_round() -> None:
    assert with_destinations(Act()).summary["queues"]["bad"]["sent"] == 0
    assert with_destinations(FAIL).summary["queues"]["ok"]["sent"] == 0


@pytest.mark.parametrize("status", ["exit", "out_of_memory", "init_error", "output_limit"])
def test_every_way_to_fail_makes_a_readable_record(status: Any) -> None:
    record = record_of(with_destinations(Act(status=status)), "bad")
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert record["responsePayload"]["errorType"]


@pytest.mark.parametrize("status", ["exit", "out_of_memory", "init_error"])
def test_a_failing_init_makes_a_readable_record(status: Any) -> None:
    template = make_template(Config=make_event_invoke(failure=BAD), **QUEUES)
    played = play(template, steps(invoke()), init=Act(status=status))
    record = record_of(played, "bad")
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["responsePayload"]["errorType"] == ("RuntimeError" if status == "init_error" else "Runtime.ExitError")


@pytest.mark.rule("E.1-16")
def test_a_synchronous_invocation_has_no_record() -> None:
    played = with_destinations(Act(), scenario=steps(invoke(kind="RequestResponse")))
    assert played.of(DestinationDelivered) == []


@pytest.mark.rule("E.1-09")
def test_a_record_reaches_a_topic() -> None:
    topic = {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "done"}}}
    template = make_template(Config=make_event_invoke(success=arn_of("sns", "done")), **topic)
    assert play(template, steps(invoke())).summary["topics"]["done"]["published"] == 1


@pytest.mark.rule("E.1-10")
def test_a_record_sent_to_a_function_invokes_it_asynchronously() -> None:
    target = arn_of("lambda", "function:after")
    template = make_template(make_function(), make_function("after"), Config=make_event_invoke(success=target))
    played = play(template, steps(invoke(payload={"order": 7})))
    received = {fact.function: fact for fact in played.of(AsyncEventReceived)}
    assert json.loads(received["after"].payload)["requestPayload"] == {"order": 7}
    assert received["after"].source == "lambda/work"


def dead(script: Any, *, queue: str = "dlq", **properties: Any) -> Played:
    config = {"DeadLetterConfig": {"TargetArn": arn_of("sqs", queue)}}
    template = make_template(make_function(**config), Dlq=make_queue(queue, **properties))
    return play(template, steps(invoke(payload={"order": 7})), script)


@pytest.mark.rule("E.2-03", "E.2-04")
def test_the_dead_letter_queue_gets_the_event_unchanged_with_three_attributes() -> None:
    played = dead(FAIL)
    (message,) = played.of(MessageSent)
    assert message.body == '{"order": 7}'
    assert message.attributes == {
        "RequestID": played.of(AsyncEventReceived)[0].request_id,
        "ErrorCode": "200",
        "ErrorMessage": "the card was declined",
    }
    assert played.summary["async"]["work"]["dead_lettered"] == 1


@pytest.mark.rule("E.2-05")
def test_the_error_message_is_cut_after_one_kilobyte() -> None:
    (message,) = dead(Act(status="error", error_message="ä" * 2_000)).of(MessageSent)
    assert message.attributes["ErrorMessage"] == "ä" * 512


@pytest.mark.rule("E.2-04")
def test_the_error_code_of_a_timeout_is_200_too() -> None:
    (message,) = dead(Act(takes=60_000_000)).of(MessageSent)
    assert message.attributes["ErrorCode"] == "200"
    assert message.attributes["ErrorMessage"].endswith("Error: Task timed out after 3.00 seconds")


@pytest.mark.rule("E.2-02", "E.2-06", "H.1-11")
def test_a_fifo_queue_refuses_and_the_event_is_lost() -> None:
    played = dead(FAIL, queue="dlq.fifo", FifoQueue=True)
    (failed,) = played.of(DeadLetterFailed)
    assert "MissingParameter" in failed.error
    assert played.of(AsyncEventDeadLettered) == []
    metric = played.summary["metrics"]["AWS/Lambda"]["DeadLetterErrors"]["work"]
    assert sum(row["sum"] for row in metric) == 1


@pytest.mark.rule("E.2-06", "G.4-06")
def test_a_role_that_may_no_longer_send_loses_the_event() -> None:
    """Lambda refuses a dead-letter queue that the role may not send to: here the right ends in the first minute."""
    template = make_template(make_function(**DLQ), **QUEUES)
    (policy,) = template["Resources"]["Role"]["Properties"]["Policies"]
    until = {"DateLessThan": {"aws:CurrentTime": "2025-12-01T09:01:00Z"}}
    policy["PolicyDocument"]["Statement"][0]["Condition"] = until
    played = play(template, steps(invoke()), FAIL)
    (failed,) = played.of(DeadLetterFailed)
    assert failed.error.startswith("AccessDeniedException: User: arn:aws:sts::")
    assert played.summary["queues"]["dlq"]["sent"] == 0
    assert played.summary["calls"]["sqs.send_message"]["denied"] == 1


@pytest.mark.rule("E.1-15", "H.1-11")
def test_a_destination_that_does_not_exist_loses_the_record_not_the_success() -> None:
    template = make_template(Config=make_event_invoke(success=arn_of("sqs", "nowhere")))
    played = play(template, steps(invoke()))
    (failed,) = played.of(DestinationFailed)
    assert "NonExistentQueue" in failed.error
    assert played.summary["async"]["work"]["succeeded"] == 1
    assert played.player["verdict"] == "ok"
    metric = played.summary["metrics"]["AWS/Lambda"]["DestinationDeliveryFailures"]["work"]
    assert sum(row["sum"] for row in metric) == 1


@pytest.mark.rule("A.3-12")
def test_both_dead_letter_queue_and_destination_are_served() -> None:
    template = make_template(make_function(**DLQ), Config=make_event_invoke(failure=BAD), **QUEUES)
    played = play(template, steps(invoke()), FAIL)
    assert [fact.queue for fact in played.of(MessageSent)] == ["dlq", "bad"]


@pytest.mark.rule("G.4-06")
def test_the_copy_is_sent_as_the_functions_role() -> None:
    played = dead(FAIL)
    (sent,) = (fact for fact in played.of(ApiCalled) if fact.service == "sqs")
    assert (sent.source, sent.principal.split("/")[-1]) == ("lambda/work", "work")


BUS = arn_of("events", "event-bus/default")


@pytest.mark.rule("E.1-11")
@pytest.mark.parametrize(("script", "result"), [(Act(result=1), "Success"), (FAIL, "Failure")])
def test_an_event_bus_gets_the_record_as_detail(script: Act, result: str) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
                 "Resource": OK}  # fmt: skip
    policy = {"Type": "AWS::SQS::QueuePolicy",
              "Properties": {"Queues": [{"Ref": "Ok"}], "PolicyDocument": {"Statement": statement}}}  # fmt: skip
    rule = {"Type": "AWS::Events::Rule",
            "Properties": {"EventPattern": {"source": ["lambda"]}, "Targets": [{"Id": "t", "Arn": OK}]}}  # fmt: skip
    config = make_event_invoke(success=BUS, failure=BUS)
    template = make_template(Config=config, Rule=rule, Policy=policy, **QUEUES)
    played = play(template, steps(invoke(payload={"order": 7})), script)
    event = record_of(played, "ok")
    assert event["detail-type"] == f"Lambda Function Invocation Result - {result}"
    assert event["resources"] == [arn_of("lambda", "function:work:$LATEST"), BUS]
    assert event["detail"] == json.loads(played.of(DestinationDelivered)[0].record)
    assert event["detail"]["requestPayload"] == {"order": 7}


def test_a_record_that_a_bus_may_not_get_is_lost() -> None:
    template = make_template(Config=make_event_invoke(success=BUS), allow=["logs:*"], **QUEUES)
    played = play(template, steps(invoke()))
    assert "AccessDeniedException" in played.of(DestinationFailed)[0].error


def test_a_record_that_is_larger_than_an_event_may_be_is_lost() -> None:
    template = make_template(Config=make_event_invoke(success=BUS), **QUEUES)
    played = play(template, steps(invoke(payload={"x": "a" * 1_000_000})), Act(result="b" * 100_000))
    assert "over the limit" in played.of(DestinationFailed)[0].error


BUCKET = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "failures"}}


def into_bucket(script: Act, *allow: str) -> Played:
    config = make_event_invoke(failure="arn:aws:s3:::failures")
    template = make_template(Config=config, Failures=BUCKET, allow=["logs:*", *allow])
    return play(template, steps(invoke(payload={"order": 7})), script)


@pytest.mark.rule("E.1-12")
def test_a_bucket_gets_the_record_of_a_failure_under_a_key_that_says_when() -> None:
    played = into_bucket(FAIL, "s3:PutObject", "s3:ListBucket")
    (delivered,) = played.of(DestinationDelivered)
    ((key, _),) = played.summary["buckets"]["failures"]["objects"].items()
    assert re.fullmatch(
        r"aws/lambda/async/work/2025/12/01/2025-12-01T09\.0\d\.\d\d-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", key
    )
    (written,) = played.of(ObjectWritten)
    assert base64.b64decode(written.body or "") == delivered.record.encode()
    assert json.loads(delivered.record)["requestContext"]["condition"] == "RetriesExhausted"


@pytest.mark.parametrize("allowed", ["s3:PutObject", "s3:ListBucket"])
def test_a_role_needs_both_rights_to_leave_a_record_in_a_bucket(allowed: str) -> None:
    played = into_bucket(FAIL, allowed)
    assert "AccessDenied" in played.of(DestinationFailed)[0].error
    assert played.summary["buckets"]["failures"]["object_count"] == 0


def test_a_bucket_that_is_not_there_loses_the_record() -> None:
    config = make_event_invoke(failure="arn:aws:s3:::nowhere")
    played = play(make_template(Config=config), steps(invoke()), FAIL)
    assert "NoSuchBucket" in played.of(DestinationFailed)[0].error


def test_a_bucket_takes_no_records_of_successes() -> None:
    with pytest.raises(ProjectError, match=r"The destination ARN arn:aws:s3:::failures is invalid\."):
        play(make_template(Config=make_event_invoke(success="arn:aws:s3:::failures"), Failures=BUCKET), steps())
