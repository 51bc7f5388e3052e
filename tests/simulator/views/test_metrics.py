from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from tests.simulator.playing import FAIL, Played, first, invoke, make_function, make_template, play, seconds, steps


def metric(played: Played, name: str) -> dict[int, dict[str, Any]]:
    rows = played.summary["metrics"]["AWS/Lambda"].get(name, {}).get("work", [])
    return {row["t_s"] // 60: row for row in rows}


def test_invocations_and_errors_stand_in_the_minute_in_which_they_began() -> None:
    template = make_template(make_function(Timeout=900))
    scenario = steps(invoke("50s", kind="RequestResponse"), invoke("130s", kind="RequestResponse"))
    played = play(template, scenario, Act(status="error", takes=seconds(30)))
    assert {minute: row["sum"] for minute, row in metric(played, "Invocations").items()} == {0: 1, 2: 1}
    assert {minute: row["sum"] for minute, row in metric(played, "Errors").items()} == {0: 1, 2: 1}


def test_errors_are_zero_where_all_went_well() -> None:
    assert metric(play(make_template(), steps(invoke())), "Errors")[0]["sum"] == 0


def test_throttles_are_neither_invocations_nor_errors() -> None:
    template = make_template(make_function(ReservedConcurrentExecutions=0))
    played = play(template, steps(invoke(kind="RequestResponse", repeat={"count": 3})))
    assert metric(played, "Throttles")[0]["sum"] == 3
    assert metric(played, "Invocations") == metric(played, "Errors") == metric(played, "Duration") == {}


def test_duration_leaves_init_out() -> None:
    compute = {"functions": {"work": {"init_ms": 400, "cpu_ms": 0}}}
    played = play(make_template(), steps(invoke(), compute=compute), Act(takes=seconds(0.25)))
    assert metric(played, "Duration")[0]["max"] == 250


def test_concurrency_is_the_most_in_a_minute() -> None:
    played = play(make_template(), steps(invoke(repeat={"count": 7})), Act(takes=seconds(1)))
    assert metric(played, "ConcurrentExecutions")[0]["max"] == 7


def test_the_age_of_an_event_grows_with_its_retries() -> None:
    played = play(make_template(), steps(invoke()), first(2, FAIL))
    ages = [row["max"] for row in metric(played, "AsyncEventAge").values()]
    assert ages[0] < 1_000
    assert ages[1] == pytest.approx(60_000, rel=0.11)
    assert ages[2] == pytest.approx(180_000, rel=0.11)


def test_dropped_events_are_counted_when_they_are_dropped() -> None:
    played = play(make_template(), steps(invoke()), FAIL)
    assert {minute: row["sum"] for minute, row in metric(played, "AsyncEventsReceived").items()} == {0: 1}
    assert next(iter(metric(played, "AsyncEventsDropped").values()))["sum"] == 1


def test_the_player_has_a_value_for_each_minute_of_the_run() -> None:
    played = play(make_template(), steps(invoke()), FAIL)
    series = {row["name"]: row for row in played.player["metrics"]}
    minutes = int(played.player["end_s"] // 60) + 1
    for row in series.values():
        assert len(row["values"]) == minutes
        assert row["period_s"] == 60
    assert series["Invocations"]["values"][0] == 1
    assert series["Errors"]["tone"] == "err"
    assert series["Duration"]["unit"] == "Milliseconds"


def test_what_happens_on_the_stroke_of_the_last_minute_is_shown() -> None:
    played = play(make_template(), {"steps": [{"at": "60s", "advance": "0s"}], "until": "60s"})
    assert played.player["end_s"] == 60
