"""The six fields of a cron expression. Source: Amazon EventBridge User Guide, "Creating a rule that runs on a
schedule", tables of fields and wildcards, read 2026-11.

Where the guide is silent its kind of expression (Quartz's) decides: a range may go round (``20-2``, ``FRI-MON``), a
day's ``W`` stays inside its month, and ``LW`` is the last weekday of the month (A-113).
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_PART = re.compile(r"(?P<from>\*|[A-Z]{3}|\d{1,4})(?:-(?P<to>[A-Z]{3}|\d{1,4}))?(?:/(?P<step>\d{1,4}))?")
_NEAR = re.compile(r"(\d{1,2})W")
_LAST = re.compile(r"([A-Z]{3}|[1-7])L")
_NTH = re.compile(r"([A-Z]{3}|[1-7])#([1-5])")


@dataclass(frozen=True, slots=True)
class Fields:
    """What each field admits. ``days`` or ``weekdays`` is None where the field is ``?``.

    Weekdays are 1 (Sunday) to 7. ``last_day``: ``L``; ``near``: the days of ``15W``, 0 for ``LW``; ``last_of``: the
    weekdays of ``6L``; ``nth``: the (weekday, number) of ``3#2``.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int] | None
    months: frozenset[int]
    weekdays: frozenset[int] | None
    years: frozenset[int]
    last_day: bool = False
    near: frozenset[int] = frozenset()
    last_of: frozenset[int] = frozenset()
    nth: tuple[int, int] | None = None


class Days:
    """On which days an expression is due."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def fits(self, day: dt.date) -> bool:
        """Whether it is due on a day."""
        fields = self._fields
        if day.year not in fields.years or day.month not in fields.months:
            return False
        last = calendar.monthrange(day.year, day.month)[1]
        if fields.days is None:
            return self._weekday_fits(day, last)
        near = any(_nearest(day.year, day.month, each or last, last) == day.day for each in fields.near)
        return day.day in fields.days or (fields.last_day and day.day == last) or near

    def _weekday_fits(self, day: dt.date, last: int) -> bool:
        fields, weekday = self._fields, day.isoweekday() % 7 + 1
        assert fields.weekdays is not None  # exactly one of the two is ?
        if weekday in fields.weekdays or (weekday in fields.last_of and day.day + 7 > last):
            return True
        return fields.nth is not None and (weekday, (day.day - 1) // 7 + 1) == fields.nth


def _nearest(year: int, month: int, day: int, last: int) -> int:
    """The weekday nearest to a day, in the same month. A day that the month does not have is none (0)."""
    if day > last:
        return 0
    weekday = dt.date(year, month, day).isoweekday()
    if weekday == 6:
        return day - 1 if day > 1 else day + 2
    if weekday == 7:
        return day + 1 if day < last else day - 2
    return day


def read_fields(text: str) -> Fields:
    """The fields of an expression. Raises ``ValueError`` with one clear sentence."""
    fields = text.upper().split()
    if len(fields) != 6:
        raise ValueError(f"cron({text}) has {len(fields)} fields, not 6")
    minutes, hours, days, months, weekdays, years = fields
    if (days == "?") == (weekdays == "?"):
        raise ValueError(f"cron({text}): exactly one of day-of-month and day-of-week must be ?")
    plain_days, last_day, near = _days(days)
    plain_weekdays, last_of, nth = _weekdays(weekdays)
    return Fields(
        tuple(sorted(_values(minutes, 0, 59))),
        tuple(sorted(_values(hours, 0, 23))),
        plain_days,
        _values(months, 1, 12, MONTHS),
        plain_weekdays,
        _values(years, 1970, 2199),
        last_day,
        near,
        last_of,
        nth,
    )


def _days(field: str) -> tuple[frozenset[int] | None, bool, frozenset[int]]:
    """Day-of-month: the plain days, whether the last one counts, and the days of W."""
    if field == "?":
        return None, False, frozenset()
    plain: set[int] = set()
    near: set[int] = set()
    last = False
    for part in field.split(","):
        found = _NEAR.fullmatch(part)
        if part == "L":
            last = True
        elif part == "LW":
            near.add(0)
        elif found:
            near.add(_number(found[1], 1, 31, None))
        else:
            plain |= _part(part, 1, 31, None)
    return frozenset(plain), last, frozenset(near)


def _weekdays(field: str) -> tuple[frozenset[int] | None, frozenset[int], tuple[int, int] | None]:
    """Day-of-week: the plain ones, those of L, and the one of #."""
    if field == "?":
        return None, frozenset(), None
    parts = field.split(",")
    if "#" in field:
        found = _NTH.fullmatch(field)
        if found is None:
            raise ValueError(f"{field!r}: with # the day-of-week has one expression only, such as 3#2")
        return frozenset(), frozenset(), (_number(found[1], 1, 7, DAYS), int(found[2]))
    plain: set[int] = set()
    last_of: set[int] = set()
    for part in parts:
        found = _LAST.fullmatch(part)
        if part == "L":
            plain.add(7)  # the last day of the week
        elif found:
            last_of.add(_number(found[1], 1, 7, DAYS))
        else:
            plain |= _part(part, 1, 7, DAYS)
    return frozenset(plain), frozenset(last_of), None


def _values(field: str, low: int, high: int, names: Mapping[str, int] | None = None) -> frozenset[int]:
    """The numbers of one field: ``*``, ``5``, ``1-5``, ``0/15``, ``MON,WED``."""
    return frozenset().union(*(_part(part, low, high, names) for part in field.split(",")))


def _part(part: str, low: int, high: int, names: Mapping[str, int] | None) -> frozenset[int]:
    match = _PART.fullmatch(part)
    if match is None:
        raise ValueError(f"{part!r} is nothing that a field of a cron expression can be")
    first = low if match["from"] == "*" else _number(match["from"], low, high, names)
    last = _number(match["to"], low, high, names) if match["to"] else first
    if match["from"] == "*" or (match["step"] and not match["to"]):
        last = high
    step = int(match["step"] or 1)
    if step < 1 or (match["from"] == "*" and match["to"]):
        raise ValueError(f"{part!r} is empty")
    if last >= first:
        return frozenset(range(first, last + 1, step))
    if high > 1_000:
        raise ValueError(f"{part!r} is empty")
    round_about = [*range(first, high + 1), *range(low, last + 1)]
    return frozenset(round_about[::step])


def _number(text: str, low: int, high: int, names: Mapping[str, int] | None) -> int:
    value = (names or {}).get(text, int(text) if text.isdecimal() else -1)
    if not low <= value <= high:
        raise ValueError(f"{text!r} is not between {low} and {high}")
    return value
