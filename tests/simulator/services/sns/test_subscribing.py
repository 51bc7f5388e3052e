import json
from typing import Any

import pytest

from lambdalab.simulator.account.internet import Internet, Page
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.trace.facts import TopicDelivered, TopicGivenUp, TopicRetried, TopicSubscribed
from tests.simulator.desk import output, refused
from tests.simulator.playing import arn_of, call, make_queue, make_template, play, steps
from tests.simulator.project.test_buses import problems
from tests.simulator.services.sns.desk import NEWS, SnsDesk

HOOK = "https://partner.example.com/hook"
WORK = arn_of("lambda", "function:work")


def test_a_subscription_can_be_made_changed_and_unmade_by_calls() -> None:
    desk = SnsDesk()
    arn = output(desk.subscribe())["SubscriptionArn"]
    assert output(desk.subscribe())["SubscriptionArn"] == arn  # it is there
    output(desk.sns("SetSubscriptionAttributes", SubscriptionArn=arn, AttributeName="RawMessageDelivery",
                    AttributeValue="true"))  # fmt: skip
    desk.publish("raw")
    assert desk.bodies() == ["raw"]
    output(desk.sns("SetSubscriptionAttributes", SubscriptionArn=arn, AttributeName="FilterPolicyScope",
                    AttributeValue="MessageBody"))  # fmt: skip
    output(desk.sns("SetSubscriptionAttributes", SubscriptionArn=arn, AttributeName="FilterPolicy",
                    AttributeValue='{"a": ["b"]}'))  # fmt: skip
    shown = output(desk.sns("GetSubscriptionAttributes", SubscriptionArn=arn))["Attributes"]
    assert (shown["RawMessageDelivery"], shown["FilterPolicy"]) == ("true", '{"a": ["b"]}')
    assert [each["SubscriptionArn"] for each in output(desk.sns("ListSubscriptions"))["Subscriptions"]] == [arn]
    output(desk.sns("Unsubscribe", SubscriptionArn=arn))
    desk.publish("gone")
    assert desk.bodies() == ["raw"]
    assert refused(desk.sns("GetSubscriptionAttributes", SubscriptionArn=arn))[1] == "NotFound"
    assert output(desk.sns("ListSubscriptionsByTopic", TopicArn=NEWS)) == {"Subscriptions": []}
    assert output(desk.sns("ListTopics")) == {"Topics": [{"TopicArn": NEWS}]}
    assert output(desk.sns("GetTopicAttributes", TopicArn=NEWS))["Attributes"]["SubscriptionsConfirmed"] == "0"


@pytest.mark.parametrize(
    ("protocol", "endpoint", "attributes", "reason"),
    [
        ("carrier-pigeon", "x", {}, "Amazon SNS does not support this protocol string: carrier-pigeon"),
        ("sqs", "x", {}, "SQS endpoint ARN"),
        ("lambda", arn_of("sqs", "q"), {}, "Lambda endpoint ARN"),
        ("https", "http://example.com", {}, "Endpoint must match the specified protocol"),
        ("sqs", arn_of("sqs", "q.fifo"), {}, "FIFO SQS Queues can not be subscribed to standard SNS topics"),
        ("lambda", WORK, {"RawMessageDelivery": "true"}, "does not support raw message delivery"),
        ("sqs", arn_of("sqs", "q"), {"RawMessageDelivery": "maybe"}, "Invalid value [maybe]"),
        ("sqs", arn_of("sqs", "q"), {"RedrivePolicy": '{"deadLetterTargetArn": "x"}'}, "is an invalid arn"),
        ("sqs", arn_of("sqs", "q"), {"DeliveryPolicy": "{}"}, "does not support a delivery policy"),
        ("sqs", arn_of("sqs", "q"), {"Colour": "red"}, "AttributeName"),
    ],
)
def test_a_subscription_that_is_wrong_is_refused(
    protocol: str, endpoint: str, attributes: dict[str, str], reason: str
) -> None:
    _, code, message = refused(SnsDesk().subscribe(protocol, endpoint, **attributes))
    assert code == "InvalidParameter"
    assert reason in message


def test_subscribers_that_nobody_can_be_here_are_said_not_to_be_simulated() -> None:
    assert refused(SnsDesk().subscribe("email", "ada@example.org"))[1] == "NotSimulated"


def test_a_fifo_topic_has_no_functions_and_no_web_hosts_as_subscribers() -> None:
    desk = SnsDesk(fifo=True)
    assert "Invalid protocol type: lambda" in refused(desk.subscribe("lambda", WORK))[2]
    assert "Invalid protocol type: https" in refused(desk.subscribe("https", HOOK))[2]


def test_a_host_that_answers_confirms_and_gets_the_messages() -> None:
    desk = SnsDesk(pages={HOOK: Page(200)})
    assert output(desk.subscribe("https", HOOK)) == {"SubscriptionArn": "pending confirmation"}
    desk.wait(1)
    assert [fact.state for fact in desk.of(TopicSubscribed)] == ["pending", "confirmed"]
    desk.publish("hello", Subject="Hi")
    (delivered,) = desk.of(TopicDelivered)
    told = json.loads(delivered.body)
    assert (told["Type"], told["Message"], told["Subject"], told["TopicArn"]) == ("Notification", "hello", "Hi", NEWS)


def test_a_host_that_does_not_answer_stays_pending_and_gets_nothing() -> None:
    desk = SnsDesk()
    desk.subscribe("https", HOOK)
    desk.publish()
    listed = output(desk.sns("ListSubscriptionsByTopic", TopicArn=NEWS))["Subscriptions"]
    assert [each["SubscriptionArn"] for each in listed] == ["PendingConfirmation"]
    assert desk.of(TopicDelivered) == []


def test_a_token_confirms_too() -> None:
    desk = SnsDesk()
    desk.subscribe("https", HOOK)
    token = desk.topic.subscriptions[0].token
    assert refused(desk.sns("ConfirmSubscription", TopicArn=NEWS, Token="no"))[2] == "Invalid parameter: Token"
    output(desk.sns("ConfirmSubscription", TopicArn=NEWS, Token=token))
    assert desk.topic.subscriptions[0].state == "confirmed"


@pytest.mark.parametrize(("status", "retries"), [(500, 3), (429, 3), (404, 0), (301, 0)])
def test_an_http_endpoint_is_tried_again_for_errors_that_may_pass(status: int, retries: int) -> None:
    desk = SnsDesk(pages={HOOK: Page(200)})
    desk.subscribe("https", HOOK)
    desk.wait(1)
    desk.world.internet = Internet({HOOK: Page(status)})
    desk.publish()
    desk.wait(300)
    assert len(desk.of(TopicRetried)) == retries
    assert [fact.attempts for fact in desk.of(TopicGivenUp)] == [retries + 1]


def test_a_host_gets_the_message_alone_with_raw_delivery() -> None:
    desk = SnsDesk(pages={HOOK: Page(204)})
    desk.subscribe("https", HOOK, RawMessageDelivery="true")
    desk.wait(1)
    desk.publish("hello")
    assert [fact.body for fact in desk.of(TopicDelivered)] == ["hello"]


def test_a_template_says_all_of_a_subscription() -> None:
    subscription: dict[str, Any] = {
        "Type": "AWS::SNS::Subscription",
        "Properties": {
            "TopicArn": {"Ref": "News"},
            "Protocol": "sqs",
            "Endpoint": {"Fn::GetAtt": ["Inbox", "Arn"]},
            "RawMessageDelivery": True,
            "FilterPolicyScope": "MessageBody",
            "FilterPolicy": {"n": [{"numeric": [">", 1]}]},
            "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dlq", "Arn"]}},
        },
    }
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news"}}
    template = make_template(News=topic, Inbox=make_queue("inbox"), Dlq=make_queue(), Sub=subscription)
    publish = [call("0s", "sns.publish", TopicArn="News", Message=f'{{"n": {n}}}') for n in (1, 2)]
    played = play(template, steps(*publish))
    assert played.summary["topics"]["news"] == {"published": 2, "delivered": 0, "failed": 1, "filtered": 1}
    assert [fact.dead_letter_error for fact in played.of(TopicGivenUp)] != [None]  # no policy lets SNS in


def test_a_fifo_topic_of_a_template_needs_its_ending() -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news", "FifoTopic": True}}
    (problem,) = problems(make_template(News=topic))
    assert "must end with .fifo" in problem.message


def test_subscriptions_of_a_topic_are_a_list() -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"Subscription": -1}}
    with pytest.raises(ProjectError, match="Subscription must be a list of subscriptions"):
        play(make_template(Topic=topic), steps())
    play(make_template(Topic=topic | {"Properties": {"Subscription": None}}), steps())
