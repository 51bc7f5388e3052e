"""Schedule expressions. Fact F.4."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.vocabulary.schedules import read_schedule

START = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)  # a Monday


def due(expression: str, count: int = 3, zone: str | None = None, start: dt.datetime = START) -> list[str]:
    schedule, moment, found = read_schedule(expression, start, zone), start, []
    for _ in range(count):
        after = schedule.next_after(moment)
        if after is None:
            break
        moment = after
        found.append(f"{moment:%m-%d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("expression", "moments"),
    [
        ("at(2026-12-01T09:00:00)", ["12-01 09:00"]),
        ("at(2026-11-23T09:00:00)", []),
        ("rate(1 minute)", ["11-23 09:01", "11-23 09:02", "11-23 09:03"]),
        ("rate(5 minutes)", ["11-23 09:05", "11-23 09:10", "11-23 09:15"]),
        ("rate(1 day)", ["11-24 09:00", "11-25 09:00", "11-26 09:00"]),
        ("cron(0 12 * * ? *)", ["11-23 12:00", "11-24 12:00", "11-25 12:00"]),
        ("cron(0/20 9-10 ? * MON-FRI *)", ["11-23 09:20", "11-23 09:40", "11-23 10:00"]),
        ("cron(0 8 ? * SAT,SUN *)", ["11-28 08:00", "11-29 08:00", "12-05 08:00"]),
        ("cron(30 23 L * ? *)", ["11-30 23:30", "12-31 23:30", "01-31 23:30"]),
        ("cron(0 0 1 JAN ? 2027)", ["01-01 00:00"]),
        ("cron(0 9 29 2 ? 2026)", []),
    ],
)
def test_a_schedule_says_when_it_is_due(expression: str, moments: list[str]) -> None:
    assert due(expression) == moments


def test_a_time_zone_is_heeded_on_both_sides_of_summer_time() -> None:
    winter, summer = START, START.replace(month=7)
    assert due("cron(0 12 * * ? *)", 1, "Europe/Berlin", winter) == ["11-23 11:00"]
    assert due("cron(0 12 * * ? *)", 1, "Europe/Berlin", summer) == ["07-23 10:00"]
    assert due("at(2026-12-01T09:00:00)", 1, "America/New_York") == ["12-01 14:00"]


@pytest.mark.parametrize(
    "expression",
    ["", "every day", "rate(1 minutes)", "rate(5 minute)", "rate(0 minutes)", "at(noon)", "cron(0 12 * * *)",
     "cron(0 12 * * * *)", "cron(0 12 ? * ? *)", "cron(60 12 * * ? *)", "cron(0 24 * * ? *)", "cron(0 12 ? * MON#2 *)",
     "cron(0/0 12 * * ? *)", "cron(9-3 12 * * ? *)", "cron(0 12 0 * ? *)", "cron(0 12 * FOO ? *)"],
)  # fmt: skip
def test_what_is_no_schedule_is_told(expression: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_schedule(expression, START)


def test_a_time_zone_that_does_not_exist_is_told() -> None:
    with pytest.raises(ValueError, match="there is no time zone 'Atlantis'"):
        read_schedule("rate(1 minute)", START, "Atlantis")


@given(st.text(max_size=60))
def test_any_text_is_a_schedule_or_told(text: str) -> None:
    try:
        read_schedule(f"cron({text})", START)
    except ValueError:
        return


@given(st.integers(1, 500), st.integers(0, 10_000_000))
def test_a_rate_is_due_at_its_multiples(minutes: int, later_s: int) -> None:
    unit = "minute" if minutes == 1 else "minutes"
    moment = START + dt.timedelta(seconds=later_s)
    after = read_schedule(f"rate({minutes} {unit})", START).next_after(moment)
    assert after is not None
    assert moment < after <= moment + dt.timedelta(minutes=minutes)
    assert (after - START) % dt.timedelta(minutes=minutes) == dt.timedelta(0)
