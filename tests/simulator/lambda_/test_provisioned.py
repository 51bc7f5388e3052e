"""Provisioned concurrency. Facts C.2, C.4 and X.3."""

import json
from collections import Counter
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.trace.facts import (
    ApiCalled,
    EnvironmentCreated,
    EnvironmentEnded,
    InvocationEnded,
    InvocationStarted,
    InvocationThrottled,
    LogLine,
    ProvisionedChanged,
    ProvisionedDeleted,
    ProvisionedInitialised,
    ProvisionedRateExceeded,
    ProvisionedSpilled,
    ProvisionedUsed,
)
from tests.simulator.desk import Desk, refused
from tests.simulator.playing import Played, call, invoke, make_function, make_template, play, seconds, steps

TOO_LITTLE_LEFT = (
    "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum "
    "value of [100]."
)
LONG = Act(takes=seconds(5))
VERSION = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Work"}}}


def live(amount: int | None = 2, **function: Any) -> dict[str, Any]:
    """A function ``work`` whose alias ``live`` has so much provisioned."""
    properties: dict[str, Any] = {
        "FunctionName": {"Ref": "Work"},
        "Name": "live",
        "FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]},
    }
    if amount is not None:
        properties["ProvisionedConcurrencyConfig"] = {"ProvisionedConcurrentExecutions": amount}
    alias = {"Type": "AWS::Lambda::Alias", "Properties": properties}
    return make_template(make_function(**function), Version=VERSION, Live=alias)


def at_once(count: int, at: str = "60s", function: str = "work:live") -> dict[str, Any]:
    return invoke(at, kind="RequestResponse", function=function, repeat={"count": count})


def put(at: str, amount: int, qualifier: str = "live") -> dict[str, Any]:
    named = {"FunctionName": "work", "Qualifier": qualifier, "ProvisionedConcurrentExecutions": amount}
    return call(at, "lambda.put_provisioned_concurrency_config", **named)


def refusals(played: Played) -> list[tuple[int, str | None]]:
    return [(fact.status, fact.message) for fact in played.of(ApiCalled) if fact.error]


@pytest.mark.rule("C.2-03", "C.4-09")
def test_provisioned_environments_are_warm_before_anybody_asks() -> None:
    played = play(live(), steps(at_once(2)), LONG)
    assert len(played.of(EnvironmentCreated)) == 2
    assert [fact.cold for fact in played.of(InvocationStarted)] == [False, False]
    assert [fact.in_use for fact in played.of(ProvisionedUsed)] == [1, 2]


@pytest.mark.rule("C.2-08", "C.5-01")
def test_what_exceeds_the_allocation_spills_over_and_may_be_cold() -> None:
    played = play(live(), steps(at_once(5)), LONG)
    assert sorted(fact.cold for fact in played.of(InvocationStarted)) == [False, False, True, True, True]
    assert len(played.of(ProvisionedSpilled)) == 3


@pytest.mark.rule("B.4-07", "C.4-09")
def test_the_report_has_no_init_duration_and_init_report_came_at_allocation() -> None:
    lines = [line.text for line in play(live(1), steps(at_once(1))).of(LogLine)]
    assert [line for line in lines if line.startswith("REPORT") and "Init Duration" in line] == []
    (report,) = [line for line in lines if line.startswith("INIT_REPORT")]
    assert report.endswith("Phase: init\tStatus: success")
    assert lines.index(report) < next(n for n, line in enumerate(lines) if line.startswith("START"))


@pytest.mark.rule("C.4-05", "C.4-06")
def test_an_allocation_takes_a_minute_or_two_and_serves_when_all_of_it_is_ready() -> None:
    played = play(live(None), steps(put("0s", 300), at_once(1, "30s"), at_once(1, "300s")))
    assert [(fact.status, fact.allocated) for fact in played.of(ProvisionedChanged)] == [
        ("IN_PROGRESS", 0),
        ("READY", 300),
    ]
    assert 63 < played.times(ProvisionedChanged)[1] < 125
    assert [fact.cold for fact in played.of(InvocationStarted)] == [True, False]


def test_what_is_ready_serves_while_more_is_allocated() -> None:
    played = play(live(1), steps(put("10s", 3), at_once(1, "20s"), at_once(3, "300s")), LONG)
    assert len(played.of(ProvisionedUsed)) == 4
    assert len(played.of(EnvironmentCreated)) == 3


def test_provisioned_environments_do_not_expire() -> None:
    played = play(live(1), steps(at_once(1, "3h")))
    assert [fact.cold for fact in played.of(InvocationStarted)] == [False]


@pytest.mark.rule("C.4-10")
def test_after_two_hours_a_successor_is_ready_before_the_old_one_goes() -> None:
    played = play(live(2), steps(at_once(2, "119m"), at_once(2, "121m")), LONG)
    assert len(played.of(EnvironmentCreated)) == 4
    assert [fact.reason for fact in played.of(EnvironmentEnded)] == ["replaced", "replaced"]
    assert [round(at / 60) for at in played.times(EnvironmentCreated)[2:]] == [120, 120]
    assert [fact.cold for fact in played.of(InvocationStarted)] == [False] * 4
    assert len(played.of(ProvisionedUsed)) == 4
    assert [fact.billed_ms for fact in played.of(ProvisionedInitialised)] == [0] * 4


def test_an_old_environment_at_work_finishes_before_it_is_replaced() -> None:
    played = play(live(1), steps(at_once(1, "7199s")), Act(takes=seconds(2.5)))
    assert played.times(EnvironmentEnded) == played.times(InvocationEnded)
    assert played.of(InvocationEnded)[0].status == "ok"


def test_what_is_deleted_is_not_recycled() -> None:
    away = call("1h", "lambda.delete_provisioned_concurrency_config", FunctionName="work", Qualifier="live")
    played = play(live(1), steps(away, invoke("3h")))
    assert len([fact for fact in played.of(EnvironmentCreated) if fact.version == "1"]) == 1
    assert [fact.qualifier for fact in played.of(ProvisionedDeleted)] == ["live"]


@pytest.mark.rule("C.1-06")
def test_ten_requests_a_second_for_each_environment_and_the_next_spills_over() -> None:
    """C.1: the requests are short, so that an environment is always free."""
    burst = invoke("60s", kind="RequestResponse", function="work:live", repeat={"count": 60, "every": "10ms"})
    played = play(live(2), steps(burst, at_once(1, "70s")))
    assert played.of(ProvisionedSpilled) == []
    assert len(played.of(ProvisionedRateExceeded)) == 60 - 20 - 11  # what is refilled within 600 ms at 20 a second
    assert len(played.of(ProvisionedUsed)) == 20 + 11 + 1
    assert len(played.of(InvocationEnded)) == 61


def test_asynchronous_events_have_no_such_limit() -> None:
    burst = invoke("60s", function="work:live", repeat={"count": 60, "every": "12ms"})
    assert play(live(2), steps(burst)).of(ProvisionedRateExceeded) == []


def test_how_many_are_in_use_is_counted_for_each_alias() -> None:
    change = call("1s", "lambda.update_function_configuration", FunctionName="work", MemorySize=256)
    publish = call("10s", "lambda.publish_version", FunctionName="work")
    calls = [at_once(2, "300s", "work:2"), at_once(2, "301s")]
    played = play(live(2), steps(change, publish, put("20s", 3, "2"), *calls), LONG)
    assert [(fact.in_use, fact.allocated) for fact in played.of(ProvisionedUsed)] == [(1, 3), (2, 3), (1, 2), (2, 2)]


@pytest.mark.rule("C.4-05")
def test_a_failing_init_fails_the_allocation() -> None:
    played = play(live(1), steps(), init=Act(status="init_error"))
    last = played.of(ProvisionedChanged)[-1]
    assert (last.status, last.reason, last.allocated) == ("FAILED", "FUNCTION_ERROR_INIT_FAILURE", 0)


@pytest.mark.rule("B.2-04")
def test_init_may_take_longer_than_on_demand() -> None:
    slow = {"functions": {"work": {"init_ms": 60_000, "cpu_ms": 0}}}
    played = play(live(1), {"steps": [at_once(1, "300s")], "compute": slow})
    assert played.of(ProvisionedChanged)[-1].status == "READY"


def test_deleting_gives_everything_back() -> None:
    away = call("10s", "lambda.delete_provisioned_concurrency_config", FunctionName="work", Qualifier="live")
    played = play(live(2), steps(away, at_once(1)))
    assert [fact.reason for fact in played.of(EnvironmentEnded)] == ["replaced", "replaced"]
    assert [fact.cold for fact in played.of(InvocationStarted)] == [True]


@pytest.mark.rule("C.4-07")
def test_it_follows_its_alias_to_the_new_version() -> None:
    change = call("1s", "lambda.update_function_configuration", FunctionName="work", MemorySize=256)
    publish = call("10s", "lambda.publish_version", FunctionName="work")
    move = call("20s", "lambda.update_alias", FunctionName="work", Name="live", FunctionVersion="2")
    played = play(live(2), steps(change, publish, move, at_once(2, "300s")), LONG)
    assert [fact.version for fact in played.of(EnvironmentCreated)] == ["1", "1", "2", "2"]
    assert [fact.cold for fact in played.of(InvocationStarted)] == [False, False]


@pytest.mark.rule("C.2-03")
def test_only_the_alias_or_version_for_which_it_is_configured_uses_it() -> None:
    """C.2: directly, or by the alias used."""
    played = play(live(1), steps(at_once(1, function="work:1")))
    assert [fact.cold for fact in played.of(InvocationStarted)] == [True]


@pytest.mark.rule("C.2-05", "C.5-02")
def test_it_is_taken_from_the_pool_of_the_others_even_when_idle() -> None:
    template = live(5)
    template["Resources"]["Other"] = make_function("other")
    account = {"concurrency": 108}
    calls = at_once(110, function="other")
    played = play(template, steps(calls, account=account), LONG)
    assert played.summary["functions"]["other"]["concurrent_max"] == 103


@pytest.mark.rule("A.2-04", "C.2-04")
def test_reserved_concurrency_is_shared_with_what_is_provisioned_of_it() -> None:
    """C.2: $LATEST gets the rest; with all of it provisioned, nothing."""
    played = play(live(2, ReservedConcurrentExecutions=2), steps(at_once(1, function="work"), at_once(2)), LONG)
    assert [fact.reason for fact in played.of(InvocationThrottled)] == [
        "ReservedFunctionConcurrentInvocationLimitExceeded"
    ]
    assert len(played.of(ProvisionedUsed)) == 2


@pytest.mark.rule("C.4-01", "C.4-03", "X.3-07")
@pytest.mark.parametrize(
    ("qualifier", "amount", "text"),
    [
        (
            "$LATEST",
            1,
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions.",
        ),
        (
            "live",
            1_001,
            "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [1000].",
        ),
        ("live", 901, TOO_LITTLE_LEFT),
        ("7", 1, "Function not found: arn:aws:lambda:us-east-1:123456789012:function:work:7"),
    ],
)
def test_what_cannot_be_provisioned_is_refused_with_awss_words(qualifier: str, amount: int, text: str) -> None:
    assert [message for _, message in refusals(play(live(None), steps(put("0s", amount, qualifier))))] == [text]


@pytest.mark.rule("C.4-03")
def test_not_more_than_is_reserved_can_be_provisioned() -> None:
    text = "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
    assert refusals(play(live(None, ReservedConcurrentExecutions=2), steps(put("0s", 3)))) == [(400, text)]
    with pytest.raises(ProjectError, match=text):
        play(live(3, ReservedConcurrentExecutions=2), steps())


@pytest.mark.rule("C.3-08")
def test_not_less_can_be_reserved_than_is_provisioned() -> None:
    reserve = call("1s", "lambda.put_function_concurrency", FunctionName="work", ReservedConcurrentExecutions=1)
    text = " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2]."
    assert refusals(play(live(2), steps(reserve))) == [(400, text)]


@pytest.mark.rule("C.4-04")
@pytest.mark.rule("C.2-04")
@pytest.mark.parametrize(("reserved", "error"), [(600, None), (900, None), (901, "below its minimum value of [100].")])
def test_what_is_provisioned_of_a_function_is_inside_its_reservation_and_not_taken_twice(
    reserved: int, error: str | None
) -> None:
    reserve = call("5m", "lambda.put_function_concurrency", FunctionName="work", ReservedConcurrentExecutions=reserved)
    found = refusals(play(live(500), steps(reserve)))
    assert [(text or "").endswith(error or "") for _, text in found] == ([True] if error else [])


def test_an_alias_and_its_version_are_not_both_provisioned() -> None:
    version, alias = put("1s", 1, "1"), put("2s", 1)
    assert refusals(play(live(1), steps(version))) == [(409, "Version is pointed by a Provisioned Concurrency alias")]
    text = "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
    assert refusals(play(live(None), steps(version, alias))) == [(409, text)]


@pytest.mark.rule("X.3-19")
@pytest.mark.parametrize("operation", ["Get", "Delete"])
@pytest.mark.parametrize(
    ("qualifier", "answer"),
    [
        ("$LATEST", (400, "The function resource provided must be an alias or a published version.")),
        ("7", (404, "Function not found: arn:aws:lambda:us-east-1:123456789012:function:work:7")),
        ("nobody", (404, "Cannot find alias arn: arn:aws:lambda:us-east-1:123456789012:function:work:nobody")),
    ],
)
def test_only_of_an_alias_or_a_published_version_it_can_be_asked(
    operation: str, qualifier: str, answer: tuple[int, str]
) -> None:
    status, _, text = refused(Desk().call(f"{operation}ProvisionedConcurrencyConfig", Qualifier=qualifier))
    assert (status, text) == answer


@pytest.mark.rule("C.4-01")
def test_an_alias_that_leads_to_latest_cannot_be_provisioned_nor_led_there_afterwards() -> None:
    desk = Desk()
    desk.call("PublishVersion")
    for name, version in (("soon", "$LATEST"), ("live", "1")):
        desk.call("CreateAlias", Name=name, FunctionVersion=version)
    unpublished = "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
    wanted: dict[str, Any] = {"ProvisionedConcurrentExecutions": 1}
    refusal = desk.call("PutProvisionedConcurrencyConfig", Qualifier="soon", **wanted)
    assert refused(refusal) == (400, "InvalidParameterValueException", unpublished)
    assert desk.call("PutProvisionedConcurrencyConfig", Qualifier="live", **wanted).status == 202
    assert refused(desk.call("UpdateAlias", Name="live", FunctionVersion="$LATEST"))[2] == unpublished
    assert desk.call("GetAlias", Name="live").output["FunctionVersion"] == "1"


@pytest.mark.rule("C.4-04")
def test_a_provisioned_alias_is_not_led_to_a_version_that_is_provisioned_itself() -> None:
    desk = Desk()
    for memory_mb in (128, 256):
        desk.call("UpdateFunctionConfiguration", MemorySize=memory_mb)
        desk.wait(5)
        desk.call("PublishVersion")
    desk.call("CreateAlias", Name="live", FunctionVersion="1")
    for qualifier in ("live", "2"):
        desk.call("PutProvisionedConcurrencyConfig", Qualifier=qualifier, ProvisionedConcurrentExecutions=1)
    status, code, text = refused(desk.call("UpdateAlias", Name="live", FunctionVersion="2"))
    assert (status, code) == (409, "ResourceConflictException")
    assert text.startswith("Alias can't be used for Provisioned Concurrency configuration")


def test_an_absent_configuration_is_not_found() -> None:
    get = call("0s", "lambda.get_provisioned_concurrency_config", FunctionName="work", Qualifier="live")
    assert refusals(play(live(None), steps(get))) == [
        (404, "No Provisioned Concurrency Config found for this function")
    ]


def test_json_logs_name_what_is_provisioned() -> None:
    played = play(live(1, LoggingConfig={"LogFormat": "JSON", "SystemLogLevel": "DEBUG"}), steps(at_once(1)))
    lines = [json.loads(fact.text) for fact in played.of(LogLine)]
    inits = [line["record"]["initializationType"] for line in lines if line["type"].startswith("platform.init")]
    assert inits == ["provisioned-concurrency"] * 3


def test_two_aliases_of_one_version_have_environments_of_their_own() -> None:
    template = live(2)
    beta = template["Resources"]["Live"]["Properties"] | {"Name": "beta"}
    template["Resources"]["Beta"] = {"Type": "AWS::Lambda::Alias", "Properties": beta}
    played = play(template, steps(at_once(3), at_once(1, "61s", "work:beta")), LONG)
    assert [(fact.qualifier, fact.in_use) for fact in played.of(ProvisionedUsed)] == [
        ("live", 1), ("live", 2), ("beta", 1)
    ]  # fmt: skip
    assert [fact.qualifier for fact in played.of(ProvisionedSpilled)] == ["live"]


def test_a_deleted_version_takes_along_what_is_provisioned_for_it() -> None:
    """Also while it is being allocated, and hours later, when its environments would have been recycled."""
    gone = call("10s", "lambda.delete_function", FunctionName="work", Qualifier="2")
    change = call("1s", "lambda.update_function_configuration", FunctionName="work", MemorySize=256)
    publish = call("5s", "lambda.publish_version", FunctionName="work")
    for provided, deleted in (("7s", "10s"), ("7s", "10m")):
        played = play(live(None), steps(change, publish, put(provided, 5, "2"), gone | {"at": deleted}, invoke("3h")))
        assert [fact.qualifier for fact in played.of(ProvisionedDeleted)] == ["2"]
        made = [fact.environment for fact in played.of(EnvironmentCreated) if fact.version == "2"]
        assert made == [fact.environment for fact in played.of(EnvironmentEnded) if fact.environment in made]
        assert len(made) == (0 if deleted == "10s" else 5)


@pytest.mark.rule("C.4-02")
def test_none_at_all_is_not_provisioned() -> None:
    (refused,) = play(live(None), steps(put("0s", 0))).of(ApiCalled)
    assert refused.status == 400
    assert "ProvisionedConcurrentExecutions" in str(refused.message)
    with pytest.raises(ProjectError, match="Member must have value greater than or equal to 1"):
        play(live(0), steps())


@pytest.mark.rule("C.4-08")
def test_behind_an_alias_with_weights_it_is_split_by_them() -> None:
    change = call("1s", "lambda.update_function_configuration", FunctionName="work", MemorySize=256)
    publish = call("10s", "lambda.publish_version", FunctionName="work")
    weights = {"AdditionalVersionWeights": {"2": 0.25}}
    shift = call("20s", "lambda.update_alias", FunctionName="work", Name="live", RoutingConfig=weights)
    played = play(live(4), steps(change, publish, shift))
    assert Counter(fact.version for fact in played.of(EnvironmentCreated)) == {"1": 4, "2": 1}
    assert [fact.reason for fact in played.of(EnvironmentEnded)] == ["replaced"]
    assert played.of(ProvisionedChanged)[-1].allocated == 4


@pytest.mark.rule("C.4-05")
def test_a_configuration_tells_what_is_requested_allocated_and_available() -> None:
    desk = Desk()
    desk.call("PublishVersion")
    named = {"Qualifier": "1"}
    assert desk.call("PutProvisionedConcurrencyConfig", ProvisionedConcurrentExecutions=3, **named).status == 202
    output = desk.call("GetProvisionedConcurrencyConfig", **named).output
    assert output == {
        "RequestedProvisionedConcurrentExecutions": 3,
        "AvailableProvisionedConcurrentExecutions": 3,
        "AllocatedProvisionedConcurrentExecutions": 3,
        "Status": "READY",
        "LastModified": "1970-01-01T00:00:00.017+0000",
    }


LONGER = Act(takes=seconds(600))
AWAY = call("11s", "lambda.delete_provisioned_concurrency_config", FunctionName="work", Qualifier="live")


def most_at_once(played: Played) -> int:
    running = most = 0
    for stamped in played.facts:
        running += isinstance(stamped.fact, InvocationStarted)
        running -= isinstance(stamped.fact, InvocationEnded)
        most = max(most, running)
    return most


@pytest.mark.rule("C.2-04")
@pytest.mark.parametrize(
    ("before", "entries"),
    [
        (2, [at_once(2, "10s"), AWAY, at_once(3, "12s", function="work")]),
        (None, [at_once(3, "1s"), put("2s", 2), at_once(2, "300s")]),
    ],
)
def test_a_reservation_holds_while_what_is_provisioned_of_it_changes(before: int | None, entries: list[Any]) -> None:
    """What is busy still counts: environments of a deleted allocation, and on-demand ones that were there first."""
    reserved = before or 3
    played = play(live(before, ReservedConcurrentExecutions=reserved, Timeout=900), steps(*entries), LONGER)
    assert most_at_once(played) == reserved
    reasons = {fact.reason for fact in played.of(InvocationThrottled)}
    assert reasons == {"ReservedFunctionConcurrentInvocationLimitExceeded"}


@pytest.mark.rule("C.2-05")
@pytest.mark.parametrize(
    ("before", "entries"),
    [
        (10, [at_once(10, "10s"), AWAY, at_once(130, "12s", function="other")]),
        (None, [at_once(115, "1s", function="other"), put("2s", 10), at_once(10, "300s")]),
    ],
)
def test_the_account_s_limit_holds_while_what_is_provisioned_changes(before: int | None, entries: list[Any]) -> None:
    template = live(before, Timeout=900)
    template["Resources"] |= {
        "Other": make_function("other", Timeout=900),
        "Own": make_function("own", ReservedConcurrentExecutions=5),
    }
    last = at_once(5, "400s", function="own")
    played = play(template, steps(*entries, last, account={"concurrency": 120}), LONGER)
    assert most_at_once(played) == 120
    assert played.summary["functions"]["own"]["throttles"] == 0  # a reservation is kept for its function
    assert {fact.reason for fact in played.of(InvocationThrottled)} == {"ConcurrentInvocationLimitExceeded"}
