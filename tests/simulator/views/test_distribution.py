import math
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.views.distribution import Distribution


def of(values: Any, most: int = 1_000) -> Distribution:
    distribution = Distribution(most)
    for value in values:
        distribution.add(value)
    return distribution


def nearest_rank(values: list[float], share: float) -> float:
    return sorted(values)[max(1, math.ceil(share * len(values))) - 1]


def test_percentiles_are_those_of_all_samples_sorted() -> None:
    draws = random.Random(1)
    values = [round(draws.expovariate(0.01), 1) for _ in range(10_000)]
    shares = (0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0)
    assert of(values, 100_000).percentiles(shares) == [nearest_rank(values, share) for share in shares]


def test_however_often_a_value_comes_it_takes_one_place() -> None:
    distribution = of([250.0] * 50_000 + [300.0] * 50_000, most=2)
    statistics = distribution.statistics()
    assert (statistics["count"], statistics["sum"]) == (100_000, 27_500_000)
    assert (statistics["p50"], statistics["p90"]) == (250, 300)


def test_more_values_than_there_is_room_for_are_rounded_but_their_sum_and_extremes_are_not() -> None:
    draws = random.Random(2)
    values = [draws.uniform(1, 10_000) for _ in range(20_000)]
    distribution = of(values, most=2_000)
    statistics = distribution.statistics()
    assert (statistics["count"], statistics["min"], statistics["max"]) == (20_000, min(values), max(values))
    assert statistics["sum"] == pytest.approx(math.fsum(values))
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        assert statistics[name] == pytest.approx(nearest_rank(values, share), rel=0.005)
    assert len(distribution._counts) <= 2_000


def test_a_distribution_stays_within_its_room_whatever_comes() -> None:
    draws = random.Random(3)
    distribution = of((draws.uniform(0, 1) * 10 ** draws.randint(-9, 9) for _ in range(5_000)), most=300)
    assert len(distribution._counts) <= 300


def test_a_percentile_is_never_outside_the_extremes() -> None:
    distribution = of([*(float(n) for n in range(100)), 99.96], most=10)
    assert distribution.percentiles([0.0, 1.0]) == [0.0, 99.96]


@given(
    st.lists(st.lists(st.integers(0, 50), max_size=40), max_size=6),
    st.sampled_from([1_000, 12]),
)
def test_several_together_are_what_one_of_all_samples_is(parts: list[list[int]], most: int) -> None:
    """Exactly where there is room; else count, sum and extremes are exact, and the room is kept."""
    samples = [float(value) for part in parts for value in part]
    together = Distribution.of(most, [of(map(float, part), most) for part in parts])
    assert bool(together) == bool(samples)
    if not samples:
        return
    found, wanted = together.statistics(), of(samples, most).statistics()
    exact = ("sum", "min", "max", "count", "avg") if len(set(samples)) > most else tuple(wanted)
    assert [found[name] for name in exact] == [wanted[name] for name in exact]
    assert len(together._counts) <= most
