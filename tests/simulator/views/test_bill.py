from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.vocabulary import prices
from tests.simulator.playing import (
    FAIL,
    Played,
    first,
    invoke,
    make_function,
    make_queue,
    make_template,
    play,
    seconds,
    steps,
)


def bill(script: Any = None, *, count: int = 1, **properties: Any) -> Played:
    template = make_template(make_function(Timeout=900, **properties), Q=make_queue("q"))
    return play(template, steps(invoke(kind="RequestResponse", repeat={"count": count, "every": "20m"})), script)


@pytest.mark.parametrize(
    ("calls", "ms", "memory", "architecture", "gb_s_usd"),
    [
        (10_000_000, 12, 128, "x86_64", 0.250001),  # fact J.3, 4
        (1, 8_000, 128, "x86_64", 1 * 0.0000166667),  # fact J.3, 8
        (1, 1_000, 1_024, "x86_64", 1 * 0.0000166667),
        (5_000_000, 800, 512, "x86_64", 2_000_000 * 0.0000166667),  # fact J.3, 9
        (3_000_000, 120, 1_536, "arm64", 540_000 * 0.0000133334),  # fact J.3, 3
    ],
)
def test_the_worked_examples_of_the_price_list(
    calls: int, ms: int, memory: int, architecture: str, gb_s_usd: float
) -> None:
    requests, compute = prices.function_cost(calls, calls * ms, memory, architecture)
    assert compute == pytest.approx(gb_s_usd, rel=1e-5)
    assert requests == pytest.approx(calls * 0.0000002)


def test_a_run_is_billed_for_its_requests_and_its_gigabyte_seconds() -> None:
    played = bill(Act(takes=seconds(8)), MemorySize=128)
    own = played.summary["bill"]["by_function"]["work"]
    assert own["requests_usd"] == pytest.approx(0.0000002)
    assert own["compute_usd"] == pytest.approx(0.0000166667)
    assert played.summary["bill"]["total_usd"] == pytest.approx(0.0000168667)
    assert played.summary["bill"]["per_million_usd"] == pytest.approx(16.8667)


def test_failed_attempts_are_billed_and_stand_apart() -> None:
    played = bill(first(1, Act(status="error", takes=seconds(2)), Act(takes=seconds(1))), count=2, MemorySize=1_024)
    rows = {row["item"]: row["quantity"] for row in played.player["bill"]["rows"]}
    assert rows["work: compute, failed attempts"] == "2.000 GB-s"
    assert rows["work: compute, successes"] == "1.000 GB-s"


def test_throttles_cost_nothing() -> None:
    played = bill(count=5, ReservedConcurrentExecutions=0)
    assert played.summary["bill"]["total_usd"] == 0


def test_arm_is_cheaper() -> None:
    x86, arm = (
        bill(Act(takes=seconds(8)), Architectures=[name]).summary["bill"]["by_function"]["work"]["compute_usd"]
        for name in ("x86_64", "arm64")
    )
    assert arm / x86 == pytest.approx(0.8, rel=1e-4)


def test_storage_above_512_megabytes_is_billed_and_part_of_the_total() -> None:
    played = bill(Act(takes=seconds(100)), EphemeralStorage={"Size": 10_240})
    own = played.summary["bill"]["by_function"]["work"]
    assert own["storage_usd"] == pytest.approx(9.5 * 100 * 0.0000000309)
    total = sum(own.values())
    assert played.summary["bill"]["total_usd"] == pytest.approx(total)


def test_calls_of_the_function_are_billed_those_of_the_scenario_are_not() -> None:
    send = ("sqs", "SendMessage", {"QueueUrl": "q", "MessageBody": "x"})
    rows = {row["item"]: row for row in bill(Act(calls=(send, send))).player["bill"]["rows"]}
    assert rows["SQS requests"]["quantity"] == "2"
    assert rows["SQS requests"]["usd"] == pytest.approx(0.0000008)


def test_the_rows_add_up_to_the_total() -> None:
    played = bill(FAIL, count=3)
    shown = played.player["bill"]
    assert sum(row["usd"] for row in shown["rows"]) == pytest.approx(shown["total_usd"])
    assert shown["total_usd"] == pytest.approx(played.summary["bill"]["total_usd"])
