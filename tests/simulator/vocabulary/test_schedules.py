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
        ("cron(15 10 ? * 6L *)", ["11-27 10:15", "12-25 10:15", "01-29 10:15"]),
        ("cron(15 10 ? * FRIL *)", ["11-27 10:15", "12-25 10:15", "01-29 10:15"]),
        ("cron(0 0 ? * L *)", ["11-28 00:00", "12-05 00:00", "12-12 00:00"]),
        ("cron(0 9 ? * 3#2 *)", ["12-08 09:00", "01-12 09:00", "02-09 09:00"]),
        ("cron(0 9 29W * ? *)", ["11-30 09:00", "12-29 09:00", "01-29 09:00"]),  # the 29th of November is a Sunday
        ("cron(0 9 1W 5 ? 2027)", ["05-03 09:00"]),  # the 1st is a Saturday, and Friday is in April
        ("cron(0 9 31W * ? *)", ["12-31 09:00", "01-29 09:00", "03-31 09:00"]),
        ("cron(0 9 LW * ? *)", ["11-30 09:00", "12-31 09:00", "01-29 09:00"]),
        ("cron(0/30 23-0 24 * ? *)", ["11-24 00:00", "11-24 00:30", "11-24 23:00"]),
        ("cron(0 8 ? * FRI-MON *)", ["11-27 08:00", "11-28 08:00", "11-29 08:00"]),
        ("cron(0 9 1,15W,L 12 ? *)", ["12-01 09:00", "12-15 09:00", "12-31 09:00"]),
    ],
)
def test_a_schedule_says_when_it_is_due(expression: str, moments: list[str]) -> None:
    assert due(expression) == moments


def test_a_time_zone_is_heeded_on_both_sides_of_summer_time() -> None:
    winter, summer = START, START.replace(month=7)
    assert due("cron(0 12 * * ? *)", 1, "Europe/Berlin", winter) == ["11-23 11:00"]
    assert due("cron(0 12 * * ? *)", 1, "Europe/Berlin", summer) == ["07-23 10:00"]
    assert due("at(2026-12-01T09:00:00)", 1, "America/New_York") == ["12-01 14:00"]


def test_a_local_time_that_summer_time_leaves_out_is_skipped() -> None:
    march = dt.datetime(2027, 3, 27, 12, tzinfo=dt.UTC)
    assert due("cron(30 2 * * ? *)", 2, "Europe/Berlin", march) == ["03-29 00:30", "03-30 00:30"]


def test_a_local_time_that_comes_twice_is_due_once() -> None:
    october = dt.datetime(2026, 10, 24, 12, tzinfo=dt.UTC)
    assert due("cron(30 2 * * ? *)", 2, "Europe/Berlin", october) == ["10-25 00:30", "10-26 01:30"]


@pytest.mark.parametrize(
    "expression",
    ["", "every day", "rate(1 minutes)", "rate(5 minute)", "rate(0 minutes)", "at(noon)", "cron(0 12 * * *)",
     "cron(0 12 * * * *)", "cron(0 12 ? * ? *)", "cron(60 12 * * ? *)", "cron(0 24 * * ? *)",
     "cron(0 12 ? * 3#1,6#3 *)",
     "cron(0/0 12 * * ? *)", "cron(0 12 W * ? *)", "cron(0 12 32W * ? *)", "cron(0 12 ? * 8#1 *)",
     "cron(0 12 1 * ? 2030-2026)",
     "cron(0 12 0 * ? *)", "cron(0 12 * FOO ? *)"],
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
