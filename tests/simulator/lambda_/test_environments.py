from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import EnvironmentCreated, EnvironmentEnded, InvocationEnded, InvocationStarted
from tests.simulator.playing import Played, invoke, make_template, play, seconds, steps


def run(*moments: str, act: Act | None = None, **scenario: Any) -> Played:
    calls = [invoke(at, kind="RequestResponse") for at in moments]
    return play(make_template(), steps(*calls, **scenario), act or Act(takes=seconds(1)))


def used(played: Played) -> list[int]:
    return [int(fact.environment.rsplit("/", 1)[-1]) for fact in played.of(InvocationStarted)]


@pytest.mark.rule("B.2-16")
def test_a_warm_environment_is_reused() -> None:
    played = run("0s", "5s", "10s")
    assert used(played) == [1, 1, 1]
    assert [fact.cold for fact in played.of(InvocationStarted)] == [True, False, False]


@pytest.mark.rule("B.2-08", "B.2-16")
def test_requests_at_the_same_time_need_an_environment_each() -> None:
    assert used(run("0s", "100ms", "200ms")) == [1, 2, 3]


def test_the_environment_used_most_recently_is_reused_first() -> None:
    assert used(run("0s", "500ms", "5s", "10s")) == [1, 2, 2, 2]


@pytest.mark.rule("B.2-15")
@pytest.mark.parametrize(("later", "environment"), [("10m", 1), ("10m2s", 2)])
def test_an_environment_lives_ten_idle_minutes(later: str, environment: int) -> None:
    assert used(run("0s", later)) == [1, environment]


@pytest.mark.rule("B.2-13")
def test_its_end_is_recorded_when_it_ends() -> None:
    played = run("0s", "30m")
    (ended,) = played.of(EnvironmentEnded)
    idle = played.times(EnvironmentEnded)[0] - played.times(InvocationEnded)[0]
    assert ended.reason == "idle"
    assert idle == pytest.approx(600)


@pytest.mark.rule("B.2-15")
def test_a_busy_environment_is_recycled_after_two_hours() -> None:
    calls = invoke(kind="RequestResponse", repeat={"count": 150, "every": "1m"})
    played = play(make_template(), steps(calls), Act())
    (ended,) = played.of(EnvironmentEnded)
    assert ended.reason == "age"
    assert played.times(EnvironmentEnded)[0] == pytest.approx(7_200, abs=61)
    assert max(used(played)) == 2


def test_no_environment_is_ended_in_the_middle_of_an_invocation() -> None:
    calls = invoke(kind="RequestResponse", repeat={"count": 12, "every": "14m"})
    template = make_template()
    template["Resources"]["Work"]["Properties"]["Timeout"] = 900
    played = play(template, steps(calls), Act(takes=seconds(899)))
    assert {fact.status for fact in played.of(InvocationEnded)} == {"ok"}


def test_a_fault_kills_idle_environments() -> None:
    played = run("0s", "5s", faults=[{"kill": "environments", "from": "3s"}])
    assert used(played) == [1, 2]
    assert [fact.reason for fact in played.of(EnvironmentEnded)] == ["killed"]


def test_a_fault_makes_every_start_cold_while_it_lasts() -> None:
    played = run("0s", "5s", "10s", "15s", faults=[{"cold": "all", "until": "12s"}])
    assert [fact.cold for fact in played.of(InvocationStarted)] == [True, True, True, False]


def test_environments_are_numbered_from_one_for_each_function() -> None:
    played = run("0s", "0s")
    assert [(fact.number, fact.environment) for fact in played.of(EnvironmentCreated)] == [
        (1, "env/work/1"),
        (2, "env/work/2"),
    ]
    assert played.summary["functions"]["work"]["environments_max"] == 2
