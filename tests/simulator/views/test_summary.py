import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from tests.simulator.playing import (
    FAIL,
    Played,
    call,
    first,
    invoke,
    make_function,
    make_queue,
    make_template,
    play,
    seconds,
    steps,
)

SECTIONS = {
    "account": "concurrency_limit unreserved concurrent_max throttles",
    "run": "seed engine started_at ended_at virtual_s stopped facts reproducible",
    "functions.work": "invocations errors throttles cold_starts timeouts out_of_memory concurrent_max environments_max "
    "billed_ms init_ms duration_ms max_memory_mb by_version by_source results result_count last_error",
    "functions.work.duration_ms": "p50 p90 p99 max",
    "async.work": "received succeeded dropped retries_exhausted age_exceeded zero_reserved dead_lettered attempts "
    "age_max_s",
    "queues.q": "sent received deleted visible in_flight delayed oldest_age_s moved_to_dlq messages message_count",
    "topics.t": "published delivered failed filtered",
    "tables.items": "items item_count writes reads conflicts",
    "bill": "total_usd free_tier_usd by_function per_million_usd per_million_invocations_usd",
    "bill.by_function.work": "requests_usd compute_usd provisioned_usd storage_usd",
    "traces": "count slowest",
}
TOP = (
    "account run functions async mappings queues topics streams tables buckets endpoints buses schedules http doors "
    "distributions machines pipelines pools firehoses batch_jobs calls metrics logs traces deployments bill checks"
)


@pytest.fixture(scope="module")
def busy() -> Played:
    """A run in which a bit of everything happens."""
    table = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": "items",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        },
    }
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t"}}
    template = make_template(make_function(), Q=make_queue("q"), T=topic, Items=table)
    scenario = steps(
        invoke(label="one"),
        invoke("10s", kind="RequestResponse"),
        call("11s", "sqs.send_message", QueueUrl="q", MessageBody="m"),
        checks=[{"id": "c", "says": "It ran.", "query": "functions.work.invocations", "equals": 3}],
    )
    return play(template, scenario, first(1, FAIL, Act(result={"n": 1}, logs=("hello",))))


def test_the_top_level_has_exactly_the_keys_of_the_contract(busy: Played) -> None:
    assert sorted(busy.summary) == sorted(TOP.split())


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_has_the_keys_of_the_contract(section: str, busy: Played) -> None:
    found: Any = busy.summary
    for name in section.split("."):
        found = found[name]
    allowed_more = {"throttled"} if section == "async.work" else set()
    assert set(found) - allowed_more == set(SECTIONS[section].split())


def test_a_check_a_log_line_and_a_metric_have_the_keys_of_the_contract(busy: Played) -> None:
    assert {"id", "says", "passed", "actual", "expected", "hidden"} <= set(busy.summary["checks"][0])
    group = busy.summary["logs"]["/aws/lambda/work"]
    assert set(group) == {"streams", "lines", "stored_bytes"}
    assert set(group["lines"][0]) == {"at_s", "stream", "request_id", "text"}
    sample = busy.summary["metrics"]["AWS/Lambda"]["Duration"]["work"][0]
    assert set(sample) == {"t_s", "sum", "min", "max", "count", "avg", "p50", "p90", "p95", "p99"}
    assert set(busy.summary["async"]["work"]["attempts"][0]) == {"request_id", "attempt", "at_s", "outcome"}
    assert set(busy.summary["queues"]["q"]["messages"][0]) == {"id", "body", "receive_count", "group"}


def test_functions_count_what_they_did(busy: Played) -> None:
    row = busy.summary["functions"]["work"]
    assert (row["invocations"], row["errors"], row["cold_starts"]) == (3, 1, 1)
    assert row["by_version"] == {"$LATEST": 3}
    assert row["by_source"] == {"scenario": 3}
    assert row["results"] == [{"n": 1}, {"n": 1}]
    assert row["last_error"]["type"] == "CardDeclined"


def test_calls_are_named_as_in_boto3(busy: Played) -> None:
    assert set(busy.summary["calls"]) == {"lambda.invoke", "sqs.send_message"}


def test_a_summary_is_json(busy: Played) -> None:
    assert json.loads(json.dumps(busy.summary)) == busy.summary


def test_the_run_says_how_long_it_was_and_when(busy: Played) -> None:
    run = busy.summary["run"]
    assert run["ended_at"] - run["started_at"] == pytest.approx(run["virtual_s"])
    assert run["started_at"] == 1_764_579_600
    assert run["facts"] == len(busy.facts)


def test_percentiles_are_nearest_rank() -> None:
    lengths = iter(range(1, 101))
    template = make_template(make_function(Timeout=900))
    scenario = steps(invoke(kind="RequestResponse", repeat={"count": 100, "every": "2m"}))
    played = play(template, scenario, lambda f, e, c: Act(takes=seconds(next(lengths))))
    assert played.summary["functions"]["work"]["duration_ms"] == {
        "p50": 50_000,
        "p90": 90_000,
        "p99": 99_000,
        "max": 100_000,
    }


def test_lists_are_cut_and_counted() -> None:
    played = play(make_template(), steps(invoke(kind="RequestResponse", repeat={"count": 150, "every": "1s"})))
    row = played.summary["functions"]["work"]
    assert (len(row["results"]), row["result_count"]) == (100, 150)


@pytest.mark.parametrize(
    ("stopped", "scenario"),
    [("until", {"until": "30s"}), (None, {"until": "10m"}), (None, {})],
)
def test_a_run_that_ends_with_work_left_says_so(stopped: str | None, scenario: dict[str, Any]) -> None:
    played = play(make_template(), steps(invoke(), **scenario), first(1, FAIL))
    assert played.summary["run"]["stopped"] == stopped == played.stopped == played.player["stopped"]
    if "until" in scenario:
        assert played.summary["run"]["virtual_s"] == (30 if stopped else 600)
