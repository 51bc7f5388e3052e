import pytest

from lambdalab.web.run_table import ROWS_MAX, clock, lasting, run_table, stat_value


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.05, "0:00.05"), (61.5, "1:01.50"), (59.999, "1:00.00"), (3601.5, "1:00:01.50"), (21600, "6:00:00.00")],
)
def test_a_moment_is_written_as_a_clock(seconds: float, said: str) -> None:
    assert clock(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.33, "330 ms"), (2.5, "2.5 s"), (59.99, "1 min"), (119, "1 min 59 s"), (3600, "1 h"), (21599, "5 h 59 min")],
)
def test_a_length_is_said_shortly(seconds: float, said: str) -> None:
    assert lasting(seconds) == said


def test_a_long_run_is_cut_and_says_so() -> None:
    item = {"id": "i", "lane": "q", "kind": "thr", "event": None, "t0": 0.0, "t1": 0.0}
    table = run_table({"lanes": [{"id": "q", "label": "Event queue"}], "items": [item] * (ROWS_MAX + 1)})
    assert (len(table.rows), table.total, table.is_cut) == (ROWS_MAX, ROWS_MAX + 1, True)
    assert (table.rows[0].what, table.rows[0].where) == ("Throttled", "Event queue")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [("errors", 1234, "1,234"), ("per_million_usd", 41.4847, "$41.48"), ("per_million_usd", 0.0123, "$0.0123")],
)
def test_totals_are_written_as_numbers_and_dollars(key: str, value: float, said: str) -> None:
    assert stat_value({"key": key, "value": value}) == said
