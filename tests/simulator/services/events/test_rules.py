import json
from typing import Any

import pytest

from lambdalab.simulator.account.iam import read_policy
from lambdalab.simulator.trace.facts import MessageSent, RuleConfigured
from tests.simulator.desk import output, refused
from tests.simulator.playing import arn_of
from tests.simulator.services.events.desk import EventsDesk


def allow(desk: EventsDesk) -> None:
    """Let EventBridge send to the queues."""
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "*", "Resource": "*"}
    for name in ("inbox", "dlq"):
        policy = read_policy({"Statement": statement}, "the queue policy", "resource-based")
        desk.world.iam.set_policy(arn_of("sqs", name), policy)


def test_a_rule_can_be_made_changed_and_unmade_by_calls() -> None:
    desk = EventsDesk()
    allow(desk)
    assert output(desk.rule(Description="d")) == {"RuleArn": arn_of("events", "rule/r")}
    assert output(desk.targets({})) == {"FailedEntryCount": 0, "FailedEntries": []}
    desk.put()
    desk.wait(1)
    assert len(desk.of(MessageSent)) == 1
    assert output(desk.events("DescribeRule", Name="r"))["State"] == "ENABLED"
    assert output(desk.events("ListRuleNamesByTarget", TargetArn=arn_of("sqs", "inbox"))) == {"RuleNames": ["r"]}
    assert output(desk.events("ListTargetsByRule", Rule="r"))["Targets"][0]["Id"] == "t"
    assert refused(desk.events("DeleteRule", Name="r"))[2] == "Rule can't be deleted since it has targets."
    desk.events("DisableRule", Name="r")
    desk.put()
    desk.wait(1)
    assert len(desk.of(MessageSent)) == 1
    desk.events("EnableRule", Name="r")
    desk.events("RemoveTargets", Rule="r", Ids=["t"])
    desk.put()
    desk.wait(1)
    assert len(desk.of(MessageSent)) == 1
    output(desk.events("DeleteRule", Name="r"))
    output(desk.events("DeleteRule", Name="r"))
    assert output(desk.events("ListRules")) == {"Rules": []}
    assert [fact.state for fact in desk.of(RuleConfigured)][-1] == "DISABLED"


def test_a_rule_that_is_put_again_keeps_its_targets() -> None:
    desk = EventsDesk()
    desk.rule()
    desk.targets({})
    desk.rule(EventPattern='{"source": ["other"]}')
    assert len(output(desk.events("ListTargetsByRule", Rule="r"))["Targets"]) == 1


@pytest.mark.parametrize(
    ("params", "code", "text"),
    [
        (
            {"EventPattern": ""},
            "ValidationException",
            "Parameter(s) EventPattern or ScheduleExpression must be specified.",
        ),
        (
            {"EventPattern": '{"a": "b"}'},
            "InvalidEventPatternException",
            'Event pattern is not valid. Reason: "a" must be an object or an array',
        ),
        (
            {"ScheduleExpression": "cron(0 9 * * * *)"},
            "ValidationException",
            "Parameter ScheduleExpression is not valid.",
        ),
        (
            {"ScheduleExpression": "at(2026-01-01T00:00:00)"},
            "ValidationException",
            "Parameter ScheduleExpression is not valid.",
        ),
        ({"EventBusName": "no"}, "ResourceNotFoundException", "Event bus no does not exist."),
        ({"EventPattern": json.dumps({"a": ["x" * 5_000]})}, "ValidationException", "The event pattern is longer"),
    ],
)
def test_a_rule_that_is_wrong_is_refused_in_aws_s_words(params: dict[str, Any], code: str, text: str) -> None:
    status, found, message = refused(EventsDesk().rule(**params))
    assert (status, found) == (400, code)
    assert message.startswith(text)


def test_a_schedule_is_for_the_default_bus_only() -> None:
    desk = EventsDesk()
    desk.events("CreateEventBus", Name="shop")
    answer = desk.rule(EventPattern="", ScheduleExpression="rate(1 minute)", EventBusName="shop")
    assert refused(answer)[2] == "ScheduleExpression is supported only on the default event bus."


@pytest.mark.parametrize(
    ("target", "code", "text"),
    [
        ({"Arn": "nonsense"}, "ValidationException", "Parameter nonsense is not valid. Reason: Provided Arn is not in"),
        ({"Arn": arn_of("firehose", "deliverystream/s")}, "NotSimulated", "lambdalab does not simulate"),
        ({"Arn": "arn:aws:sqs:us-east-1:999999999999:q"}, "NotSimulated", "lambdalab does not simulate"),
        ({"Arn": arn_of("sqs", "a.fifo")}, "ValidationException", "Parameter(s) SqsParameters must be specified"),
        ({"Arn": arn_of("sns", "a.fifo")}, "ValidationException", "Parameter arn:aws:sns"),
        (
            {"Input": "{}", "InputPath": "$"},
            "ValidationException",
            "Only one of Input, InputPath, or InputTransformer must be provided for target t.",
        ),
        ({"Input": "no json"}, "ValidationException", "Parameter Input is not valid for target t."),
        ({"InputPath": "detail"}, "ValidationException", "Invalid InputPath for target t."),
        (
            {"InputTransformer": {"InputTemplate": '"<x>"'}},
            "ValidationException",
            "Invalid InputTemplate for target t : the variable <x> is not in InputPathsMap.",
        ),
        (
            {"InputTransformer": {"InputTemplate": "no quotes"}},
            "ValidationException",
            "Invalid InputTemplate for target t : it is neither",
        ),
        (
            {"InputTransformer": {"InputPathsMap": {"aws.x": "$.a"}, "InputTemplate": '"a"'}},
            "ValidationException",
            "Invalid InputTemplate for target t : the variable aws.x is reserved.",
        ),
        (
            {"Input": '"' + "x" * 8_191 + '"'},
            "ValidationException",
            "Input of target t is longer than 8192 characters.",
        ),
        (
            {"InputPath": "$." + "x" * 255},
            "ValidationException",
            "InputPath of target t is longer than 256 characters.",
        ),
        (
            {"InputTransformer": {"InputTemplate": '"' + "x" * 8_191 + '"'}},
            "ValidationException",
            "InputTemplate of target t is longer than 8192 characters.",
        ),
        (
            {"InputTransformer": {"InputPathsMap": {f"v{n}": "$.id" for n in range(101)}, "InputTemplate": '"a"'}},
            "ValidationException",
            "InputPathsMap of target t has more than 100 variables.",
        ),
        ({"DeadLetterConfig": {"Arn": arn_of("sqs", "d.fifo")}}, "ValidationException", "Parameter DeadLetterConfig"),
        ({"RetryPolicy": {"MaximumRetryAttempts": 186}}, "ValidationException", "1 validation error detected"),
        ({"RetryPolicy": {"MaximumEventAgeInSeconds": 60 * 60 * 25}}, "ValidationException", "1 validation error"),
        ({"EcsParameters": {"TaskDefinitionArn": "x"}}, "NotSimulated", "lambdalab does not simulate Ecs"),
    ],
)
def test_a_target_that_is_wrong_is_refused(target: dict[str, Any], code: str, text: str) -> None:
    desk = EventsDesk()
    desk.rule()
    _, found, message = refused(desk.targets(target))
    assert found == code
    assert message.startswith(text)


def test_a_rule_has_five_targets() -> None:
    desk = EventsDesk()
    desk.rule()
    output(desk.targets(*({"Id": f"t{n}"} for n in range(5))))
    output(desk.targets({"Id": "t4"}))  # the same again
    assert refused(desk.targets({"Id": "t5"}))[1] == "LimitExceededException"
    assert refused(desk.targets({}, rule="no"))[2] == "Rule no does not exist on EventBus default."


def test_buses_can_be_made_and_unmade_by_calls() -> None:
    desk = EventsDesk()
    assert output(desk.events("CreateEventBus", Name="shop")) == {"EventBusArn": arn_of("events", "event-bus/shop")}
    assert refused(desk.events("CreateEventBus", Name="shop"))[2] == "Event bus shop already exists."
    assert [each["Name"] for each in output(desk.events("ListEventBuses"))["EventBuses"]] == ["default", "shop"]
    assert output(desk.events("ListEventBuses", NamePrefix="s", Limit=1))["EventBuses"][0]["Name"] == "shop"
    desk.rule(EventBusName="shop")
    assert refused(desk.events("DeleteEventBus", Name="shop"))[1] == "ValidationException"
    desk.events("DeleteRule", Name="r", EventBusName="shop")
    output(desk.events("DeleteEventBus", Name="shop"))
    output(desk.events("DeleteEventBus", Name="shop"))
    assert refused(desk.events("DescribeEventBus", Name="shop"))[2] == "Event bus shop does not exist."
    assert refused(desk.events("DeleteEventBus", Name="default"))[2] == "Cannot delete event bus default."


def test_a_bus_s_policy_can_be_changed_by_calls() -> None:
    desk = EventsDesk()
    output(desk.events("PutPermission", StatementId="s", Action="events:PutEvents", Principal="999999999999"))
    shown = json.loads(output(desk.events("DescribeEventBus"))["Policy"])
    assert shown["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::999999999999:root"}
    assert refused(desk.events("PutPermission", Policy="no json"))[1] == "ValidationException"
    output(desk.events("RemovePermission", StatementId="s"))
    assert "Policy" not in output(desk.events("DescribeEventBus"))
    assert refused(desk.events("RemovePermission", StatementId="s"))[1] == "ResourceNotFoundException"


def test_a_pattern_can_be_tried_before_it_is_used() -> None:
    desk = EventsDesk()
    event = {"id": "1", "source": "shop", "account": "1", "time": "t", "region": "r", "resources": [],
             "detail-type": "d"}  # fmt: skip
    for pattern, expected in (('{"source": ["shop"]}', True), ('{"source": ["x"]}', False)):
        answer = desk.events("TestEventPattern", EventPattern=pattern, Event=json.dumps(event))
        assert output(answer) == {"Result": expected}
    assert refused(desk.events("TestEventPattern", EventPattern="{}", Event="{}"))[1] == "InvalidEventPatternException"
    assert refused(desk.events("TestEventPattern", EventPattern='{"a": ["b"]}', Event="{}"))[1] == "ValidationException"
