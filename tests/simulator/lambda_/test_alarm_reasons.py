"""Alarms say why they are in a state. The texts are those of real alarms that people have published."""

from typing import Any

import pytest

from lambdalab.simulator.lambda_.alarm import Alarm, State
from lambdalab.simulator.lambda_.alarm_reasons import reason_for

DAY = 1_762_300_800  # 2025-11-05T00:00:00Z


def reason(state: State, *newest_first: float | None, **changes: Any) -> str:
    alarm = Alarm("a", "Errors", {}, 1.0, "GreaterThanOrEqualToThreshold", periods=len(newest_first), **changes)
    return reason_for(alarm, state, [(value, DAY - 60 * back) for back, value in enumerate(newest_first)])


def test_the_newest_datapoint_comes_first() -> None:
    assert reason("ALARM", 1.0, 2.0, 3.0, datapoints=3, says_datapoints=True) == (
        "Threshold Crossed: 3 out of the last 3 datapoints [1.0 (05/11/25 00:00:00), 2.0 (04/11/25 23:59:00), "
        "3.0 (04/11/25 23:58:00)] were greater than or equal to the threshold (1.0) "
        "(minimum 3 datapoints for OK -> ALARM transition)."
    )


@pytest.mark.parametrize(
    ("datapoints", "least"), [(1, "minimum 2 datapoints"), (2, "minimum 1 datapoint")], ids=["one of two", "two of two"]
)
def test_only_what_has_brought_the_state_about_is_shown(datapoints: int, least: str) -> None:
    assert reason("OK", 0.0, 5.0, datapoints=datapoints, says_datapoints=True) == (
        "Threshold Crossed: 1 out of the last 2 datapoints [0.0 (05/11/25 00:00:00)] was not greater than or equal to "
        f"the threshold (1.0) ({least} for ALARM -> OK transition)."
    )


def test_an_alarm_without_datapoints_to_alarm_counts_nothing() -> None:
    assert reason("ALARM", 2.0) == (
        "Threshold Crossed: 1 datapoint [2.0 (05/11/25 00:00:00)] was greater than or equal to the threshold (1.0)."
    )


def test_missing_datapoints_are_told_with_how_they_are_treated() -> None:
    assert reason("ALARM", 613.0, None, None, missing="notBreaching", datapoints=1, says_datapoints=True) == (
        "Threshold Crossed: 1 out of the last 3 datapoints [613.0 (05/11/25 00:00:00)] was greater than or equal to "
        "the threshold (1.0) and 2 missing datapoints were treated as [NonBreaching] "
        "(minimum 1 datapoint for OK -> ALARM transition)."
    )


@pytest.mark.parametrize(
    ("periods", "text"),
    [
        (1, "no datapoints were received for 1 period and 1 missing datapoint was treated as [Breaching]."),
        (2, "no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching]."),
    ],
)
def test_an_alarm_without_any_data_says_so(periods: int, text: str) -> None:
    assert reason("ALARM", *[None] * periods, missing="breaching") == f"Threshold Crossed: {text}"
    unknown = {1: "1 datapoint was unknown.", 2: "2 datapoints were unknown."}[periods]
    assert reason("INSUFFICIENT_DATA", *[None] * periods) == f"Insufficient Data: {unknown}"
