"""What the player shows of a mapping's batches that wait, and of records that are given up."""

from typing import Any

import pytest

from tests.simulator.playing import FAIL, Played, arn_of, call, make_function, make_queue, make_template, play, steps
from tests.simulator.streams import put, put_at_once, run

TOLD = {"DestinationConfig": {"OnFailure": {"Destination": arn_of("sqs", "failed")}}}


def items(played: Played, kind: str) -> list[dict[str, Any]]:
    return [item for item in played.player["items"] if item["kind"] == kind]


def lanes(played: Played) -> dict[str, str]:
    """What stands at each lane, by its id."""
    return {lane["id"]: f"{lane['label']}: {lane['sub']}" for lane in played.player["lanes"]}


def test_a_batch_that_waits_for_its_next_try_stands_in_the_mappings_lane() -> None:
    played = run(put(), script=FAIL, MaximumRetryAttempts=3)
    waits = items(played, "wait")
    assert [item["label"] for item in waits] == ["retry in 0.5 s", "retry in 1 s", "retry in 2 s"]
    assert {lanes(played)[item["lane"]] for item in waits} == {"Mapping: clicks, Poll"}
    assert waits[1]["t1"] - waits[1]["t0"] == pytest.approx(1)


def test_batches_that_wait_at_the_same_time_stand_under_each_other() -> None:
    keys = [put(PartitionKey=f"key-{n}") for n in range(12)]
    played = run(*keys, script=FAIL, MaximumRetryAttempts=2, ParallelizationFactor=10)
    rows = {item["row"] for item in items(played, "wait")}
    assert 1 < len(rows) <= 8
    lane = next(lane for lane in played.player["lanes"] if lane["label"] == "Mapping")
    assert lane["rows"] == len(rows)


def test_records_that_nobody_hears_of_are_drawn_as_lost() -> None:
    played = run(put(), script=FAIL, MaximumRetryAttempts=0)
    (lost,) = items(played, "drop")
    assert lost["message"] == "RetryAttemptsExhausted"
    assert played.player["sentence"].endswith("; one record was given up and lost")
    assert played.player["verdict"] == "error"


def test_a_destination_that_is_told_has_a_lane() -> None:
    played = run(put_at_once(2), script=FAIL, MaximumRetryAttempts=0, **TOLD)
    (told,) = items(played, "dlq")
    assert lanes(played)[told["lane"]] == "On failure: failed, SQS"
    assert played.player["sentence"].endswith("; two records were given up, and a destination was told")
    assert played.player["verdict"] == "dead_lettered"


def test_a_throttled_batch_of_a_queue_waits_in_the_lane_of_its_mapping() -> None:
    poll = {"EventSourceArn": arn_of("sqs", "orders"), "FunctionName": "work"}
    template = make_template(
        make_function(ReservedConcurrentExecutions=0),
        Orders=make_queue("orders"),
        Poll={"Type": "AWS::Lambda::EventSourceMapping", "Properties": poll},
    )
    send = call("0s", "sqs.send_message", QueueUrl="orders", MessageBody="x")
    played = play(template, steps(send, until="20s"))
    waits = items(played, "wait")
    assert waits[0]["label"] == "back-off 1 s"
    assert lanes(played)[waits[0]["lane"]] == "Mapping: orders, Poll"
