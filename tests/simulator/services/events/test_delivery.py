import json
from typing import Any

import pytest

from lambdalab.simulator.account.iam import read_policy
from lambdalab.simulator.kernel import HOUR, MINUTE, Micros
from lambdalab.simulator.trace.facts import (
    AccessDenied,
    AsyncEventReceived,
    EventDuplicated,
    EventPut,
    InvocationEnded,
    MessageAccepted,
    MessageSent,
    TargetGivenUp,
    TargetReached,
    TargetRetried,
)
from tests.simulator.playing import FAIL, Played, arn_of, make_function, make_queue, make_template, play, steps
from tests.simulator.services.events.desk import EventsDesk, failing
from tests.simulator.services.events.rules import BUS, INVOKE, WORK, bodies, lets_in, make_rule, put
from tests.simulator.services.events.test_rules import allow

INBOX, DLQ = arn_of("sqs", "inbox"), arn_of("sqs", "dlq")
QUEUES = {"Inbox": make_queue("inbox"), "Dlq": make_queue("dlq"), "Policy": lets_in("inbox", "dlq")}


def target(arn: str, **more: Any) -> dict[str, Any]:
    return {"Id": "t", "Arn": arn, **more}


def played_with(*targets: Any, script: Any = None, faults: Any = (), **resources: Any) -> Played:
    template = make_template(make_function(), Bus=BUS, Rule=make_rule(*targets), **(QUEUES | resources))
    return play(template, steps(put({"n": 1}), faults=list(faults)), script)


@pytest.mark.rule("G.4-02")
@pytest.mark.parametrize(("rights", "invoked"), [({"Permission": INVOKE}, 1), ({}, 0)])
def test_a_function_s_policy_must_let_eventbridge_in(rights: Any, invoked: int) -> None:
    played = played_with(WORK, **rights)
    assert len(played.of(AsyncEventReceived)) == invoked
    assert len(played.of(AccessDenied)) == 1 - invoked
    assert played.summary["buses"]["shop"]["delivered"] == invoked


@pytest.mark.rule("A.4-05")
def test_eventbridge_is_done_when_lambda_has_accepted_and_the_retries_are_those_of_the_queue() -> None:
    played = played_with(WORK, script=FAIL, Permission=INVOKE)
    assert played.summary["calls"]["lambda.invoke"]["count"] == 1
    assert len(played.of(TargetReached)) == 1
    assert len(played.of(InvocationEnded)) == 3


def test_a_rule_reaches_all_of_its_targets() -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news"}}
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish",
                 "Resource": arn_of("sns", "news")}  # fmt: skip
    policy = {"Type": "AWS::SNS::TopicPolicy",
              "Properties": {"Topics": [{"Ref": "News"}], "PolicyDocument": {"Statement": statement}}}  # fmt: skip
    played = played_with(INBOX, WORK, arn_of("sns", "news"), Permission=INVOKE, News=topic, TopicPolicy=policy)
    assert len(played.of(MessageSent)) == len(played.of(AsyncEventReceived)) == len(played.of(MessageAccepted)) == 1
    assert played.summary["buses"]["shop"] == {"put": 1, "matched": 1, "delivered": 3, "failed": 0}


def test_a_fifo_queue_gets_the_message_group_of_the_target() -> None:
    fifo = make_queue("in.fifo", FifoQueue=True, ContentBasedDeduplication=True)
    played = played_with(
        target(arn_of("sqs", "in.fifo"), SqsParameters={"MessageGroupId": "g"}), In=fifo, Pol=lets_in("in.fifo")
    )
    assert [fact.group for fact in played.of(MessageSent)] == ["g"]


def test_an_error_that_stays_is_not_tried_again_and_goes_to_the_dead_letter_queue() -> None:
    played = played_with(target(WORK, DeadLetterConfig={"Arn": DLQ}))
    (given_up,) = played.of(TargetGivenUp)
    assert (given_up.attempts, given_up.code, given_up.condition) == (1, "NO_PERMISSIONS", None)
    assert given_up.dead_letter == DLQ
    assert played.of(TargetRetried) == []
    (message,) = [fact for fact in played.of(MessageSent) if fact.queue == "dlq"]
    assert json.loads(message.body)["detail"] == {"n": 1}
    assert message.attributes == {
        "RULE_ARN": arn_of("events", "rule/shop/orders"),
        "TARGET_ARN": WORK,
        "ERROR_CODE": "NO_PERMISSIONS",
        "ERROR_MESSAGE": given_up.error.partition(": ")[2],
        "RETRY_ATTEMPTS": "0",
    }
    assert played.summary["buses"]["shop"]["failed"] == 1


def test_a_target_that_is_gone_is_not_tried_again() -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "*", "Resource": "*"}
    desk = EventsDesk()
    allow(desk)
    desk.world.iam.set_policy(arn_of("sqs", "gone"), read_policy({"Statement": statement}, "p", "resource-based"))
    desk.rule()
    desk.targets({"Arn": arn_of("sqs", "gone")})
    desk.put()
    desk.wait(1)
    assert [(fact.code, fact.attempts) for fact in desk.of(TargetGivenUp)] == [("NO_RESOURCE", 1)]


def test_a_dead_letter_queue_that_lets_nobody_in_loses_the_event() -> None:
    played = played_with(target(WORK, DeadLetterConfig={"Arn": DLQ}), Policy=lets_in("inbox"))
    (given_up,) = played.of(TargetGivenUp)
    assert given_up.dead_letter is None
    assert str(given_up.dead_letter_error).startswith("AccessDeniedException")


def hour_of_trouble(**policy: int) -> EventsDesk:
    desk = EventsDesk(failing("sqs.send_message", "ServiceUnavailable", Micros(24 * HOUR)))
    allow(desk)
    desk.rule()
    desk.targets({"RetryPolicy": policy} if policy else {})
    desk.put()
    return desk


def test_an_error_that_passes_is_tried_again_until_it_has_passed() -> None:
    desk = EventsDesk(failing("sqs.send_message", "ServiceUnavailable", Micros(10 * MINUTE)))
    allow(desk)
    desk.rule()
    desk.targets({})
    desk.put()
    desk.wait(3_600)
    (reached,) = desk.of(TargetReached)
    assert reached.attempts == len(desk.of(TargetRetried)) + 1
    delays = [fact.delay_us / 1e6 for fact in desk.of(TargetRetried)]
    for number, delay in enumerate(delays):
        assert min(600, 2**number) / 2 <= delay <= min(600, 2**number)


def test_without_a_policy_a_target_is_tried_186_times_or_for_a_day() -> None:
    """F.4: 185 retries and 24 hours."""
    desk = hour_of_trouble()
    desk.wait(86_300)
    (given_up,) = desk.of(TargetGivenUp) or [None]
    assert given_up is None or given_up.attempts == 186
    assert 140 < len(desk.of(TargetRetried)) <= 185


def test_retries_end_after_their_number() -> None:
    desk = hour_of_trouble(MaximumRetryAttempts=3)
    desk.wait(3_600)
    (given_up,) = desk.of(TargetGivenUp)
    assert (given_up.attempts, given_up.condition, given_up.code) == (4, "MaximumRetryAttempts", "ERROR_FROM_TARGET")


def test_no_retries_means_one_attempt() -> None:
    desk = hour_of_trouble(MaximumRetryAttempts=0)
    desk.wait(3_600)
    assert [fact.attempts for fact in desk.of(TargetGivenUp)] == [1]


def test_retries_end_before_the_event_becomes_too_old() -> None:
    desk = hour_of_trouble(MaximumEventAgeInSeconds=60)
    desk.wait(3_600)
    (given_up,) = desk.of(TargetGivenUp)
    assert given_up.condition == "MaximumEventAgeInSeconds"
    assert given_up.age_us <= 60_000_000


def test_a_throttled_function_still_accepts_what_a_rule_sends() -> None:
    played = played_with(
        WORK, Permission=INVOKE, faults=[{"fail": "lambda.invoke", "with": "TooManyRequestsException", "until": "5s"}]
    )
    assert played.of(TargetRetried)
    assert all(fact.error.startswith("TooManyRequestsException") for fact in played.of(TargetRetried))
    assert len(played.of(AsyncEventReceived)) == 1


def test_the_fault_duplicate_gives_a_rule_an_event_twice() -> None:
    played = played_with(INBOX, faults=[{"duplicate": "eventbridge"}])
    first, second = bodies(played, "inbox")
    assert first == second
    assert len(played.of(EventDuplicated)) == 1


def role(service: str) -> dict[str, Any]:
    trust = {"Statement": {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}}
    allowed = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": "*"}
    policies = [{"PolicyName": "p", "PolicyDocument": {"Statement": allowed}}]
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"RoleName": "forward", "AssumeRolePolicyDocument": trust, "Policies": policies},
    }


@pytest.mark.parametrize(
    ("service", "code"), [("events.amazonaws.com", None), ("other.amazonaws.com", "FAILED_TO_ASSUME_ROLE")]
)
def test_a_rule_sends_to_another_bus_with_the_role_of_its_target(service: str, code: str | None) -> None:
    bus = {"Type": "AWS::Events::EventBus", "Properties": {"Name": "audit"}}
    forward = target(arn_of("events", "event-bus/audit"), RoleArn={"Fn::GetAtt": ["Forward", "Arn"]})
    second = make_rule(INBOX, Name="all", EventBusName={"Ref": "Audit"})
    played = played_with(forward, Audit=bus, Forward=role(service), Second=second)
    assert [fact.code for fact in played.of(TargetGivenUp)] == ([code] if code else [])
    if code is None:
        assert [(fact.bus, fact.put_by) for fact in played.of(EventPut)] == [
            ("shop", "scenario"),
            ("audit", "events/orders"),
        ]
        assert bodies(played, "inbox")[0]["detail"] == {"n": 1}


def test_a_template_that_the_event_breaks_is_given_up() -> None:
    transformer = {"InputPathsMap": {"x": "$.detail.x"}, "InputTemplate": '"<x>"'}
    template = make_template(Bus=BUS, Rule=make_rule(target(INBOX, InputTransformer=transformer)), **QUEUES)
    played = play(template, steps(put({"x": 'say "no"'})))
    assert [fact.code for fact in played.of(TargetGivenUp)] == ["INVALID_JSON"]


def test_the_same_seed_gives_the_same_trace() -> None:
    assert played_with(INBOX, WORK).trace == played_with(INBOX, WORK).trace
