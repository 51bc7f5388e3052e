"""Updates of queues, topics and subscriptions."""

import json
from typing import Any

import pytest

from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.trace.facts import ApiCalled, MessageReceived, MessageSent, StepPlayed
from tests.simulator import streams
from tests.simulator.playing import call, make_queue, make_template
from tests.simulator.project.updating.updates import changes, ended, reason, update
from tests.simulator.services.test_sns import RIGHTS, TOPIC, to_queue

QUEUES = {"A": make_queue("a"), "B": make_queue("b")}


def topic(*subscriptions: dict[str, Any], name: str = "news", **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name, "Subscription": list(subscriptions), **more}}


def subscription(queue: str = "a", **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": TOPIC, **to_queue(queue), **more}}


def published(at: str) -> dict[str, Any]:
    return call(at, "sns.publish", TopicArn=TOPIC, Message="x")


def test_attributes_of_a_queue_change_and_its_messages_stay() -> None:
    receive = call("12s", "sqs.receive_message", QueueUrl="Orders")
    send = call("1s", "sqs.send_message", QueueUrl="Orders", MessageBody="x")
    again = call("35s", "sqs.receive_message", QueueUrl="Orders")
    later = make_queue("orders", VisibilityTimeout=20)
    played = update({"Orders": make_queue("orders")}, {"Orders": later}, send, receive, again)
    assert changes(played) == [("Orders", "updated", "orders")]
    assert len(played.of(MessageReceived)) == 2  # 20 s, not 30, after the first time


def test_an_attribute_that_leaves_the_template_is_as_usual_again() -> None:
    before = make_queue("orders", DelaySeconds=9, RedrivePolicy={
        "deadLetterTargetArn": {"Fn::GetAtt": "Dead.Arn"}, "maxReceiveCount": 2})  # fmt: skip
    ask = call("20s", "sqs.get_queue_attributes", QueueUrl="Orders", AttributeNames=["All"])
    played = update(
        {"Orders": before, "Dead": make_queue("dead")},
        {"Orders": make_queue("orders"), "Dead": make_queue("dead")},
        ask,
    )
    (fact,) = [fact for fact in played.of(ApiCalled) if fact.operation == "SetQueueAttributes"]
    assert fact.source == "cloudformation"
    assert ended(played) == "UPDATE_COMPLETE"


def test_another_name_is_another_queue_and_the_old_one_goes_with_its_messages() -> None:
    send = call("1s", "sqs.send_message", QueueUrl="Orders", MessageBody="x")
    then = call("20s", "sqs.send_message", QueueUrl="Orders", MessageBody="y")
    gone = call(
        "21s", "sqs.send_message", QueueUrl="https://sqs.us-east-1.amazonaws.com/123456789012/orders", MessageBody="z"
    )
    played = update({"Orders": make_queue("orders")}, {"Orders": make_queue("bills")}, send, then, gone)
    assert changes(played) == [("Orders", "replaced", "bills"), ("Orders", "deleted", "orders")]
    assert [fact.queue for fact in played.of(MessageSent)] == ["orders", "bills"]
    assert played.of(StepPlayed)[-1].outcome.startswith("400 ")


def test_a_replacement_under_the_same_name_is_refused_and_everything_is_put_back() -> None:
    keyed = streams.make_table("t")
    other = json.loads(json.dumps(keyed).replace('"AttributeName": "id", "KeyType"', '"AttributeName": "n", "KeyType"'))
    slow = make_queue("orders", VisibilityTimeout=5)
    played = update({"T": keyed, "Orders": make_queue("orders")}, {"T": other, "Orders": slow})
    assert ended(played) == "UPDATE_ROLLBACK_COMPLETE"
    assert reason(played) == (
        "T: CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename t and update "
        "the stack again."
    )
    set_ = [fact for fact in played.of(ApiCalled) if fact.operation == "SetQueueAttributes"]
    assert len(set_) == 2  # there, and back again


def test_a_queue_that_is_retained_stays_when_it_leaves_the_template() -> None:
    kept = make_queue("orders") | {"DeletionPolicy": "Retain"}
    send = call("20s", "sqs.send_message", QueueUrl="orders", MessageBody="x")
    played = update({"Orders": kept, "Gone": make_queue("gone")}, {"More": make_queue("more")}, send)
    assert changes(played) == [("More", "created", "more"), ("Gone", "deleted", "gone")]
    assert played.summary["queues"]["orders"]["visible"] == 1


def test_a_name_that_is_taken_is_refused() -> None:
    stray = {"at": "1s", "call": "scheduler.create_schedule_group", "with": {"Name": "nightly"}}
    group = {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": "nightly"}}
    played = update({}, {"Extra": make_queue("extra"), "Nightly": group}, stray)
    assert ended(played) == "UPDATE_ROLLBACK_COMPLETE"
    assert "nightly already exists" in reason(played)
    assert "extra" not in played.summary["queues"] or played.summary["queues"]["extra"]["visible"] == 0


def test_subscriptions_come_and_change_and_go() -> None:
    parts = {"News": topic(), **QUEUES, **RIGHTS}
    before = parts | {"First": subscription("a")}
    policy = {"FilterPolicy": {"kind": ["order"]}}
    after = parts | {"First": subscription("a", **policy), "Second": subscription("b", RawMessageDelivery=True)}
    played = update(before, after, published("1s"), published("30s"))
    assert [fact.queue for fact in played.of(MessageSent)] == ["a", "b"]
    assert played.of(MessageSent)[-1].body == "x"
    assert [each[:2] for each in changes(played)] == [("First", "updated"), ("Second", "created")]
    back = update(after, before, published("1s"), published("30s"))
    assert [fact.queue for fact in back.of(MessageSent)] == ["b", "a"]


def test_another_end_is_another_subscription() -> None:
    parts = {"News": topic(), **QUEUES, **RIGHTS}
    played = update(
        parts | {"S": subscription("a")}, parts | {"S": subscription("b")}, published("1s"), published("30s")
    )
    assert [each[1] for each in changes(played)] == ["replaced", "deleted"]
    assert [fact.queue for fact in played.of(MessageSent)] == ["a", "b"]


def test_a_topics_own_list_of_subscriptions_may_change() -> None:
    parts = {**QUEUES, **RIGHTS}
    before, after = parts | {"News": topic(to_queue("a"))}, parts | {"News": topic(to_queue("b"), DisplayName="News")}
    played = update(before, after, published("1s"), published("30s"))
    assert [fact.queue for fact in played.of(MessageSent)] == ["a", "b"]


def test_a_policy_that_leaves_the_template_lets_nobody_in_any_more() -> None:
    parts = {**QUEUES, "News": topic(to_queue("a"), to_queue("b")), "Permission": RIGHTS["Permission"]}
    played = update(parts | {"Policy": RIGHTS["Policy"]}, parts, published("1s"), published("30s"))
    assert [fact.queue for fact in played.of(MessageSent)] == ["a", "b"]


def test_a_resource_whose_generated_name_would_change_is_told_before_the_run() -> None:
    machine = {"Type": "AWS::StepFunctions::StateMachine"}
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    usual = {"Definition": definition, "RoleArn": {"Fn::GetAtt": "Role.Arn"}}
    after = machine | {"Properties": usual | {"StateMachineType": "EXPRESS"}}
    with pytest.raises(ProjectError, match="Give it a StateMachineName in both templates"):
        update(with_machines(M=machine | {"Properties": usual}), with_machines(M=after))


def with_machines(**resources: Any) -> dict[str, Any]:
    trusted = json.dumps(["lambda.amazonaws.com", "states.amazonaws.com"])
    template: dict[str, Any] = json.loads(
        json.dumps(make_template(**resources)).replace('"lambda.amazonaws.com"', trusted)
    )
    return template
