"""Schedule expressions: ``at(…)``, ``rate(…)`` and ``cron(…)`` with six fields. Source: fact F.4; Application Auto
Scaling User Guide, "Schedule recurring scaling actions using cron expressions", read 2026-04.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

_UNITS = {"minute": 60, "hour": 3_600, "day": 86_400}
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_PART = re.compile(r"(?P<from>\*|[A-Z]{3}|\d{1,4})(?:-(?P<to>[A-Z]{3}|\d{1,4}))?(?:/(?P<step>\d{1,3}))?")
DAYS_AHEAD_MAX = 366


class Schedule(Protocol):
    """When something is due."""

    def next_after(self, moment: dt.datetime) -> dt.datetime | None:
        """The first moment after ``moment`` (UTC) at which it is due, or None when there is none in a year."""
        ...


@dataclass(frozen=True, slots=True)
class Once:
    """``at(2026-12-01T09:00:00)``."""

    moment: dt.datetime

    def next_after(self, moment: dt.datetime) -> dt.datetime | None:
        """That moment, if it is still to come."""
        return self.moment if self.moment > moment else None


@dataclass(frozen=True, slots=True)
class Rate:
    """``rate(5 minutes)``, counted from when the schedule was made."""

    every: dt.timedelta
    start: dt.datetime

    def next_after(self, moment: dt.datetime) -> dt.datetime | None:
        """The next multiple."""
        passed = max(0, (moment - self.start) // self.every) if moment >= self.start else -1
        return self.start + (passed + 1) * self.every if passed >= 0 else self.start + self.every


@dataclass(frozen=True, slots=True)
class Cron:
    """``cron(minutes hours day-of-month month day-of-week year)``, in a time zone."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int] | None  # None: ?
    months: frozenset[int]
    weekdays: frozenset[int] | None
    years: frozenset[int]
    last_day: bool
    zone: ZoneInfo

    def next_after(self, moment: dt.datetime) -> dt.datetime | None:
        """The first minute that fits."""
        day = moment.astimezone(self.zone).date()
        for _ in range(DAYS_AHEAD_MAX + 1):
            if self._on(day):
                due = [dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone).astimezone(dt.UTC)
                       for hour in self.hours for minute in self.minutes]  # fmt: skip
                later = [each for each in due if each > moment]
                if later:
                    return min(later)
            day += dt.timedelta(days=1)
        return None

    def _on(self, day: dt.date) -> bool:
        if day.year not in self.years or day.month not in self.months:
            return False
        if self.weekdays is not None:
            return day.isoweekday() % 7 + 1 in self.weekdays
        last = day.day == calendar.monthrange(day.year, day.month)[1]
        return day.day in (self.days or ()) or (self.last_day and last)


def read_schedule(expression: str, start: dt.datetime, zone: str | None = None) -> Schedule:
    """The schedule of an expression; ``start`` is when it is made. Raises ``ValueError`` with one clear sentence."""
    found = re.fullmatch(r"(at|rate|cron)\((.{1,200})\)", expression.strip())
    if found is None:
        raise ValueError(f"{expression!r} is not a schedule: at(…), rate(…) or cron(…)")
    kind, inside = found[1], found[2].strip()
    place = _zone(zone or "UTC")
    if kind == "at":
        return Once(_moment(inside, place))
    return _rate(inside, start) if kind == "rate" else _cron(inside, place)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except Exception:
        raise ValueError(f"there is no time zone {name!r}") from None


def _moment(text: str, zone: ZoneInfo) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"at({text}) has no moment such as 2026-12-01T09:00:00") from None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(dt.UTC)


def _rate(text: str, start: dt.datetime) -> Rate:
    found = re.fullmatch(r"(\d{1,6}) (minute|hour|day)(s?)", text)
    if found is None or int(found[1]) < 1 or (found[1] == "1") == bool(found[3]):
        raise ValueError(f"rate({text}) is not like rate(1 minute) or rate(5 minutes)")
    return Rate(dt.timedelta(seconds=int(found[1]) * _UNITS[found[2]]), start)


def _cron(text: str, zone: ZoneInfo) -> Cron:
    fields = text.upper().split()
    if len(fields) != 6:
        raise ValueError(f"cron({text}) has {len(fields)} fields, not 6")
    minutes, hours, days, months, weekdays, years = fields
    if (days == "?") == (weekdays == "?"):
        raise ValueError(f"cron({text}): exactly one of day-of-month and day-of-week must be ?")
    return Cron(
        _values(minutes, 0, 59),
        _values(hours, 0, 23),
        None if days == "?" else frozenset() if days == "L" else _values(days, 1, 31),
        _values(months, 1, 12, _MONTHS),
        None if weekdays == "?" else _values(weekdays, 1, 7, _DAYS),
        _values(years, 1970, 2199),
        days == "L",
        zone,
    )


def _values(field: str, low: int, high: int, names: Mapping[str, int] | None = None) -> frozenset[int]:
    """The numbers of one field: ``*``, ``5``, ``1-5``, ``0/15``, ``MON,WED``."""
    found: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is nothing that lambdalab reads in a cron expression")
        first = low if match["from"] == "*" else _number(match["from"], low, high, names)
        last = _number(match["to"], low, high, names) if match["to"] else first
        if match["from"] == "*" or (match["step"] and not match["to"]):
            last = high
        step = int(match["step"] or 1)
        if step < 1 or last < first:
            raise ValueError(f"{part!r} is empty")
        found.update(range(first, last + 1, step))
    return frozenset(found)


def _number(text: str, low: int, high: int, names: Mapping[str, int] | None) -> int:
    value = (names or {}).get(text, int(text) if text.isdecimal() else -1)
    if not low <= value <= high:
        raise ValueError(f"{text!r} is not between {low} and {high}")
    return value
