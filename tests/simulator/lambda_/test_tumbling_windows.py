"""Tumbling windows: state from batch to batch, and a last invocation."""

from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import BatchSent, WindowEnded
from tests.simulator.playing import FAIL, call
from tests.simulator.streams import CLICKS, FIRST, numbers, put, run


class Summing:
    """Adds up the numbers that it is given; ``fails``: how many of its last invocations of a window fail."""

    def __init__(self, fails: int = 0) -> None:
        self.events: list[dict[str, Any]] = []
        self._fails = fails

    def __call__(self, function: Any, event: Any, count: int) -> Act:
        self.events.append(event)
        if event["isFinalInvokeForWindow"] and self._fails > 0:
            self._fails -= 1
            return FAIL
        total = event["state"].get("total", 0) + sum(numbers(event))
        return Act(result={"state": {"total": total}})

    @property
    def finals(self) -> list[dict[str, Any]]:
        return [event for event in self.events if event["isFinalInvokeForWindow"]]


@pytest.mark.rule("D.4-14")
def test_state_is_passed_on_and_comes_back_at_the_end_of_the_window() -> None:
    script = Summing()
    played = run(put(count=6, every="3s"), script=script, TumblingWindowInSeconds=60)
    assert [numbers(event) for event in script.events] == [[1], [2], [3], [4], [5], [6], []]
    assert [event["state"].get("total", 0) for event in script.events] == [0, 1, 3, 6, 10, 15, 21]
    last = script.events[-1]
    assert last["isFinalInvokeForWindow"] is True
    assert last["isWindowTerminatedEarly"] is False
    assert last["window"] == {"start": "2025-12-01T09:00:00Z", "end": "2025-12-01T09:01:00Z"}
    assert (last["shardId"], last["eventSourceARN"]) == (FIRST, CLICKS)
    assert 60 <= played.times(WindowEnded)[0] <= 63
    assert played.stopped is None


@pytest.mark.rule("D.4-14")
def test_each_window_begins_with_an_empty_state() -> None:
    script = Summing()
    run(put(count=6, every="20s"), script=script, TumblingWindowInSeconds=60)
    assert [event["state"]["total"] for event in script.finals] == [6, 15]


def test_a_batch_has_records_of_one_window_only() -> None:
    script = Summing()
    run(put(count=4, every="20s"), script=script, TumblingWindowInSeconds=30, MaximumBatchingWindowInSeconds=120)
    batches = [numbers(event) for event in script.events if event["Records"]]
    assert batches == [[1, 2], [3], [4]]


@pytest.mark.rule("D.4-15")
def test_a_response_without_a_state_is_a_failed_invocation() -> None:
    played = run(put(), script=Act(result={}), TumblingWindowInSeconds=30, MaximumRetryAttempts=1)
    row = played.summary["mappings"]["Poll"]
    assert (row["failures"], row["discarded"]) == (4, 1)  # the batch and the last invocation, two attempts each
    assert played.stopped is None


@pytest.mark.rule("D.4-15")
def test_a_state_over_one_megabyte_ends_the_window_early() -> None:
    seen: list[Any] = []

    def script(function: Any, event: Any, count: int) -> Act:
        seen.append((len(event["Records"]), event["isFinalInvokeForWindow"], event["isWindowTerminatedEarly"]))
        size = 1_100_000 if len(seen) == 1 else 1
        return Act(result={"state": {"x": "y" * size}})

    run(put(count=2, every="5s"), script=script, TumblingWindowInSeconds=60)
    assert seen == [(1, False, False), (0, True, True), (1, False, False), (0, True, False)]


def test_a_last_invocation_that_fails_is_tried_again() -> None:
    script = Summing(fails=2)
    run(put(), script=script, TumblingWindowInSeconds=30)
    assert len(script.finals) == 3
    assert all(event["state"] == {"total": 1} for event in script.finals)


def test_a_window_without_records_invokes_nobody() -> None:
    played = run(script=Summing(), TumblingWindowInSeconds=10, scenario={"until": "5m"})
    assert played.of(BatchSent) == []


@pytest.mark.rule("D.4-14")
def test_a_window_is_over_when_its_shard_ends() -> None:
    """AWS Lambda Developer Guide, "Implementing stateful Kinesis Data Streams processing", read 2026-11-29."""
    script = Summing()
    split = call("5s", "kinesis.split_shard", StreamName="clicks", ShardToSplit=FIRST, NewStartingHashKey=str(2**127))
    played = run(put(count=2), split, put("30s", count=2), script=script, TumblingWindowInSeconds=300)
    parent, child = script.finals
    assert (parent["shardId"], parent["state"], parent["isWindowTerminatedEarly"]) == (FIRST, {"total": 3}, False)
    assert parent["window"] == child["window"] == {"start": "2025-12-01T09:00:00Z", "end": "2025-12-01T09:05:00Z"}
    assert child["shardId"] != FIRST
    assert child["state"] == {"total": 3}
    assert played.times(WindowEnded)[0] < 30
