"""How the mapping of a stream reads, batches and keeps order."""

import base64
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.trace.facts import (
    ApiCalled,
    BatchSent,
    CheckpointMoved,
    MappingStateChanged,
    PollRefused,
    RecordsPolled,
    ShardBatchEnded,
)
from tests.simulator.playing import arn_of, call, make_function, make_template, play, seconds, steps
from tests.simulator.streams import (
    CLICKS,
    FIRST,
    ORDERS,
    Seen,
    make_mapping,
    make_stream,
    make_table,
    numbers,
    project,
    put,
    put_at_once,
    run,
)


@pytest.mark.rule("D.4-01")
def test_records_come_in_order_at_the_next_poll() -> None:
    seen = Seen()
    played = run(put(count=5), script=seen)
    assert [n for batch in seen.batches for n in batch] == [1, 2, 3, 4, 5]
    assert played.summary["mappings"]["Poll"]["records"] == 5
    assert played.stopped is None


@pytest.mark.rule("D.4-01")
def test_a_shard_is_polled_once_a_second_while_there_is_something_to_read() -> None:
    played = run(put(count=40, every="100ms"))
    polls = [s.at / 1e6 for s in played.facts if isinstance(s.fact, RecordsPolled)]
    gaps = [after - before for before, after in pairwise(polls)]
    assert all(0.98 <= gap <= 1.1 for gap in gaps), gaps


@pytest.mark.rule("D.4-02")
def test_a_table_is_polled_four_times_a_second() -> None:
    put_item = call("1s", "dynamodb.put_item", TableName="orders", Item={"id": {"S": "order-{{ n }}"}})
    template = make_template(make_function(), Orders=make_table(), Poll=make_mapping(ORDERS))
    played = play(template, steps(put_item | {"repeat": {"count": 20, "every": "100ms"}}))
    polls = [s.at / 1e6 for s in played.facts if isinstance(s.fact, RecordsPolled)]
    gaps = [after - before for before, after in pairwise(polls)]
    assert gaps
    assert all(0.24 <= gap <= 0.4 for gap in gaps), gaps


def test_an_idle_poller_costs_hardly_anything() -> None:
    played = run(put("23h"), scenario={"until": "24h"})
    polls = [fact for fact in played.of(ApiCalled) if fact.operation == "GetRecords"]
    assert len(polls) < 400


@pytest.mark.rule("D.1-01")
def test_a_batch_has_no_more_records_than_the_mapping_says() -> None:
    seen = Seen()
    run(put_at_once(25), script=seen, BatchSize=10)
    assert [len(batch) for batch in seen.batches] == [10, 10, 5]


@pytest.mark.rule("D.1-02")
def test_a_hundred_records_are_the_usual_batch() -> None:
    seen = Seen()
    run(put_at_once(150), script=seen)
    assert [len(batch) for batch in seen.batches] == [100, 50]


@pytest.mark.rule("D.1-03")
def test_a_window_gathers_records_of_several_polls() -> None:
    seen = Seen()
    played = run(put(count=5, every="1s"), script=seen, MaximumBatchingWindowInSeconds=10)
    assert seen.batches == [[1, 2, 3, 4, 5]]
    assert 10 <= played.times(BatchSent)[0] <= 11.1


@pytest.mark.rule("D.1-03")
def test_a_full_batch_does_not_wait_for_its_window() -> None:
    played = run(put_at_once(10), MaximumBatchingWindowInSeconds=300, BatchSize=10)
    assert played.times(BatchSent)[0] < 2


@pytest.mark.rule("D.1-03")
def test_a_batch_ends_with_six_megabytes() -> None:
    entries = [put(f"{n}s", Data={"file": "large.txt"}) for n in range(8)]
    sizes: list[int] = []

    def script(function: Any, event: Any, count: int) -> Act:
        sizes.append(len(json.dumps(event)))
        return Act()

    template = project(MaximumBatchingWindowInSeconds=60)
    play(template, steps(*entries), script, files={"large.txt": b"x" * 1_000_000})
    assert len(sizes) == 2
    assert all(size <= 6 * 1024 * 1024 + 10_000 for size in sizes)


@pytest.mark.rule("D.1-05")
@pytest.mark.parametrize("position", ["TRIM_HORIZON", "LATEST"])
def test_a_mapping_of_the_template_misses_nothing(position: str) -> None:
    seen = Seen()
    run(put(count=3), script=seen, StartingPosition=position)
    assert [n for batch in seen.batches for n in batch] == [1, 2, 3]


def created(at: str, **params: Any) -> dict[str, Any]:
    return call(at, "lambda.create_event_source_mapping", EventSourceArn="Clicks", FunctionName="work", **params)


def with_calls(*entries: dict[str, Any], script: Any = None, shards: int = 1) -> Any:
    return play(make_template(make_function(), Clicks=make_stream(ShardCount=shards)), steps(*entries), script)


@pytest.mark.rule("D.1-05")
@pytest.mark.rule("D.4-18")
def test_a_mapping_that_begins_with_the_latest_record_sees_none_of_before() -> None:
    seen = Seen()
    with_calls(put(count=3), created("10s", StartingPosition="LATEST"), put("30s", Data='{"n": 9}'), script=seen)
    assert seen.batches == [[9]]


@pytest.mark.rule("D.1-05")
def test_a_mapping_that_begins_at_the_horizon_sees_all() -> None:
    seen = Seen()
    with_calls(put(count=3), created("10s", StartingPosition="TRIM_HORIZON"), script=seen)
    assert seen.batches == [[1, 2, 3]]


@pytest.mark.rule("D.1-05")
def test_a_mapping_may_begin_at_a_moment() -> None:
    seen = Seen()
    moment = "2025-12-01T09:00:05Z"
    at = created("20s", StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=moment)
    with_calls(put(count=10, every="1s"), at, script=seen)
    assert seen.batches == [[6, 7, 8, 9, 10]]


@pytest.mark.rule("D.4-03")
def test_shards_are_worked_on_side_by_side() -> None:
    keys = [{"Data": {"n": n}, "PartitionKey": f"key-{n}"} for n in range(40)]
    step = call("0s", "kinesis.put_records", StreamName="clicks", Records=keys)
    played = run(step, script=Act(takes=seconds(2)), stream={"ShardCount": 4})
    assert played.summary["mappings"]["Poll"]["concurrent_max"] == 4


@pytest.mark.rule("D.4-03")
def test_one_batch_of_a_shard_is_under_way_at_a_time() -> None:
    played = run(put_at_once(50), script=Act(takes=seconds(1)), BatchSize=10)
    assert played.summary["mappings"]["Poll"]["concurrent_max"] == 1


@pytest.mark.rule("D.4-04")
def test_a_parallelization_factor_lets_several_batches_of_a_shard_run() -> None:
    keys = [{"Data": {"n": n}, "PartitionKey": f"key-{n}"} for n in range(100)]
    step = call("0s", "kinesis.put_records", StreamName="clicks", Records=keys)
    played = run(step, script=Act(takes=seconds(2)), ParallelizationFactor=10)
    assert 5 <= played.summary["mappings"]["Poll"]["concurrent_max"] <= 10


@pytest.mark.rule("D.4-04")
@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 3)), min_size=1, max_size=40),
    st.integers(1, 10),
    st.integers(1, 7),
    st.integers(1, 4),
    st.sets(st.integers(0, 30), max_size=3),
)
def test_the_records_of_a_key_come_in_order_whatever_fails(
    sent: list[tuple[str, int]], factor: int, size: int, shards: int, poison: set[int]
) -> None:
    """And every record that is no poison is delivered at least once, and is in a batch that went well."""
    records = [{"Data": {"n": n}, "PartitionKey": key} for n, (key, _) in enumerate(sent)]
    done: list[tuple[str, int]] = []

    def script(function: Any, event: Any, count: int) -> Act:
        failing = bool(poison & set(numbers(event)))
        if not failing:
            keys = [record["kinesis"]["partitionKey"] for record in event["Records"]]
            done.extend(zip(keys, numbers(event), strict=True))
        return Act(status="error", error_type="Poison", takes=seconds(0.1)) if failing else Act(takes=seconds(0.3))

    played = run(
        call("0s", "kinesis.put_records", StreamName="clicks", Records=records),
        script=script,
        stream={"ShardCount": shards},
        ParallelizationFactor=factor,
        BatchSize=size,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=1,
    )
    assert sorted(n for _, n in done) == [n for n in range(len(sent)) if n not in poison]
    for key in {key for key, _ in sent}:
        of_key = [n for each, n in done if each == key]
        assert of_key == sorted(of_key)
    lost = played.summary["mappings"]["Poll"]["discarded"]
    assert lost == len(poison & set(range(len(sent))))
    for shard in played.summary["streams"]["clicks"]["shards"].values():
        assert (shard["checkpoint"] is None) is (shard["records"] == 0)


@pytest.mark.rule("D.4-05")
def test_a_failing_batch_blocks_its_shard_and_no_other() -> None:
    low, high = "0", str(2**128 - 1)
    entries = [put(Data='{"n": 1}', ExplicitHashKey=low), put("5s", 1, Data='{"n": 2}', ExplicitHashKey=low)]
    other = put("5s", Data='{"n": 3}', ExplicitHashKey=high)
    seen = Seen(1)
    played = run(*entries, other, script=seen, stream={"ShardCount": 2}, scenario={"until": "5m"})
    assert [2] not in seen.batches
    assert [3] in seen.batches
    shards = played.summary["streams"]["clicks"]["shards"]
    assert shards[FIRST]["checkpoint"] is None
    assert shards[FIRST]["blocked_s"] > 290
    assert shards["shardId-000000000001"]["blocked_s"] == 0
    assert played.stopped == "until"


@pytest.mark.rule("D.4-12")
def test_a_parent_shard_is_worked_through_before_its_children() -> None:
    split = call("1s", "kinesis.split_shard", StreamName="clicks", ShardToSplit=FIRST, NewStartingHashKey=str(2**127))
    after = [put("15s", Data='{"n": 7}', ExplicitHashKey=key) for key in ("0", str(2**128 - 1))]
    seen = Seen(act=Act(takes=seconds(10)))
    function = {"Timeout": 30}
    played = run(put_at_once(4), split, *after, script=seen, BatchSize=1, function=function)
    assert [n for batch in seen.batches for n in batch] == [1, 2, 3, 4, 7, 7]
    ended = [fact.shard for fact in played.of(ShardBatchEnded)]
    assert set(ended[:4]) == {FIRST}
    assert played.summary["streams"]["clicks"]["shards"][FIRST]["checkpoint"] is not None


def test_records_of_merged_shards_all_arrive() -> None:
    merge = call(
        "1s",
        "kinesis.merge_shards",
        StreamName="clicks",
        ShardToMerge=FIRST,
        AdjacentShardToMerge="shardId-000000000001",
    )
    seen = Seen()
    run(put_at_once(3), merge, put("20s", Data='{"n": 9}'), script=seen, stream={"ShardCount": 2})
    assert sorted(n for batch in seen.batches for n in batch) == [1, 2, 3, 9]


@pytest.mark.rule("D.4-13")
@pytest.mark.rule("H.1-12")
def test_iterator_age_is_that_of_the_last_record_of_the_batch() -> None:
    played = run(put(count=3, every="2s"), MaximumBatchingWindowInSeconds=20)
    row = played.summary["mappings"]["Poll"]
    assert 15_000 < row["iterator_age_max_ms"] < 17_500
    (minute,) = played.summary["metrics"]["AWS/Lambda"]["IteratorAge"]["work"]
    assert minute["max"] == pytest.approx(row["iterator_age_max_ms"])


@pytest.mark.rule("D.1-12")
def test_a_mapping_that_is_disabled_keeps_its_position() -> None:
    seen = Seen()
    off = call("10s", "lambda.update_event_source_mapping", UUID="Poll", Enabled=False)
    on = call("40s", "lambda.update_event_source_mapping", UUID="Poll", Enabled=True)
    played = run(put(count=2), off, put("25s", Data='{"n": 5}'), on, script=seen)
    assert [n for batch in seen.batches for n in batch] == [1, 2, 5]
    states = [fact.state for fact in played.of(MappingStateChanged)]
    assert states == ["Enabled", "Disabling", "Disabled", "Enabling", "Enabled"]


def test_a_mapping_that_is_disabled_in_a_retry_ends_at_once_and_begins_with_that_batch_again() -> None:
    seen = Seen(1)
    off = call("60s", "lambda.update_event_source_mapping", UUID="Poll", Enabled=False)
    played = run(put(), off, script=seen)
    disabled = played.times(MappingStateChanged)[-1]
    assert disabled < 70
    assert played.stopped is None


def test_a_run_ends_when_nothing_is_left_for_the_mapping() -> None:
    played = run(put(count=3))
    assert played.stopped is None
    assert played.summary["run"]["virtual_s"] < 5


@pytest.mark.rule("G.4-04")
def test_the_execution_role_must_be_allowed_to_read() -> None:
    keys = ["logs:*", "kinesis:PutRecord"]
    deny = call("1s", "lambda.create_event_source_mapping", EventSourceArn="Clicks", FunctionName="work",
                StartingPosition="LATEST", expect="InvalidParameterValueException")  # fmt: skip
    template = make_template(make_function(), allow=keys, Clicks=make_stream())
    expected = deny | {"expect": deny["with"].pop("expect")}
    played = play(template, steps(expected))
    errors = played.summary["calls"]["lambda.create_event_source_mapping"]["errors"]
    assert errors == {"InvalidParameterValueException": 1}


def test_a_poll_that_is_refused_is_told_once_and_tried_again() -> None:
    fault = {"from": "1s", "until": "30s", "fail": "kinesis.get_records", "with": "InternalFailureException"}
    seen = Seen()
    played = run(put("2s"), script=seen, scenario={"faults": [fault]})
    assert len(played.of(PollRefused)) == 1
    assert seen.batches == [[1]]
    assert played.times(BatchSent)[0] > 30


@pytest.mark.rule("D.2-01")
def test_records_that_do_not_pass_the_filter_are_skipped_and_the_checkpoint_goes_on() -> None:
    pattern = json.dumps({"data": {"n": [{"numeric": [">", 2]}]}})
    seen = Seen()
    played = run(put_at_once(4), script=seen, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    assert seen.batches == [[3, 4]]
    assert played.summary["mappings"]["Poll"]["filtered"] == 2
    assert played.of(CheckpointMoved)[-1].sequence == played.summary["streams"]["clicks"]["shards"][FIRST]["checkpoint"]


@pytest.mark.rule("D.2-01")
@pytest.mark.parametrize(
    ("pattern", "passes"),
    [
        ({"partitionKey": ["a"]}, True),
        ({"partitionKey": ["b"]}, False),
        ({"data": {"n": [1]}}, True),
        ({"data": ["plain"]}, False),
    ],
)
def test_a_filter_looks_into_the_decoded_data_and_at_the_key(pattern: dict[str, Any], passes: bool) -> None:
    seen = Seen()
    run(put(), script=seen, FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})
    assert bool(seen.events) is passes


@pytest.mark.rule("D.2-06")
def test_a_batch_of_which_nothing_passes_invokes_nobody() -> None:
    criteria = {"Filters": [{"Pattern": json.dumps({"partitionKey": ["b"]})}]}
    played = run(put(count=3), FilterCriteria=criteria)
    assert played.of(BatchSent) == []
    assert played.stopped is None
    assert played.summary["streams"]["clicks"]["shards"][FIRST]["checkpoint"] is not None


def test_bytes_that_are_no_text_arrive_in_base64() -> None:
    events: list[Any] = []

    def script(function: Any, event: Any, count: int) -> Act:
        events.append(event)
        return Act()

    step = call("0s", "kinesis.put_record", StreamName="clicks", PartitionKey="a", Data={"file": "cat.jpg"})
    play(project(), steps(step), script, files={"cat.jpg": b"\xff\x00\xfe"})
    (record,) = events[0]["Records"]
    assert base64.b64decode(record["kinesis"]["data"]) == b"\xff\x00\xfe"
    assert record["eventID"] == f"{FIRST}:{record['kinesis']['sequenceNumber']}"
    assert record["eventSourceARN"] == CLICKS
    assert record["invokeIdentityArn"].startswith("arn:aws:iam::123456789012:role/")


@pytest.mark.rule("D.1-13")
def test_two_mappings_of_one_function_need_two_streams() -> None:
    template = project(more={"Twin": make_mapping()})
    with pytest.raises(ProjectError, match="provided mapping already exists"):
        play(template, steps())


def test_two_functions_read_the_same_stream_each_for_itself() -> None:
    seen = Seen()
    template = make_template(
        make_function(),
        make_function("other"),
        Clicks=make_stream(),
        Poll=make_mapping(),
        Also=make_mapping(function="other"),
    )
    played = play(template, steps(put(count=2)), seen)
    assert {name: row["records"] for name, row in played.summary["mappings"].items()} == {"Poll": 2, "Also": 2}


def test_the_same_run_gives_the_same_bytes() -> None:
    first, second = (run(put(count=20), script=Seen(4), BisectBatchOnFunctionError=True, MaximumRetryAttempts=1)
                     for _ in range(2))  # fmt: skip
    assert first.trace == second.trace


def test_a_stream_may_be_deleted_while_it_is_polled() -> None:
    gone = call("5s", "kinesis.delete_stream", StreamName="clicks")
    played = run(put(), gone, scenario={"until": "1m"})
    assert played.stopped is None or played.stopped == "until"


def test_a_mapping_of_a_stream_is_created_by_its_arn() -> None:
    seen = Seen()
    step = call("0s", "lambda.create_event_source_mapping", EventSourceArn=arn_of("kinesis", "stream/clicks"),
                FunctionName="work", StartingPosition="TRIM_HORIZON")  # fmt: skip
    with_calls(step, put("10s"), script=seen)
    assert seen.batches == [[1]]


@pytest.mark.rule("D.2-01")
@pytest.mark.parametrize(
    ("pattern", "keys"),
    [
        ({"eventName": ["INSERT"]}, ["1", "2"]),
        ({"dynamodb": {"NewImage": {"n": {"N": ["2"]}}}}, ["2"]),
        ({"dynamodb": {"NewImage": {"n": {"N": [{"exists": False}]}}}}, ["1"]),
    ],
)
def test_a_filter_looks_into_the_change_of_an_item(pattern: dict[str, Any], keys: list[str]) -> None:
    seen: list[str] = []

    def script(function: Any, event: Any, count: int) -> Act:
        seen.extend(record["dynamodb"]["Keys"]["id"]["S"] for record in event["Records"])
        return Act()

    criteria = {"Filters": [{"Pattern": json.dumps(pattern)}]}
    put_one = call("0s", "dynamodb.put_item", TableName="orders", Item={"id": {"S": "1"}})
    put_two = call("1s", "dynamodb.put_item", TableName="orders", Item={"id": {"S": "2"}, "n": {"N": "2"}})
    poll = make_mapping(ORDERS, FilterCriteria=criteria)
    play(make_template(make_function(), Orders=make_table(), Poll=poll), steps(put_one, put_two), script)
    assert seen == keys


def test_a_role_that_may_not_list_shards_is_enough_when_it_may_describe_the_stream() -> None:
    rights = ["logs:*", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream"]
    seen = Seen()
    template = make_template(make_function(), allow=rights, Clicks=make_stream(ShardCount=120), Poll=make_mapping())
    played = play(template, steps(put_at_once(3, at="2s")), seen)
    assert played.summary["calls"]["kinesis.list_shards"]["denied"] == 1
    assert played.summary["calls"]["kinesis.describe_stream"]["count"] == 2
    assert seen.batches == [[1, 2, 3]]


def test_a_mapping_that_is_changed_while_a_batch_is_under_way_delivers_nothing_twice() -> None:
    seen = Seen(act=Act(takes=seconds(20)))
    change = call("5s", "lambda.update_event_source_mapping", UUID="Poll", BatchSize=2)
    run(put_at_once(5), change, script=seen, BatchSize=3, function={"Timeout": 60})
    assert seen.batches == [[1, 2, 3], [4, 5]]
