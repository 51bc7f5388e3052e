import json
from typing import Any

from lambdalab.simulator.trace.facts import ApiCalled, AsyncEventReceived, MessagePublished, MessageSent
from tests.simulator.playing import Played, arn_of, call, make_function, make_queue, make_template, play, steps

TOPIC = arn_of("sns", "news")


def publish(*subscriptions: dict[str, Any], message: str = "hello", **more: Any) -> Played:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news", "Subscription": list(subscriptions)}}
    template = make_template(make_function(), News=topic, A=make_queue("a"), B=make_queue("b"))
    return play(template, steps(call("0s", "sns.publish", TopicArn="news", Message=message, **more)))


def to_queue(name: str, **more: Any) -> dict[str, Any]:
    return {"Protocol": "sqs", "Endpoint": arn_of("sqs", name), **more}


def test_a_message_goes_to_every_subscriber() -> None:
    played = publish(
        to_queue("a"), to_queue("b"), {"Protocol": "lambda", "Endpoint": arn_of("lambda", "function:work")}
    )
    assert {fact.queue for fact in played.of(MessageSent)} == {"a", "b"}
    assert len(played.of(AsyncEventReceived)) == 1
    assert played.summary["topics"]["news"] == {"published": 1, "delivered": 3, "failed": 0}


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
    played = publish(to_queue("nowhere"), to_queue("b"))
    assert [(fact.delivered, fact.failed) for fact in played.of(MessagePublished)] == [(1, 1)]
    assert played.summary["queues"]["b"]["sent"] == 1


def test_a_message_over_256_kilobytes_is_refused() -> None:
    (called,) = publish(to_queue("a"), message="x" * 262_145).of(ApiCalled)
    assert (called.error, called.status) == ("InvalidParameter", 400)
    assert publish(to_queue("a"), message="x" * 262_144).of(MessagePublished)


def test_a_topic_that_does_not_exist_says_so() -> None:
    played = play(make_template(), steps(call("0s", "sns.publish", TopicArn=arn_of("sns", "no"), Message="x")))
    assert played.of(ApiCalled)[0].error == "NotFound"
