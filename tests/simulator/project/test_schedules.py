"""AWS::Scheduler::* and what SAM makes of a function's events of type ScheduleV2."""

from typing import Any

import pytest

from lambdalab.simulator.trace.facts import AsyncEventReceived, ScheduleConfigured
from tests.simulator.playing import arn_of, make_function, make_template, play, steps
from tests.simulator.project.test_buses import problems, sam
from tests.simulator.services.scheduler.test_scheduler import WORK, make_role

TICK: dict[str, Any] = {
    "Name": "tick",
    "ScheduleExpression": "rate(1 hour)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": WORK, "RoleArn": {"Fn::GetAtt": ["Clock", "Arn"]}},
}


def template(role: Any = None, **changes: Any) -> dict[str, Any]:
    tick = {name: value for name, value in (TICK | changes).items() if value is not None}
    clock = role or make_role("lambda:InvokeFunction")
    return make_template(make_function(), Tick={"Type": "AWS::Scheduler::Schedule", "Properties": tick}, Clock=clock)


def test_sam_makes_a_schedule_and_its_role() -> None:
    properties = "ScheduleExpression: 'cron(30 10 * * ? *)', ScheduleExpressionTimezone: Europe/Berlin"
    event = f"Tick: {{Type: ScheduleV2, Properties: {{{properties}, Input: '{{\"a\": 1}}'}}}}"
    played = play(sam(event), steps())
    assert [fact.payload for fact in played.of(AsyncEventReceived)] == ['{"a": 1}']
    (configured,) = played.of(ScheduleConfigured)
    assert (configured.schedule, configured.zone) == ("WorkTick", "Europe/Berlin")


@pytest.mark.parametrize(
    ("changes", "message", "severity"),
    [
        ({"ScheduleExpression": "every day"}, "Invalid Schedule Expression every day.", "error"),
        ({"FlexibleTimeWindow": None}, "a schedule needs FlexibleTimeWindow.", "error"),
        ({"FlexibleTimeWindow": "OFF"}, "FlexibleTimeWindow must be a mapping", "error"),
        ({"GroupName": []}, "Schedule group [] does not exist.", "error"),
        ({"Target": {**TICK["Target"], "RetryPolicy": 5}}, "RetryPolicy must be a mapping", "error"),
        ({"Target": {**TICK["Target"], "DeadLetterConfig": "x"}}, "DeadLetterConfig must be a mapping", "error"),
        ({"Target": {"Arn": WORK}}, "the RoleArn of a role", "error"),
        ({"GroupName": "no"}, "Schedule group no does not exist.", "error"),
        ({"KmsKeyArn": "x"}, "has no effect in lambdalab yet", "unsupported"),
        ({"Target": TICK["Target"] | {"Arn": arn_of("ecs", "cluster/c")}}, "does not simulate", "unsupported"),
    ],
)
def test_a_schedule_that_is_wrong_is_told(changes: dict[str, Any], message: str, severity: str) -> None:
    found = [each for each in problems(template(**changes)) if message in each.message]
    assert [each.severity for each in found] == [severity]


def test_a_role_that_the_scheduler_may_not_assume_is_refused_as_aws_does() -> None:
    (problem,) = problems(template(make_role("*", service="events.amazonaws.com")))
    assert problem.severity == "error"
    assert "must allow AWS EventBridge Scheduler to assume the role" in problem.message


def test_a_role_that_lacks_the_right_is_a_warning() -> None:
    (problem,) = problems(template(make_role()))
    assert problem.severity == "warning"
    assert "will reach work never" in problem.message


def test_a_group_of_the_template_can_be_named() -> None:
    group = {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": "night"}}
    made = template(GroupName={"Ref": "Night"})
    made["Resources"]["Night"] = group
    assert problems(made) == []
