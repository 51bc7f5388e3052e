"""A run that reaches a limit is stopped there, and shows all it did until then."""

from typing import Any

import pytest

from lambdalab.runtime import RunLimits, limits
from lambdalab.runtime.limits import Meter
from lambdalab.simulator.lambda_.handlers import Turn
from lambdalab.simulator.scenario.run import LimitReached
from lambdalab.simulator.trace.facts import EnvironmentCreated, EnvironmentEnded, InvocationEnded, RunEnded
from tests.runtime.conftest import Play, Played
from tests.runtime.projects import invoke, make_project

NOTHING = "def handler(event, context): ...\n"
SLOW = "import time\ndef handler(event, context):\n    time.sleep(2)\n"
COMPUTES = "def handler(event, context):\n    return sum(range(3_000_000))\n"


def stopped(run: Played) -> str | None:
    """Why a run was stopped, told the same way wherever it is told."""
    (ended,) = run.of(RunEnded)
    assert run.outcome.stopped == ended.stopped == run.summary["run"]["stopped"] == run.outcome.player["stopped"]
    assert not run.outcome.passed
    return run.outcome.stopped


def several(count: int, every: str) -> dict[str, Any]:
    return invoke(repeat={"count": count, "every": every})


def test_more_environments_at_once_than_allowed_stop_the_run(played: Play) -> None:
    run = played(make_project(SLOW, several(8, "10ms")), limits=RunLimits(environments_at_once=5))
    assert stopped(run) == "environments at once"
    assert len(run.of(EnvironmentCreated)) in (5, 6)


def test_a_run_whose_environments_idle_out_may_make_new_ones(played: Play) -> None:
    run = played(make_project(NOTHING, several(6, "20m")), limits=RunLimits(environments_at_once=1))
    assert run.outcome.stopped is None
    assert len(run.of(InvocationEnded)) == 6
    assert len(run.of(EnvironmentCreated)) == 6
    assert len(run.of(EnvironmentEnded)) >= 5


def test_more_environments_in_all_than_allowed_stop_the_run(played: Play) -> None:
    run = played(make_project(NOTHING, several(6, "20m")), limits=RunLimits(environments=4))
    assert stopped(run) == "environments"
    assert len(run.of(InvocationEnded)) == 4


def test_more_cpu_seconds_than_allowed_stop_the_run(played: Play) -> None:
    run = played(make_project(COMPUTES, several(500, "1s")), limits=RunLimits(cpu_s=0.2))
    assert stopped(run) == "cpu seconds"
    assert 1 <= len(run.of(InvocationEnded)) < 20


def test_a_run_that_takes_too_long_is_stopped_before_its_next_turn(played: Play) -> None:
    run = played(make_project(COMPUTES, several(500, "1s")), limits=RunLimits(wall_s=0.2))
    assert stopped(run) == "wall seconds"
    assert 1 <= len(run.of(InvocationEnded)) < 20


def test_more_memory_than_allowed_stops_the_run(played: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LOOK_S", 0)
    body = "x" * 200_000
    send = {"at": "0s", "call": "sqs.send_message", "with": {"QueueUrl": "q", "MessageBody": body + "{{ n }}"}}
    run = played(
        make_project(NOTHING, {**send, "repeat": {"count": 2_000, "every": "1ms"}}),
        limits=RunLimits(held_bytes=64 * 1024 * 1024),
    )
    assert stopped(run) == "bytes held"
    assert 10 < run.summary["queues"]["q"]["sent"] < 2_000


def test_the_same_run_is_stopped_at_the_same_environment_each_time(played: Play) -> None:
    project = make_project(SLOW, several(8, "10ms"))
    first, second = (played(project, limits=RunLimits(environments_at_once=3)) for _ in range(2))
    assert first.trace == second.trace


def test_a_meter_counts_down_what_is_gone() -> None:
    meter = Meter(RunLimits(environments_at_once=1))
    for _ in range(3):
        meter.environment_made()
        meter.environment_gone()
    meter.environment_made()
    with pytest.raises(LimitReached, match="environments at once"):
        meter.environment_made()


def test_a_meter_adds_up_the_turns() -> None:
    meter = Meter(RunLimits(cpu_s=1))
    for _ in range(2):
        turn = Turn(cpu_us=500_000)
        assert meter.took(turn) is turn
        meter.check()
    meter.took(Turn(cpu_us=1))
    with pytest.raises(LimitReached, match="cpu seconds"):
        meter.check()
