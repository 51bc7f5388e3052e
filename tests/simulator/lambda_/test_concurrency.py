import json
from typing import Any

import pytest

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.lambda_.concurrency import ScalingBudget
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.trace.facts import ApiCalled, EnvironmentCreated, InvocationStarted, InvocationThrottled
from tests.simulator.playing import Played, call, first, invoke, make_function, make_template, play, seconds, steps

SECOND_LONG = Act(takes=seconds(1))


def burst(
    count: int, *functions: dict[str, Any], concurrency: int = 1_000, names: tuple[str, ...] = ("work",)
) -> Played:
    calls = [invoke(kind="RequestResponse", function=name, repeat={"count": count}) for name in names]
    free = {"functions": {name: {"init_ms": 0, "cpu_ms": 0} for name in names}}
    scenario = steps(*calls, account={"concurrency": concurrency}) | {"compute": free}
    return play(make_template(*functions), scenario, SECOND_LONG)


@pytest.mark.rule("A.2-03", "C.3-05")
def test_reserved_concurrency_is_a_ceiling() -> None:
    played = burst(8, make_function(ReservedConcurrentExecutions=3))
    assert played.summary["functions"]["work"]["concurrent_max"] == 3
    assert {fact.reason for fact in played.of(InvocationThrottled)} == {
        "ReservedFunctionConcurrentInvocationLimitExceeded"
    }
    assert len(played.of(InvocationThrottled)) == 5


@pytest.mark.rule("C.2-05", "C.3-05", "C.5-02")
def test_reserved_concurrency_is_a_floor_that_others_cannot_take() -> None:
    reserved = make_function("own", ReservedConcurrentExecutions=20)
    played = burst(150, reserved, make_function("other"), concurrency=120, names=("other", "own"))
    assert played.summary["functions"]["other"]["concurrent_max"] == 100
    assert played.summary["functions"]["own"]["concurrent_max"] == 20
    assert played.summary["account"]["unreserved"] == 100


@pytest.mark.rule("C.2-05", "C.5-02")
def test_what_is_reserved_is_kept_from_others_even_when_nobody_uses_it() -> None:
    reserved = make_function("own", ReservedConcurrentExecutions=20)
    played = burst(150, reserved, make_function("other"), concurrency=120, names=("other",))
    assert played.summary["functions"]["other"]["concurrent_max"] == 100


@pytest.mark.rule("A.2-05", "C.2-05")
def test_functions_without_a_reservation_share_the_pool() -> None:
    played = burst(8, make_function("a"), make_function("b"), concurrency=10, names=("a", "b"))
    assert played.summary["account"]["concurrent_max"] == 10
    assert {fact.reason for fact in played.of(InvocationThrottled)} == {"ConcurrentInvocationLimitExceeded"}
    assert played.summary["account"]["throttles"] == 6


def test_a_throttle_ends_when_an_invocation_ends() -> None:
    played = play(
        make_template(make_function(ReservedConcurrentExecutions=1)),
        steps(*(invoke(at, kind="RequestResponse") for at in ("0s", "500ms", "1500ms"))),
        SECOND_LONG,
    )
    assert len(played.of(InvocationThrottled)) == 1
    assert len(played.of(InvocationStarted)) == 2


@pytest.mark.rule("H.1-06")
def test_init_counts_as_concurrency() -> None:
    slow = {"functions": {"work": {"init_ms": 5_000, "cpu_ms": 0}}}
    template = make_template(make_function(ReservedConcurrentExecutions=1))
    calls = [invoke(at, kind="RequestResponse") for at in ("0s", "1s")]
    played = play(template, {"steps": calls, "compute": slow})
    assert len(played.of(InvocationThrottled)) == 1


def test_reserved_concurrency_can_be_changed_while_the_run_goes_on() -> None:
    put = call("10s", "lambda.put_function_concurrency", FunctionName="work", ReservedConcurrentExecutions=1)
    away = call("20s", "lambda.delete_function_concurrency", FunctionName="work")
    bursts = [invoke(at, kind="RequestResponse", repeat={"count": 3}) for at in ("0s", "11s", "21s")]
    played = play(make_template(), steps(*bursts, put, away), SECOND_LONG)
    assert [round(at) for at in played.times(InvocationThrottled)] == [11, 11]


@pytest.mark.rule("C.1-03", "X.3-05")
def test_a_reservation_that_leaves_too_little_is_refused_with_awss_words() -> None:
    put = call("0s", "lambda.put_function_concurrency", FunctionName="work", ReservedConcurrentExecutions=901)
    (called,) = play(make_template(), steps(put)).of(ApiCalled)
    assert (called.status, called.error) == (400, "InvalidParameterValueException")
    assert called.message == (
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
        "below its minimum value of [100]."
    )


def test_the_reservation_can_be_asked_for() -> None:
    put = call("0s", "lambda.put_function_concurrency", FunctionName="work", ReservedConcurrentExecutions=5)
    get = call("1s", "lambda.get_function_concurrency", FunctionName="work")
    assert [fact.status for fact in play(make_template(), steps(put, get)).of(ApiCalled)] == [200, 200]


@pytest.mark.rule("C.1-09")
def test_a_function_starts_a_thousand_environments_at_once_then_a_hundred_a_second() -> None:
    budget = ScalingBudget()
    assert sum(budget.take(Micros(0)) for _ in range(1_200)) == 1_000
    assert sum(budget.take(Micros(1_000_000)) for _ in range(1_200)) == 100
    assert sum(budget.take(Micros(11_000_000)) for _ in range(1_200)) == 1_000


def started_by(moment: float) -> int:
    """How many environments a function may have started after so many seconds of endless demand. Fact C.1."""
    return 1_000 + round(100 * moment)


@pytest.mark.rule("C.1-09")
def test_over_ten_minutes_of_endless_demand_the_budget_is_within_5_percent_of_the_documented_one() -> None:
    budget, started = ScalingBudget(), 0
    for tick in range(600 * 20 + 1):  # 50 ms each
        while budget.take(seconds(tick / 20)):
            started += 1
        assert started == pytest.approx(started_by(tick / 20), rel=0.05)


def environments_started(minutes: float) -> list[float]:
    """When a function's environments began, with more requests than it may start environments for."""
    at_once = invoke("0s", kind="RequestResponse", repeat={"count": 1_200})
    more = invoke("1s", kind="RequestResponse", rate={"per_second": 130, "for": f"{minutes:g}m"})
    scenario = steps(at_once, more, account={"concurrency": 100_000}, until=f"{minutes:g}m")
    busy = Act(takes=seconds(899))
    return play(make_template(make_function(Timeout=900)), scenario, busy).times(EnvironmentCreated)


def within_5_percent(minutes: int) -> None:
    times = environments_started(minutes)
    for moment in range(5, minutes * 60 + 1, 5):
        assert sum(at <= moment for at in times) == pytest.approx(started_by(moment), rel=0.05)


@pytest.mark.rule("C.1-09")
def test_over_a_minute_of_endless_demand_new_environments_are_within_5_percent_of_the_documented_number() -> None:
    within_5_percent(1)


@pytest.mark.long
def test_over_ten_minutes_they_still_are() -> None:
    within_5_percent(10)


@pytest.mark.rule("C.1-11")
def test_unused_budget_does_not_pile_up() -> None:
    budget = ScalingBudget()
    assert sum(budget.take(Micros(3_600_000_000)) for _ in range(2_000)) == 1_000


@pytest.mark.rule("C.1-09", "C.2-07")
def test_a_request_without_scaling_budget_is_throttled() -> None:
    played = burst(1_010, concurrency=3_000)
    assert {fact.reason for fact in played.of(InvocationThrottled)} == {"FunctionInvocationRateLimitExceeded"}
    assert len(played.of(InvocationStarted)) == pytest.approx(1_000, abs=5)


@pytest.mark.rule("C.2-07")
def test_a_warm_environment_needs_no_budget() -> None:
    played = play(make_template(), steps(invoke(kind="RequestResponse", repeat={"count": 1_500, "every": "10ms"})))
    assert played.of(InvocationThrottled) == []
    assert played.summary["functions"]["work"]["environments_max"] <= 3


def test_a_throttle_fault_throttles_the_function_it_names_and_no_other() -> None:
    scenario = steps(
        invoke(kind="RequestResponse"), invoke(kind="RequestResponse", function="other"), faults=[{"throttle": "work"}]
    )
    played = play(make_template(make_function(), make_function("other")), scenario)
    assert [fact.function for fact in played.of(InvocationThrottled)] == ["work"]
    assert [fact.function for fact in played.of(InvocationStarted)] == ["other"]


@pytest.mark.parametrize(("limit", "left"), [(10, 10), (50, 50), (1_000, 100)])
def test_of_a_small_account_nothing_can_be_reserved(limit: int, left: int) -> None:
    """As users of new accounts quote it; C.1."""
    account = {"account": {"concurrency": limit}}
    text = f"decreases account's UnreservedConcurrentExecution below its minimum value of [{left}]."
    reserved = limit - left + 1
    put = call("0s", "lambda.put_function_concurrency", FunctionName="work", ReservedConcurrentExecutions=reserved)
    (refused,) = play(make_template(), steps(put, **account)).of(ApiCalled)
    assert (refused.status, str(refused.message).endswith(text)) == (400, True)
    with pytest.raises(ProjectError, match=r"minimum value of \[" + str(left)):
        play(make_template(make_function(ReservedConcurrentExecutions=reserved)), steps(invoke(), **account))


def reasons(played: Played) -> set[str]:
    return {fact.reason for fact in played.of(InvocationThrottled)}


@pytest.mark.rule("A.2-07", "C.1-05", "C.1-08")
def test_an_account_takes_ten_synchronous_requests_a_second_for_each_unit_of_concurrency() -> None:
    """C.1: short requests meet this limit long before that of concurrency."""
    every = {"count": 400, "every": "5ms"}
    scenario = steps(invoke(kind="RequestResponse", repeat=every), account={"concurrency": 10})
    played = play(make_template(), scenario)
    assert reasons(played) == {"CallerRateLimitExceeded"}
    assert 290 <= len(played.of(InvocationStarted)) <= 300  # a second's worth at once, then 100 a second for 2 s


@pytest.mark.rule("A.2-06", "C.1-05")
def test_a_reservation_has_its_own_rate() -> None:
    every = {"count": 100, "every": "10ms"}
    scenario = steps(invoke(kind="RequestResponse", repeat=every))
    played = play(make_template(make_function(ReservedConcurrentExecutions=3)), scenario)
    assert reasons(played) == {"ReservedFunctionInvocationRateLimitExceeded"}


@pytest.mark.rule("C.1-07")
def test_asynchronous_events_have_no_rate_limit() -> None:
    every = {"count": 100, "every": "5ms"}
    played = play(make_template(make_function(ReservedConcurrentExecutions=3)), steps(invoke(repeat=every)))
    assert "ReservedFunctionInvocationRateLimitExceeded" not in reasons(played)


def test_a_reservation_of_nothing_is_refused_for_its_concurrency() -> None:
    played = burst(1, make_function(ReservedConcurrentExecutions=0))
    assert reasons(played) == {"ReservedFunctionConcurrentInvocationLimitExceeded"}


def test_what_is_refused_for_its_concurrency_uses_up_no_rate() -> None:
    played = burst(150, concurrency=10)
    assert reasons(played) == {"ConcurrentInvocationLimitExceeded"}


@pytest.mark.rule("C.1-10")
def test_each_function_scales_on_its_own() -> None:
    played = burst(900, make_function("a"), make_function("b"), concurrency=3_000, names=("a", "b"))
    assert played.of(InvocationThrottled) == []
    assert len(played.of(InvocationStarted)) == 1_800


@pytest.mark.rule("C.2-02")
def test_the_rate_comes_before_the_concurrency() -> None:
    """Nine short requests and a long one use up rate and concurrency both; then the rate is what is named."""
    scenario = steps(invoke(kind="RequestResponse", repeat={"count": 11}), account={"concurrency": 1})
    played = play(make_template(), scenario, first(9, Act(), SECOND_LONG))
    assert reasons(played) == {"CallerRateLimitExceeded"}


@pytest.mark.rule("C.3-06")
def test_reserved_concurrency_warms_nothing_up() -> None:
    played = burst(1, make_function(ReservedConcurrentExecutions=50))
    assert [fact.cold for fact in played.of(InvocationStarted)] == [True]


@pytest.mark.rule("C.3-04")
def test_reserved_concurrency_costs_nothing() -> None:
    bills = [burst(3, make_function(**more)).summary["bill"] for more in ({}, {"ReservedConcurrentExecutions": 50})]
    assert bills[0] == bills[1]


def test_what_a_function_has_reserved_is_the_others_again_when_it_is_removed() -> None:
    before = make_template(make_function(ReservedConcurrentExecutions=300), make_function("other"))
    files = {"next.json": json.dumps(make_template(make_function("other"))).encode()}
    deploy = {"at": "10s", "deploy": {"template": "next.json"}}
    later = call("5m", "lambda.get_account_settings")
    played = play(before, steps(deploy, later), files=files)
    assert played.summary["account"]["unreserved"] == 1_000
