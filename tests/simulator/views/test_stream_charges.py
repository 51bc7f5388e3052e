"""What Kinesis costs."""

from typing import Any

import pytest

from tests.simulator.playing import Played, call, make_template, play, steps
from tests.simulator.streams import make_stream, put

LAST = call("1h", "kinesis.describe_stream_summary", StreamName="clicks")  # the run lasts an hour
ON_DEMAND = {"StreamModeDetails": {"StreamMode": "ON_DEMAND"}}


def lines(played: Played) -> dict[str, Any]:
    return {row["item"]: (row["quantity"], row["usd"]) for row in played.player["bill"]["rows"]}


def test_an_open_shard_costs_by_the_hour_whether_anything_comes_or_not() -> None:
    found = lines(play(make_template(Clicks=make_stream(ShardCount=3)), steps(LAST)))
    assert found == {"Kinesis shard hours": ("3.000 h", pytest.approx(3 * 0.015, rel=1e-4))}


@pytest.mark.parametrize(("size", "units"), [(2, 1), (25 * 1024, 1), (25 * 1024 + 1, 2), (60 * 1024, 3)])
def test_a_record_is_counted_in_started_units_of_25_kb(size: int, units: int) -> None:
    step = put(count=2, Data="x" * (size - len("a")), every="2s")  # the partition key counts
    found = lines(play(make_template(Clicks=make_stream()), steps(step)))
    assert found["Kinesis PUT payload units"][0] == str(2 * units)


@pytest.mark.parametrize(("size", "kilobytes"), [(2, 1), (1024, 1), (1025, 2)])
def test_on_demand_each_record_is_rounded_up_to_a_kilobyte(size: int, kilobytes: int) -> None:
    step = put(count=100, Data="x" * (size - len("a")))
    found = lines(play(make_template(Clicks=make_stream(**ON_DEMAND)), steps(step, LAST)))
    assert found["Kinesis on-demand stream hours"] == ("1.000 h", pytest.approx(0.04, rel=1e-4))
    quantity = 100 * kilobytes / 1024**2
    assert found["Kinesis data, on demand"] == (f"{quantity:.6f} GB", pytest.approx(quantity * 0.08))
    assert "Kinesis PUT payload units" not in found
