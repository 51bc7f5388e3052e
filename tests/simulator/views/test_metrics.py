from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import (
    AsyncEventDiscarded,
    AsyncEventReceived,
    InvocationEnded,
    InvocationStarted,
)
from lambdalab.simulator.views.metrics import MetricsFold, named
from lambdalab.simulator.vocabulary.metrics import METRICS
from tests.simulator.playing import (
    FAIL,
    Played,
    arn_of,
    first,
    invoke,
    make_event_invoke,
    make_function,
    make_template,
    play,
    seconds,
    steps,
)


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


def every(name: str, played: Played, of: str = "*") -> dict[int, dict[str, Any]]:
    return {row["t_s"] // 60: row for row in played.summary["metrics"]["AWS/Lambda"][name].get(of, [])}


def two_functions(**properties: Any) -> dict[str, Any]:
    return make_template(make_function(), make_function("kept", Timeout=900, **properties))


def test_what_all_functions_do_stands_under_the_account() -> None:  # H.1: no dimension
    calls = invoke(kind="RequestResponse"), invoke(function="kept", kind="RequestResponse", repeat={"count": 3})
    played = play(two_functions(), steps(*calls), Act(takes=seconds(1)))
    assert every("Invocations", played)[0]["sum"] == 4
    assert every("Errors", played)[0]["sum"] == 0
    assert every("Duration", played)[0]["count"] == 4
    assert every("ConcurrentExecutions", played)[0]["max"] == 4
    assert every("ConcurrentExecutions", played, "kept")[0]["max"] == 3


def test_functions_with_reserved_concurrency_are_not_in_the_unreserved_but_all_of_theirs_is_claimed() -> None:  # H.1
    calls = invoke(kind="RequestResponse"), invoke(function="kept", kind="RequestResponse", repeat={"count": 3})
    played = play(two_functions(ReservedConcurrentExecutions=50), steps(*calls), Act(takes=seconds(1)))
    assert every("UnreservedConcurrentExecutions", played)[0]["max"] == 1
    claimed = every("ClaimedAccountConcurrency", played)[0]
    assert (claimed["max"], claimed["min"], claimed["avg"], claimed["sum"]) == (51, 51, 51, 51)
    assert "work" not in played.summary["metrics"]["AWS/Lambda"]["UnreservedConcurrentExecutions"]


def test_a_long_invocation_counts_in_each_minute_through_which_it_runs() -> None:  # H.1: in-flight environments
    template = make_template(make_function(Timeout=900))
    played = play(template, steps(invoke("30s", kind="RequestResponse")), Act(takes=seconds(140)))
    assert {minute: row["max"] for minute, row in metric(played, "ConcurrentExecutions").items()} == {0: 1, 1: 1, 2: 1}
    assert {minute: row["max"] for minute, row in every("ConcurrentExecutions", played).items()} == {0: 1, 1: 1, 2: 1}


def test_no_minute_is_counted_in_which_nothing_runs() -> None:
    played = play(make_template(), steps(invoke(kind="RequestResponse"), invoke("5m", kind="RequestResponse")))
    assert list(metric(played, "ConcurrentExecutions")) == [0, 5]


def test_the_average_and_high_percentiles_of_duration() -> None:  # H.1: Avg, Max, p95, p99
    lengths = iter(range(1, 101))
    played = play(
        make_template(make_function(Timeout=900)),
        steps(invoke(kind="RequestResponse", repeat={"count": 100, "every": "1ms"}), account={"concurrency": 1000}),
        lambda function, event, count: Act(takes=seconds(0.001 * next(lengths))),
    )
    row = metric(played, "Duration")[0]
    assert (row["avg"], row["p50"], row["p90"], row["p95"], row["p99"]) == (50.5, 50, 90, 95, 99)


def test_what_a_version_does_stands_under_its_resource_and_under_its_function() -> None:  # H.1: dimension Resource
    fold = MetricsFold()
    started = InvocationStarted("r", "work", "7", "env/work/1", "RequestResponse", "scenario", 1, True, 1)
    fold.takes[InvocationStarted](0, started)
    ended = InvocationEnded(
        "r", "work", "7", "env/work/1", 1, "error", 250_000, None, 250, 40, "{}", "E", "m", None, None, 0
    )
    fold.takes[InvocationEnded](250_000, ended)
    found = fold.result()
    assert set(found["Invocations"]) == set(found["Errors"]) == set(found["Duration"]) == {"*", "work", "work:7"}
    assert [found["Invocations"][name][0]["sum"] for name in ("*", "work", "work:7")] == [1, 1, 1]
    assert named("work:7", {"work": "orders"}) == "orders:7"


def test_an_event_stopped_in_its_loop_is_counted() -> None:  # K.9
    fold = MetricsFold()
    fold.takes[AsyncEventReceived](0, AsyncEventReceived("r", "work", "$LATEST", "s", None, "{}"))
    fold.takes[AsyncEventDiscarded](0, AsyncEventDiscarded("r", "work", 0, 0, "RecursionDetected", False))
    assert fold.result()["RecursiveInvocationsDropped"]["work"][0]["sum"] == 1


def test_every_metric_that_is_fed_is_defined_and_every_other_waits_for_its_part() -> None:
    fed: set[str] = {"RecursiveInvocationsDropped"}  # tested above
    refused = {"TargetArn": arn_of("sqs", "gone")}
    template = make_template(
        make_function(DeadLetterConfig=refused),
        make_function("stopped", ReservedConcurrentExecutions=0),
        Config=make_event_invoke(failure=arn_of("sqs", "gone")),
    )
    calls = invoke(), invoke(function="stopped", kind="RequestResponse")
    fed |= set(play(template, steps(*calls), FAIL).summary["metrics"]["AWS/Lambda"])
    assert fed == {name for name, definition in METRICS.items() if definition.fed}
