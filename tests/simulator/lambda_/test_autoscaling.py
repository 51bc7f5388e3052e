"""Application Auto Scaling of provisioned concurrency. Fact C.4."""

from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.trace.facts import AlarmChanged, ApiCalled, CapacityScaled, ProvisionedChanged
from tests.simulator.lambda_.test_provisioned import live
from tests.simulator.playing import Played, call, invoke, play, seconds, steps

WHO = {
    "ServiceNamespace": "lambda",
    "ResourceId": "function:work:live",
    "ScalableDimension": "lambda:function:ProvisionedConcurrency",
}
TRACKING = {
    "TargetValue": 0.5,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "LambdaProvisionedConcurrencyUtilization"},
}
BUSY = Act(takes=seconds(2.5))


def scaling(operation: str, at: str = "1s", **params: Any) -> dict[str, Any]:
    return call(at, f"application-autoscaling.{operation}", **{**WHO, **params})


def register(low: int = 1, high: int = 10, at: str = "1s", **more: Any) -> dict[str, Any]:
    return scaling("register_scalable_target", at, MinCapacity=low, MaxCapacity=high, **more)


def track(at: str = "2s", **config: Any) -> dict[str, Any]:
    given = {"PolicyName": "track", "PolicyType": "TargetTrackingScaling"}
    return scaling(
        "put_scaling_policy", at, **given, TargetTrackingScalingPolicyConfiguration={**TRACKING, **config}
    )


def load(count: int, minutes: int, at: str = "60s") -> dict[str, Any]:
    """So many requests at once, every five seconds, for so many minutes."""
    return invoke(at, kind="RequestResponse", function="work:live", rate={"per_second": count, "for": f"{minutes}m"})


def scaled(played: Played) -> list[tuple[int, int]]:
    return [(fact.before, fact.wanted) for fact in played.of(CapacityScaled)]


def refusals(played: Played) -> list[tuple[str | None, str | None]]:
    return [(fact.error, fact.message) for fact in played.of(ApiCalled) if fact.error]


@pytest.mark.rule("C.4-12")
def test_three_minutes_above_the_target_scale_out_in_proportion() -> None:
    played = play(live(2), steps(register(), track(), load(1, 6)), BUSY)
    assert scaled(played)[0][0] == 2
    assert 2 < scaled(played)[0][1] <= 4
    assert played.times(CapacityScaled)[0] == pytest.approx(240, abs=1)
    assert [fact.requested for fact in played.of(ProvisionedChanged)][-1] == scaled(played)[-1][1]
    changes = [fact for fact in played.of(AlarmChanged) if fact.state == "ALARM"]
    assert changes[0].alarm.startswith("TargetTracking-function:work:live-AlarmHigh-")


def test_it_scales_out_to_the_maximum_at_most() -> None:
    assert {wanted for _, wanted in scaled(play(live(2), steps(register(1, 3), track(), load(2, 10)), BUSY))} == {3}


def test_fifteen_minutes_below_nine_tenths_of_the_target_scale_in() -> None:
    light = invoke("0s", kind="RequestResponse", function="work:live", repeat={"count": 40, "every": "30s"})
    played = play(live(8), steps(register(2, 10), track(), light))
    assert scaled(played) == [(8, 2)]
    assert played.times(CapacityScaled)[0] == pytest.approx(900, abs=1)


def test_without_requests_nothing_is_scaled_in() -> None:
    assert scaled(play(live(8), steps(register(), track(), invoke("2h"), until="2h"))) == []


def test_scale_in_can_be_switched_off() -> None:
    light = invoke("0s", kind="RequestResponse", function="work:live", repeat={"count": 40, "every": "30s"})
    assert scaled(play(live(8), steps(register(), track(DisableScaleIn=True), light))) == []


def test_a_cooldown_is_waited_for() -> None:
    heavy = load(3, 20)
    without = scaled(play(live(1), steps(register(1, 100), track(), heavy), BUSY))
    with_it = scaled(play(live(1), steps(register(1, 100), track(ScaleOutCooldown=3_600), heavy), BUSY))
    assert len(without) > len(with_it) == 1


def test_a_deleted_policy_does_nothing_any_more() -> None:
    delete = scaling("delete_scaling_policy", "30s", PolicyName="track")
    assert scaled(play(live(2), steps(register(), track(), delete, load(1, 6)), BUSY)) == []


@pytest.mark.rule("C.4-12")
def test_a_scheduled_action_sets_bounds_and_the_capacity_within_them() -> None:
    """Virtual time begins at 09:00."""
    up = scaling("put_scheduled_action", ScheduledActionName="up", Schedule="cron(30 9 * * ? *)",
                 ScalableTargetAction={"MinCapacity": 5, "MaxCapacity": 9})  # fmt: skip
    down = scaling("put_scheduled_action", ScheduledActionName="down", Schedule="at(2025-12-01T10:00:00)",
                   ScalableTargetAction={"MinCapacity": 0, "MaxCapacity": 0})  # fmt: skip
    played = play(live(2), steps(register(at="0s"), up, down, until="2h"))
    assert scaled(played) == [(2, 5), (5, 0)]
    assert [round(at) for at in played.times(CapacityScaled)] == [1_800, 3_600]
    assert [fact.cause[-4:].strip() for fact in played.of(CapacityScaled)] == ["n up", "down"]


def test_an_action_within_its_time_only() -> None:
    window = {"StartTime": "2025-12-01T09:10:00Z", "EndTime": "2025-12-01T09:20:00Z"}
    every = scaling("put_scheduled_action", ScheduledActionName="x", Schedule="rate(8 minutes)", **window,
                    ScalableTargetAction={"MinCapacity": 5})  # fmt: skip
    played = play(live(2), steps(register(at="0s"), every, until="1h"))
    assert [round(at) for at in played.times(CapacityScaled)] == [pytest.approx(961, abs=1)]


def test_what_lambda_refuses_is_told() -> None:
    up = scaling("put_scheduled_action", ScheduledActionName="up", Schedule="rate(5 minutes)",
                 ScalableTargetAction={"MinCapacity": 950, "MaxCapacity": 950})  # fmt: skip
    (fact, *_) = play(live(2), steps(register(at="0s"), up, until="6m")).of(CapacityScaled)
    assert (fact.error or "").startswith("InvalidParameterValueException: Specified ConcurrentExecutions for function")


def test_descriptions_show_what_was_put() -> None:
    names = ("scalable_targets", "scaling_policies", "scheduled_actions")
    asks = [call("5s", f"application-autoscaling.describe_{name}", ServiceNamespace="lambda") for name in names]
    assert refusals(play(live(2), steps(register(), track(), *asks))) == []


@pytest.mark.parametrize(
    ("entry", "error", "words"),
    [
        (track(), "ObjectNotFoundException", "No scalable target registered for service namespace: lambda"),
        (register(3, 2), "ValidationException", "Maximum capacity cannot be less than minimum capacity"),
        (register(ResourceId="function:work:$LATEST"), "ValidationException", "Unsupported resource ID"),
        (register(ResourceId="function:other:live"), "ValidationException", "Unsupported resource ID"),
        (scaling("register_scalable_target", MinCapacity=1), "ValidationException", "are required when registering"),
        (register(ServiceNamespace="ecs"), "NotSimulated", "provisioned concurrency of Lambda only"),
        (scaling("delete_scheduled_action", ScheduledActionName="x"), "ObjectNotFoundException", "No scheduled action"),
    ],
)
def test_what_cannot_be_scaled_is_refused(entry: dict[str, Any], error: str, words: str) -> None:
    ((code, message),) = refusals(play(live(2), steps(entry)))
    assert code == error
    assert words in (message or "")


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        (track(TargetValue=70.0), "ValidationException"),
        (track(PredefinedMetricSpecification={"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}),
         "ValidationException"),
        (scaling("put_scaling_policy", "2s", PolicyName="x", PolicyType="StepScaling"), "NotSimulated"),
        (scaling("put_scheduled_action", "2s", ScheduledActionName="x", Schedule="daily",
                 ScalableTargetAction={"MinCapacity": 1}), "ValidationException"),
        (scaling("put_scheduled_action", "2s", ScheduledActionName="x", Schedule="rate(1 day)"), "ValidationException"),
    ],
)  # fmt: skip
def test_a_policy_or_action_that_cannot_be_is_refused(entry: dict[str, Any], error: str) -> None:
    assert [code for code, _ in refusals(play(live(2), steps(register(), entry)))] == [error]


def a_template(config: Any = None, **target: Any) -> dict[str, Any]:
    template = live(2)
    template["Resources"] |= {
        "Target": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "DependsOn": "Live", "Properties": {
            **WHO, "ResourceId": {"Fn::Sub": "function:${Work}:live"}, "MinCapacity": 1, "MaxCapacity": 10, **target}},
        "Policy": {"Type": "AWS::ApplicationAutoScaling::ScalingPolicy", "Properties": {
            "PolicyName": "track", "PolicyType": "TargetTrackingScaling", "ScalingTargetId": {"Ref": "Target"},
            "TargetTrackingScalingPolicyConfiguration": config or TRACKING}},
    }  # fmt: skip
    return template


def test_a_template_scales_by_policy_and_by_schedule() -> None:
    action = {"ScheduledActionName": "up", "Schedule": "at(2025-12-01T09:30:00)",
              "ScalableTargetAction": {"MinCapacity": 9}}  # fmt: skip
    played = play(a_template(ScheduledActions=[action]), steps(load(1, 6), until="1h"), BUSY)
    assert played.of(CapacityScaled)[0].cause.startswith("utilization is")
    assert played.of(CapacityScaled)[-1].cause == "the scheduled action up"
    assert scaled(played)[-1][1] == 9


@pytest.mark.parametrize(
    ("template", "words"),
    [
        (a_template(MinCapacity="two"), "a scalable target needs MinCapacity, a whole number."),
        (a_template(MinCapacity=11), "Maximum capacity cannot be less than minimum capacity"),
        (a_template(ResourceId="function:work:prod"), "Unsupported resource ID"),
        (a_template(ServiceNamespace="ecs"), "has no effect in lambdalab: lambda is simulated."),
        (a_template({**TRACKING, "TargetValue": "high"}), "Parameter validation failed"),
        (a_template(ScheduledActions=[{"Schedule": "rate(1 day)"}]), "Parameter validation failed"),
        (a_template(SuspendedState={}), "the property SuspendedState of AWS::ApplicationAutoScaling::ScalableTarget"),
    ],
)
def test_a_template_that_cannot_be_is_refused_with_its_line(template: Any, words: str) -> None:
    with pytest.raises(ProjectError) as refused:
        play(template, steps())
    assert words in str(refused.value)
