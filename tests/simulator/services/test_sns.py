import json
from typing import Any

import pytest

from lambdalab.simulator.trace.facts import (
    AccessDenied,
    ApiCalled,
    AsyncEventReceived,
    InvocationEnded,
    MessageAccepted,
    MessageSent,
)
from tests.simulator.playing import FAIL, Played, arn_of, call, make_function, make_queue, make_template, play, steps

TOPIC, WORK = arn_of("sns", "news"), arn_of("lambda", "function:work")


def queue_policy(*queues: str, **more: Any) -> dict[str, Any]:
    """A policy that lets the topic send to these queues."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": [arn_of("sqs", queue) for queue in queues],
        "Condition": {"ArnEquals": {"aws:SourceArn": TOPIC}},
        **more,
    }
    properties = {"Queues": [{"Ref": queue.upper()} for queue in queues], "PolicyDocument": {"Statement": statement}}
    return {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}


def permission(**more: Any) -> dict[str, Any]:
    """A permission for the topic to invoke ``work``."""
    usual = {"Action": "lambda:InvokeFunction", "FunctionName": "work", "Principal": "sns.amazonaws.com"}
    return {"Type": "AWS::Lambda::Permission", "Properties": {**usual, "SourceArn": TOPIC, **more}}


RIGHTS = {"Policy": queue_policy("a", "b"), "Permission": permission()}


def publish(*subscriptions: dict[str, Any], message: str = "hello", rights: Any = None, **more: Any) -> Played:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news", "Subscription": list(subscriptions)}}
    queues = {"News": topic, "A": make_queue("a"), "B": make_queue("b")}
    template = make_template(make_function(), **queues, **(rights if rights is not None else RIGHTS))
    return play(template, steps(call("0s", "sns.publish", TopicArn="news", Message=message, **more)))


def to_queue(name: str, **more: Any) -> dict[str, Any]:
    return {"Protocol": "sqs", "Endpoint": arn_of("sqs", name), **more}


def test_a_message_goes_to_every_subscriber() -> None:
    played = publish(
        to_queue("a"), to_queue("b"), {"Protocol": "lambda", "Endpoint": arn_of("lambda", "function:work")}
    )
    assert {fact.queue for fact in played.of(MessageSent)} == {"a", "b"}
    assert len(played.of(AsyncEventReceived)) == 1
    assert played.summary["topics"]["news"] == {"published": 1, "delivered": 3, "failed": 0, "filtered": 0}


def test_a_queue_gets_the_notification_around_the_message() -> None:
    body = json.loads(publish(to_queue("a"), Subject="Hi").of(MessageSent)[0].body)
    assert (body["Type"], body["TopicArn"], body["Subject"], body["Message"]) == ("Notification", TOPIC, "Hi", "hello")


def test_raw_delivery_sends_the_message_alone() -> None:
    assert publish(to_queue("a", RawMessageDelivery=True)).of(MessageSent)[0].body == "hello"


def test_a_function_gets_the_event_that_aws_sends() -> None:
    endpoint = arn_of("lambda", "function:work")
    played = publish({"Protocol": "lambda", "Endpoint": endpoint})
    (received,) = played.of(AsyncEventReceived)
    (record,) = json.loads(received.payload)["Records"]
    assert record["EventSource"] == "aws:sns"
    assert record["EventVersion"] == "1.0"
    assert record["EventSubscriptionArn"] == f"{TOPIC}:1"
    assert (record["Sns"]["Message"], record["Sns"]["TopicArn"]) == ("hello", TOPIC)
    assert received.source == "sns/news"
    assert played.summary["functions"]["work"]["by_source"] == {"sns": 1}


def test_a_subscriber_that_refuses_does_not_stop_the_others() -> None:
    played = publish(to_queue("nowhere"), to_queue("b"))  # no such queue, so no policy that allows it
    assert played.summary["topics"]["news"] == {"published": 1, "delivered": 1, "failed": 1, "filtered": 0}
    assert played.summary["queues"]["b"]["sent"] == 1


@pytest.mark.parametrize(
    ("rights", "missing"),
    [
        ({}, "has no policy of its own"),
        ({"Policy": queue_policy("b")}, "has no policy of its own"),
        ({"Policy": queue_policy("a", Principal={"Service": "s3.amazonaws.com"})}, "is for s3.amazonaws.com only"),
        ({"Policy": queue_policy("a", Condition={"ArnEquals": {"aws:SourceArn": f"{TOPIC}2"}})}, f"here it is {TOPIC}"),
        ({"Policy": queue_policy("a", Action="sqs:ReceiveMessage")}, "no statement that allows"),
        ({"Policy": queue_policy("a", Effect="Deny")}, "a Deny always wins"),
    ],
)
def test_a_queue_that_lets_no_topic_in_stays_empty_and_the_trace_says_why(rights: Any, missing: str) -> None:
    """G.4, G.5: SNS delivers with the rights that the queue's own policy gives it."""
    played = publish(to_queue("a"), rights=rights)
    assert played.of(MessageSent) == []
    assert played.summary["topics"]["news"] == {"published": 1, "delivered": 0, "failed": 1, "filtered": 0}
    (denied,) = played.of(AccessDenied)
    assert (denied.source, denied.principal, denied.action) == ("sns/news", "sns.amazonaws.com", "sqs:SendMessage")
    assert missing in denied.why


@pytest.mark.rule("G.4-01")
@pytest.mark.parametrize(
    ("own", "delivered"),
    [
        ({}, 1),
        ({"SourceArn": f"{TOPIC}2"}, 0),
        ({"SourceAccount": "123456789012"}, 1),
        ({"SourceAccount": "999999999999"}, 0),
        ({"Principal": "events.amazonaws.com"}, 0),
        ({"Principal": "123456789012"}, 0),
        ({"Action": "lambda:GetFunction"}, 0),
        ({"Action": "lambda:*"}, 1),
    ],
)
def test_a_topic_invokes_the_functions_whose_policy_allows_it(own: dict[str, str], delivered: int) -> None:
    """G.3, G.4."""
    played = publish({"Protocol": "lambda", "Endpoint": WORK}, rights={"Permission": permission(**own)})
    assert len(played.of(AsyncEventReceived)) == delivered
    assert played.summary["topics"]["news"]["delivered"] == delivered


@pytest.mark.parametrize(("principal", "error"), [("999999999999", None), ("123456789012", "AuthorizationError")])
def test_a_topic_s_policy_lets_another_account_publish(principal: str, error: str | None) -> None:
    """G.5, rule 4."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "SNS:Publish", "Resource": TOPIC}
    policy = {"Topics": [{"Ref": "News"}], "PolicyDocument": {"Statement": statement}}
    rights = {"Policy": {"Type": "AWS::SNS::TopicPolicy", "Properties": policy}}
    template = make_template(News={"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news"}}, **rights)
    partner = {"as": "arn:aws:iam::999999999999:user/partner"}
    played = play(template, steps({**call("0s", "sns.publish", TopicArn="news", Message="x"), **partner}))
    assert [fact.error for fact in played.of(ApiCalled)] == [error]


def test_a_message_over_256_kilobytes_is_refused() -> None:
    (called,) = publish(to_queue("a"), message="x" * 262_145).of(ApiCalled)
    assert (called.error, called.status) == ("InvalidParameter", 400)
    assert publish(to_queue("a"), message="x" * 262_144).of(MessageAccepted)


def test_a_topic_that_does_not_exist_says_so() -> None:
    played = play(make_template(), steps(call("0s", "sns.publish", TopicArn=arn_of("sns", "no"), Message="x")))
    assert played.of(ApiCalled)[0].error == "NotFound"


@pytest.mark.rule("A.4-04")
def test_a_topic_is_done_when_lambda_has_accepted_and_the_retries_are_those_of_the_queue() -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t", "Subscription": [
        {"Protocol": "lambda", "Endpoint": arn_of("lambda", "function:work")}]}}  # fmt: skip
    allowed = {"FunctionName": "work", "Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com"}
    permission = {"Type": "AWS::Lambda::Permission", "Properties": allowed}
    publish = call("0s", "sns.publish", TopicArn="t", Message="m")
    played = play(make_template(make_function(), T=topic, P=permission), steps(publish), FAIL)
    assert played.summary["calls"]["lambda.invoke"]["count"] == 1
    assert played.summary["topics"]["t"]["delivered"] == 1
    assert len(played.of(InvocationEnded)) == 3
