"""AWS::Events::* and what SAM makes of a function's events."""

import json
from typing import Any

import pytest

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import AsyncEventReceived, RuleConfigured, RuleFired
from tests.simulator.playing import CODE, arn_of, as_files, call, make_function, make_queue, make_template, play, steps
from tests.simulator.services.events.rules import BUS, INVOKE, WORK, make_rule

SAM = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Bus:
    Type: AWS::Events::EventBus
    Properties: {Name: shop}
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Events:
        EVENT
"""


def sam(event: str) -> str:
    return SAM.replace("EVENT", event)


def problems(template: Any) -> list[Problem]:
    files = {**CODE, **as_files(template)}
    return problems_of(read_template(files))


def test_sam_makes_a_rule_and_a_permission_of_an_eventbridge_rule() -> None:
    event = "Big: {Type: EventBridgeRule, Properties: {EventBusName: !Ref Bus, Pattern: {source: [shop]}}}"
    put = call("0s", "events.put_events", Entries=[
        {"Source": "shop", "DetailType": "O", "Detail": "{}", "EventBusName": "Bus"}])  # fmt: skip
    played = play(sam(event), steps(put))
    assert [json.loads(fact.payload)["source"] for fact in played.of(AsyncEventReceived)] == ["shop"]


def test_sam_takes_the_old_name_too() -> None:
    event = "Old: {Type: CloudWatchEvent, Properties: {Pattern: {source: [shop]}, InputPath: $.detail}}"
    put = call("0s", "events.put_events", Entries=[{"Source": "shop", "DetailType": "O", "Detail": '{"n": 1}'}])
    assert [fact.payload for fact in play(sam(event), steps(put)).of(AsyncEventReceived)] == ['{"n":1}']


def test_sam_makes_a_rule_of_a_schedule() -> None:
    event = "Tick: {Type: Schedule, Properties: {Schedule: rate(30 minutes), Input: '{\"a\": 1}'}}"
    played = play(sam(event), steps())
    assert len(played.of(RuleFired)) == 1
    assert [fact.payload for fact in played.of(AsyncEventReceived)] == ['{"a": 1}']


def test_sam_makes_a_dead_letter_queue_and_a_retry_policy() -> None:
    event = (
        "Tick: {Type: Schedule, Properties: {Schedule: rate(30 minutes), DeadLetterConfig: {Type: SQS}, "
        "RetryPolicy: {MaximumRetryAttempts: 1}}}"
    )
    played = play(sam(event), steps(faults=[{"fail": "lambda.invoke", "with": "ServiceException"}]))
    (queue,) = played.summary["queues"].values()
    assert queue["sent"] == 1


def test_a_wrong_schedule_is_told_at_its_line() -> None:
    (problem,) = problems(sam("Tick: {Type: Schedule, Properties: {Schedule: cron(0 9 * * MON-FRI *)}}"))
    assert "Parameter ScheduleExpression is not valid." in problem.message
    assert problem.line == 15
    assert "one of the two day fields is ?" in problem.fix


@pytest.mark.parametrize(
    ("changes", "message", "severity"),
    [
        ({"EventPattern": {"source": "shop"}}, '"source" must be an object or an array', "error"),
        ({"EventPattern": None}, "EventPattern or ScheduleExpression must be specified", "error"),
        ({"EventBusName": "no"}, "Event bus no does not exist.", "error"),
        ({"State": "ON"}, "State must be one of ENABLED", "error"),
        ({"Targets": "work"}, "Targets must be a list", "error"),
        ({"Targets": [{"Id": "t", "Arn": arn_of("states", "stateMachine:s")}]}, "does not simulate", "unsupported"),
        ({"Targets": [{"Id": f"t{n}", "Arn": WORK} for n in range(6)]}, "at most 5 targets", "error"),
        ({"Targets": [{"Id": "t", "Arn": WORK}] * 2}, "two targets have the Id t", "error"),
        ({"ManagedBy": "x"}, "has no effect in lambdalab yet", "unsupported"),
    ],
)
def test_a_rule_that_is_wrong_is_told(changes: dict[str, Any], message: str, severity: str) -> None:
    template = make_template(make_function(), Bus=BUS, Rule=make_rule(**changes), Permission=INVOKE)
    found = [each for each in problems(template) if message in each.message]
    assert [each.severity for each in found] == [severity]


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        ({"Type": "AWS::Events::EventBus", "Properties": {"Name": "default"}}, "the default bus exists already"),
        (
            {"Type": "AWS::Events::EventBusPolicy", "Properties": {"StatementId": "s", "EventBusName": "no"}},
            "Event bus no does not exist.",
        ),
        (
            {"Type": "AWS::Events::EventBusPolicy", "Properties": {"Action": "events:PutEvents", "Principal": "*"}},
            "a statement needs a StatementId",
        ),
        (
            {"Type": "AWS::Events::EventBusPolicy", "Properties": {"StatementId": "s", "Statement": {"Effect": "Yes"}}},
            "Effect",
        ),
    ],
)
def test_a_bus_or_its_policy_that_is_wrong_is_told(resource: dict[str, Any], message: str) -> None:
    assert any(message in each.message for each in problems(make_template(X=resource)))


def test_a_rule_that_will_reach_nobody_is_a_warning() -> None:
    (problem,) = problems(make_template(make_function(), Bus=BUS, Rule=make_rule(WORK)))
    assert problem.severity == "warning"
    assert "this rule will reach work never" in problem.message


def test_a_role_of_a_target_that_is_not_there_is_told() -> None:
    target = {"Id": "t", "Arn": arn_of("sqs", "dlq"), "RoleArn": "arn:aws:iam::123456789012:role/no"}
    template = make_template(Bus=BUS, Rule=make_rule(target), Dlq=make_queue())
    assert any("there is no role" in each.message for each in problems(template))


def test_names_of_rules_and_buses_are_those_of_cloudformation() -> None:
    function = make_function(
        Environment={
            "Variables": {
                "BUS": {"Ref": "Bus"},
                "BUS_ARN": {"Fn::GetAtt": ["Bus", "Arn"]},
                "RULE": {"Ref": "Rule"},
                "RULE_ARN": {"Fn::GetAtt": ["Rule", "Arn"]},
                "PLAIN": {"Ref": "Plain"},
                "PLAIN_ARN": {"Fn::GetAtt": ["Plain", "Arn"]},
            }
        }
    )
    plain = make_rule(Name="plain", EventBusName=None)
    template = make_template(function, Bus=BUS, Rule=make_rule(), Plain=plain)
    read = read_template({**CODE, **as_files(template)})
    assert read.resources["Work"].properties["Environment"]["Variables"] == {
        "BUS": "shop",
        "BUS_ARN": arn_of("events", "event-bus/shop"),
        "RULE": "shop|orders",
        "RULE_ARN": arn_of("events", "rule/shop/orders"),
        "PLAIN": "plain",
        "PLAIN_ARN": arn_of("events", "rule/plain"),
    }


def test_a_template_s_rules_are_there_when_a_run_begins() -> None:
    played = play(make_template(make_function(), Bus=BUS, Rule=make_rule(WORK)), steps())
    (rule,) = played.of(RuleConfigured)
    assert (rule.bus, rule.rule, rule.state, rule.targets) == ("shop", "orders", "ENABLED", (("t0", WORK),))
