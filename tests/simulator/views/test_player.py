import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from tests.simulator.playing import (
    FAIL,
    Played,
    arn_of,
    call,
    invoke,
    make_event_invoke,
    make_function,
    make_queue,
    make_template,
    play,
    seconds,
    steps,
)

KINDS = {"init", "ok", "err", "timeout", "thr", "wait", "dlq", "dest", "drop", "run", "come"}
TOP = (
    "version started_at end_s sentence verdict notes events lanes items logs metrics trace bill stats checks errors "
    "reproducible stopped"
)


@pytest.fixture(scope="module")
def story() -> Played:
    """One event fails for good and goes to the dead-letter queue, one succeeds and reaches a destination."""
    template = make_template(
        make_function(DeadLetterConfig={"TargetArn": arn_of("sqs", "dlq")}, Timeout=2),
        Config=make_event_invoke(success=arn_of("sqs", "ok")),
        Dlq=make_queue(),
        Ok=make_queue("ok"),
    )
    slow = {"mode": "declared", "functions": {"work": {"init_ms": 300}}}
    events = steps(invoke(label="good", payload={"good": True}), invoke("5s", label="bad"), compute=slow)

    def script(function: Any, event: Any, count: int) -> Act:
        return Act(takes=seconds(0.2)) if event else FAIL

    return play(template, events, script)


def test_the_top_level_has_the_keys_of_the_contract(story: Played) -> None:
    assert set(TOP.split()) <= set(story.player)
    assert story.player["version"] == 1
    assert story.player["started_at"] == "2025-12-01T09:00:00Z"


def test_lanes_stand_from_the_queue_over_the_environments_to_where_events_end(story: Played) -> None:
    lanes = story.player["lanes"]
    assert [lane["kind"] for lane in lanes] == ["queue", "environment", "destination", "dead_letter"]
    assert [lane["label"] for lane in lanes] == ["Event queue", "env-1", "On success", "Dead-letter"]
    assert lanes[1]["sub"] == "4 invocations"
    assert lanes[3]["sub"] == "dlq, SQS"


def test_items_tell_the_events_life_in_order(story: Played) -> None:
    items = story.player["items"]
    assert [item["kind"] for item in items] == ["init", "ok", "dest", "err", "wait", "err", "wait", "err", "dlq"]
    assert [item["attempt"] for item in items if item["kind"] == "err"] == [1, 2, 3]
    assert {item["of"] for item in items if item["kind"] == "err"} == {3}
    assert [item["label"] for item in items if item["kind"] == "wait"] == ["retry in 1 min", "retry in 2 min"]


def test_items_refer_to_lanes_and_events_that_are_there(story: Played) -> None:
    lanes = {lane["id"] for lane in story.player["lanes"]}
    for item in story.player["items"]:
        assert item["lane"] in lanes
        assert item["kind"] in KINDS
        assert 0 <= item["t0"] <= item["t1"] <= story.player["end_s"]
        assert item["sentence"]
        if "event" in item:
            assert item["event"] in story.player["events"]
    assert [event["label"] for event in story.player["events"].values()] == ["good", "bad"]
    ids = [item["id"] for item in story.player["items"]]
    assert len(set(ids)) == len(ids)


def test_a_failure_says_what_and_what_it_cost(story: Played) -> None:
    item = next(item for item in story.player["items"] if item["kind"] == "err")
    assert item["message"] == "CardDeclined"
    assert item["billed_ms"] >= 1
    assert story.player["errors"] == [{"file": None, "line": None, "message": "CardDeclined", "count": 3}]


def test_log_lines_belong_to_lanes_and_events(story: Played) -> None:
    kinds = {line["kind"] for line in story.player["logs"]}
    assert kinds <= {"platform", "app", "error"}
    assert {line["lane"] for line in story.player["logs"]} == {"env/work/1"}
    assert [line["t"] for line in story.player["logs"]] == sorted(line["t"] for line in story.player["logs"])


def test_the_trace_of_an_event_names_its_attempts_and_waits(story: Played) -> None:
    bad = next(event for event, row in story.player["events"].items() if row["label"] == "bad")
    names = [span["name"] for span in story.player["trace"][bad]]
    assert names == ["Attempt 1", "Async queue", "Attempt 2", "Async queue", "Attempt 3", "Dead-letter queue"]
    good = next(event for event in story.player["events"] if event != bad)
    assert [span["name"] for span in story.player["trace"][good]][:2] == ["Attempt 1", "Initialization"]


def test_stats_count_what_the_summary_counts(story: Played) -> None:
    stats = {row["key"]: row["value"] for row in story.player["stats"]}
    function = story.summary["functions"]["work"]
    for key in ("invocations", "errors", "throttles", "cold_starts"):
        assert stats[key] == function[key]
    assert stats["dead_lettered"] == story.summary["async"]["work"]["dead_lettered"] == 1


def test_the_player_is_json(story: Played) -> None:
    assert json.loads(json.dumps(story.player)) == story.player


def test_calls_of_a_handler_are_spans_of_its_attempt() -> None:
    act = Act(calls=(("sqs", "SendMessage", {"QueueUrl": "q", "MessageBody": "x"}),))
    played = play(make_template(Q=make_queue("q")), steps(invoke()), act)
    (spans,) = played.player["trace"].values()
    span = next(span for span in spans if span["name"] == "sqs.SendMessage q")
    assert (span["level"], span["kind"]) == (1, "ok")


def test_events_that_wait_at_the_same_time_have_rows_of_their_own() -> None:
    played = play(make_template(), steps(*(invoke(f"{n}s") for n in range(3))), FAIL)
    waits = [item for item in played.player["items"] if item["kind"] == "wait"]
    assert {item["row"] for item in waits} == {0, 1, 2}
    assert played.player["lanes"][0]["rows"] == 3


def test_work_that_goes_on_at_the_end_is_shown_as_running() -> None:
    template = make_template(make_function(Timeout=900))
    played = play(template, steps(invoke(), until="1m"), Act(takes=seconds(600)))
    (item,) = (item for item in played.player["items"] if item["kind"] == "run")
    assert item["t1"] == played.player["end_s"] == 60


def test_a_wait_that_outlasts_the_run_ends_with_it() -> None:
    played = play(make_template(), steps(invoke(), until="30s"), FAIL)
    (item,) = (item for item in played.player["items"] if item["kind"] == "wait")
    assert item["t1"] == played.player["end_s"] == 30


@pytest.mark.parametrize("at_once", [1, 40, 300])
def test_too_many_items_are_grouped_and_counted(at_once: int) -> None:
    script = lambda function, event, count: FAIL if count % 5 == 0 else Act(takes=seconds(0.5))  # noqa: E731
    every = {"count": 3_000, "every": f"{max(1, 500 // at_once)}ms"}
    played = play(make_template(), steps(invoke(kind="RequestResponse", repeat=every)), script)
    items = played.player["items"]
    assert len(items) <= 1_000
    assert sum(item.get("count", 1) for item in items if item["lane"].startswith("env/")) >= 3_000
    assert sum(item.get("errors", 0) for item in items) == played.summary["functions"]["work"]["errors"]
    assert [item["t0"] for item in items] == sorted(item["t0"] for item in items)


def test_logs_beyond_their_number_are_counted_not_kept() -> None:
    many = invoke(kind="RequestResponse", repeat={"count": 1_000, "every": "1s"})
    played = play(make_template(), steps(many), Act(logs=("x",)))
    assert len(played.player["logs"]) == 2_000
    assert played.player["logs_left_out"] == 4 * 1_000 + 1 - 2_000


def test_an_empty_run_can_be_drawn() -> None:
    played = play(make_template(), steps(call("0s", "lambda.get_function_concurrency", FunctionName="work")))
    assert played.player["items"] == played.player["lanes"] == []
