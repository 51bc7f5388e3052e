"""CodeDeploy: an alias moves to a new version while hooks and alarms watch. Fact K.6."""

from typing import Any

import pytest

from lambdalab.simulator.lambda_.codedeploy import shifts_of
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.trace.facts import (
    AlarmChanged,
    AliasDeleted,
    ApiCalled,
    DeploymentEnded,
    FunctionUpdated,
    HookAnswered,
    InvocationEnded,
    StackUpdateEnded,
    TrafficShifted,
)
from tests.simulator.playing import FAIL, Played, call, invoke, play, steps

FILES = {f"{folder}/app.py": f"# {folder}".encode() for folder in ("next", "broken", "hooks")}
TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      Runtime: python3.13
      Handler: app.handler
      CodeUri: src/
      AutoPublishAlias: live
      DeploymentPreference:
        Type: TYPE
        Alarms: [!Ref Failing]
        HOOKS
  Hook:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: HOOKNAME
      Runtime: python3.13
      Handler: app.handler
      CodeUri: hooks/
      Policies:
        - Statement: [{Effect: Allow, Action: "codedeploy:PutLifecycleEventHookExecutionStatus", Resource: "*"}]
  Failing:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: failing
      Namespace: AWS/Lambda
      MetricName: Errors
      Dimensions: [{Name: FunctionName, Value: !Ref Work}, {Name: Resource, Value: "work:live"}]
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
"""


def template(kind: str = "Canary10Percent5Minutes", hooks: str = "", name: str = "CodeDeployHook_ask") -> str:
    made = TEMPLATE.replace("TYPE", kind).replace("HOOKNAME", name)
    return made.replace("HOOKS", f"Hooks: {{{hooks}}}" if hooks else "")


def acting(function: Any, event: Any, count: int) -> Act:
    if function.code_folder == "broken":
        return FAIL
    if function.code_folder != "hooks":
        return Act(result=function.code_folder)
    answer = {
        "deploymentId": event["DeploymentId"],
        "lifecycleEventHookExecutionId": event["LifecycleEventHookExecutionId"],
        "status": "Succeeded",
    }
    return Act(calls=(("codedeploy", "PutLifecycleEventHookExecutionStatus", answer),))


def refusing(function: Any, event: Any, count: int) -> Act:
    act = acting(function, event, count)
    calls = tuple((service, operation, params | {"status": "Failed"}) for service, operation, params in act.calls)
    return Act(act.status, act.result, calls=calls)


def silent(function: Any, event: Any, count: int) -> Act:
    return Act()


def silence(function: Any, event: Any, count: int) -> Act:
    return Act() if function.code_folder == "hooks" else acting(function, event, count)


def deployed(
    made: str, *entries: dict[str, Any], code: str = "next/", script: Any = acting, at: str = "10s"
) -> Played:
    deploy = {"at": at, "deploy": {"code": {"Work": code}}}
    return play(made, steps(deploy, *entries), script, files=FILES)


def every_second(count: int) -> dict[str, Any]:
    return invoke("0s", kind="RequestResponse", function="work:live", repeat={"count": count, "every": "1s"})


def shifts(played: Played) -> list[tuple[int, float]]:
    """Minutes since the first one, and the new version's weight."""
    times, found = played.times(TrafficShifted), played.of(TrafficShifted)
    return [(round((at - times[0]) / 60), fact.weight) for at, fact in zip(times, found, strict=True)]


@pytest.mark.rule("K.6-01", "K.6-02")
@pytest.mark.parametrize(
    ("name", "minutes", "parts"),
    [
        ("AllAtOnce", 0, 1),
        *((f"Canary10Percent{minutes}Minutes", minutes, 2) for minutes in (5, 10, 15, 30)),
        ("Linear10PercentEvery1Minute", 9, 10),
        *((f"Linear10PercentEvery{minutes}Minutes", 9 * minutes, 10) for minutes in (2, 3, 10)),
    ],
)
def test_the_nine_configurations_shift_traffic_at_their_own_pace(name: str, minutes: int, parts: int) -> None:
    found = shifts_of(f"CodeDeployDefault.Lambda{name}")
    assert found is not None
    assert (len(found), found[-1][1]) == (parts, 1.0)
    assert sum(wait for wait, _ in found) == minutes * 60_000_000
    assert found[0] == (0, 1.0 if name == "AllAtOnce" else 0.1)


@pytest.mark.parametrize("name", ["Canary50Percent5Minutes", "Linear10PercentEvery5Minutes", "Canary10Percent5Minute"])
def test_a_configuration_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(ProjectError, match="is none of Lambda's predefined ones"):
        play(template(name), steps(), files=FILES)


@pytest.mark.rule("K.6-01")
def test_a_canary_gets_a_tenth_and_after_its_wait_everything() -> None:
    played = deployed(template())
    assert shifts(played) == [(0, 0.1), (5, 1.0)]
    (row,) = played.summary["deployments"]
    expected = {"function": "work", "alias": "live", "from": "1", "to": "2", "weights": [0.1, 1.0]}
    assert {key: row[key] for key in expected} == expected
    assert (row["outcome"], row["reason"]) == ("Succeeded", None)


@pytest.mark.rule("K.6-01")
def test_a_linear_deployment_gives_a_tenth_more_each_time() -> None:
    played = deployed(template("Linear10PercentEvery2Minutes"))
    assert shifts(played) == [(2 * n, round((n + 1) / 10, 1)) for n in range(10)]


def test_a_run_lasts_until_the_deployment_is_over() -> None:
    assert deployed(template("Linear10PercentEvery10Minutes")).summary["run"]["virtual_s"] > 90 * 60


def test_users_see_both_versions_while_a_canary_is_out() -> None:
    played = deployed(template(), every_second(600))
    seen = [fact.payload for fact in played.of(InvocationEnded)]
    assert set(seen[:10]) == {'"src"'}
    assert set(seen[20:300]) == {'"src"', '"next"'}
    assert set(seen[-200:]) == {'"next"'}


@pytest.mark.rule("K.6-05")
def test_a_canary_that_fails_is_rolled_back_by_its_alarm_and_few_users_have_seen_it() -> None:
    """The whole of it: the alarm, the alias, the stack, and what users saw."""
    played = deployed(template(), every_second(900), code="broken/", at="70s")
    (ended,) = played.of(DeploymentEnded)
    assert (ended.outcome, ended.reason) == ("RolledBack", "The alarm failing is in ALARM.")
    assert [fact.state for fact in played.of(AlarmChanged)] == ["OK", "ALARM", "OK"]
    ends = zip(played.times(InvocationEnded), played.of(InvocationEnded), strict=True)
    errors = [at for at, fact in ends if fact.status == "error"]
    rolled_back = played.times(DeploymentEnded)[0]
    assert 1 <= len(errors) <= 20
    assert max(errors) < rolled_back < 121
    assert [weight for _, weight in shifts(played)] == [0.1, 0.0]
    assert [fact.status for fact in played.of(StackUpdateEnded)] == ["UPDATE_ROLLBACK_COMPLETE"]
    assert [fact.code_folder for fact in played.of(FunctionUpdated)] == ["broken", "src"]
    assert played.summary["functions"]["work"]["by_version"]["2"] == len(errors)


def test_all_at_once_leaves_an_alarm_nothing_to_stop() -> None:
    played = deployed(template("AllAtOnce"), every_second(120), code="broken/")
    assert played.summary["deployments"][0]["outcome"] == "Succeeded"
    assert played.summary["functions"]["work"]["errors"] > 90


def test_an_alarm_that_rings_already_lets_no_deployment_begin() -> None:
    broken = template().replace("CodeUri: src/", "CodeUri: broken/")
    played = play(
        broken,
        steps(every_second(240), {"at": "150s", "deploy": {"code": {"Work": "next/"}}}),
        acting,
        files=FILES,
    )
    assert [weight for _, weight in shifts(played)] == [0.0]


@pytest.mark.rule("K.2-06", "K.6-04")
def test_a_hook_is_really_invoked_and_lets_the_traffic_pass() -> None:
    played = deployed(template(hooks="PreTraffic: !Ref Hook, PostTraffic: !Ref Hook"))
    assert [(fact.event, fact.status) for fact in played.of(HookAnswered)] == [
        ("BeforeAllowTraffic", "Succeeded"),
        ("AfterAllowTraffic", "Succeeded"),
    ]
    assert played.summary["functions"]["CodeDeployHook_ask"]["invocations"] == 2


@pytest.mark.rule("K.6-04", "K.6-05")
def test_a_hook_that_says_no_keeps_all_traffic_from_the_new_version() -> None:
    played = deployed(template(hooks="PreTraffic: !Ref Hook"), script=refusing)
    assert [weight for _, weight in shifts(played)] == [0.0]
    assert played.of(DeploymentEnded)[0].reason == (
        "The hook CodeDeployHook_ask of BeforeAllowTraffic did not succeed: Failed."
    )


def test_a_hook_after_the_traffic_can_still_take_it_all_back() -> None:
    played = deployed(template("AllAtOnce", hooks="PostTraffic: !Ref Hook"), script=refusing)
    assert [weight for _, weight in shifts(played)] == [1.0, 0.0]


@pytest.mark.rule("K.6-06")
def test_a_hook_that_never_answers_is_waited_for_an_hour() -> None:
    played = deployed(template(hooks="PreTraffic: !Ref Hook"), script=silent)
    assert played.of(HookAnswered)[0].status == "no answer"
    assert 3_600 < played.times(DeploymentEnded)[0] < 3_620


@pytest.mark.rule("K.6-05")
def test_an_alarm_that_goes_off_while_a_hook_after_the_traffic_is_waited_for_takes_it_all_back() -> None:
    made = template("AllAtOnce", hooks="PostTraffic: !Ref Hook")
    played = deployed(made, every_second(300), code="broken/", script=silence)
    assert [weight for _, weight in shifts(played)] == [1.0, 0.0]
    assert played.of(DeploymentEnded)[0].reason == "The alarm failing is in ALARM."
    assert played.times(DeploymentEnded)[0] <= 121
    assert played.of(HookAnswered) == []


def test_an_alarm_that_goes_off_while_a_hook_before_the_traffic_is_waited_for_keeps_it_away() -> None:
    made = template(hooks="PreTraffic: !Ref Hook").replace("CodeUri: src/", "CodeUri: broken/")
    played = deployed(made, every_second(300), script=silence)
    assert [weight for _, weight in shifts(played)] == [0.0]
    assert 59 < played.times(DeploymentEnded)[0] <= 61


@pytest.mark.rule("G.1-08")
def test_codedeploys_managed_role_may_invoke_hooks_by_their_name_only() -> None:
    played = deployed(template(hooks="PreTraffic: !Ref Hook", name="ask"))
    assert [fact.status for fact in played.of(ApiCalled) if fact.source == "codedeploy"] == [403]
    assert played.summary["deployments"][0]["outcome"] == "RolledBack"


def test_a_hook_cannot_answer_for_a_deployment_that_is_not_its_own() -> None:
    def lying(function: Any, event: Any, count: int) -> Act:
        act = acting(function, event, count)
        calls = tuple((service, name, params | {"deploymentId": "d-000000000"}) for service, name, params in act.calls)
        return Act(act.status, act.result, calls=calls)

    played = deployed(template(hooks="PreTraffic: !Ref Hook"), script=lying)
    errors = {fact.error for fact in played.of(ApiCalled) if fact.service == "codedeploy"}
    assert errors == {"InvalidLifecycleEventHookExecutionIdException"}


def test_a_hook_answers_once() -> None:
    def twice(function: Any, event: Any, count: int) -> Act:
        act = acting(function, event, count)
        return Act(act.status, act.result, calls=act.calls + refusing(function, event, count).calls)

    played = deployed(template("AllAtOnce", hooks="PreTraffic: !Ref Hook"), script=twice)
    answers = [fact.error for fact in played.of(ApiCalled) if fact.service == "codedeploy"]
    assert answers == [None, "LifecycleEventAlreadyCompletedException"]
    assert played.summary["deployments"][0]["outcome"] == "Succeeded"


def test_a_version_that_is_deleted_before_it_gets_traffic_ends_the_deployment() -> None:
    """While the hook is asked, no alias leads to the new version, so it may be deleted."""
    away = call("40s", "lambda.delete_function", FunctionName="work", Qualifier="2")
    late = invoke("2h", kind="RequestResponse", function="work:live")
    played = deployed(template(hooks="PreTraffic: !Ref Hook"), away, late, script=on_second_thought(acting))
    (ended,) = played.of(DeploymentEnded)
    assert ended.outcome == "RolledBack"
    assert ended.reason == "Function not found: arn:aws:lambda:us-east-1:123456789012:function:work:2"
    assert [fact.payload for fact in played.of(InvocationEnded)][-1] == '"src"'


def test_an_alias_that_is_deleted_in_a_deployment_is_not_led_anywhere() -> None:
    away = call("60s", "lambda.delete_alias", FunctionName="work", Name="live")
    played = deployed(template(), away)
    assert played.of(DeploymentEnded)[0].outcome == "RolledBack"
    assert [fact.weight for fact in played.of(TrafficShifted)] == [0.1]
    assert [fact.alias for fact in played.of(AliasDeleted)] == ["live"]


def test_an_old_version_that_is_deleted_cannot_be_rolled_back_to() -> None:
    """After the shift no alias leads to it any more, while a hook is still asked."""
    away = call("40s", "lambda.delete_function", FunctionName="work", Qualifier="1")
    late = invoke("2h", kind="RequestResponse", function="work:live")
    made = template("AllAtOnce", hooks="PostTraffic: !Ref Hook")
    played = deployed(made, away, late, script=on_second_thought(refusing))
    assert [weight for _, weight in shifts(played)] == [1.0]
    assert [fact.payload for fact in played.of(InvocationEnded)][-1] == '"next"'


def on_second_thought(script: Any) -> Any:
    """A hook fails at its first attempt, and answers when it is tried again, a minute later."""

    def acts(function: Any, event: Any, count: int) -> Act:
        return FAIL if function.code_folder == "hooks" and count == 1 else script(function, event, count)

    return acts
