"""Schedule expressions: ``at(…)``, ``rate(…)`` and ``cron(…)`` with six fields.

Sources: Amazon EventBridge User Guide, "Creating a rule that runs on a schedule"; EventBridge Scheduler User Guide,
"Schedule types" and "Daylight savings time"; Application Auto Scaling User Guide, "Schedule recurring scaling actions
using cron expressions", read 2026-04 and 2026-11; fact F.4.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from lambdalab.simulator.vocabulary.cron import Days, Fields, read_fields

_UNITS = {"minute": 60, "hour": 3_600, "day": 86_400}
DAYS_AHEAD_MAX = 366
RATE_MAX = dt.timedelta(days=366)  # ours: beyond that nothing is due within a run


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
    """``cron(minutes hours day-of-month month day-of-week year)``, in a time zone.

    A local time that a change of the clocks leaves out is skipped; one that it brings twice is due the first time only.
    """

    fields: Fields
    zone: ZoneInfo

    def next_after(self, moment: dt.datetime) -> dt.datetime | None:
        """The first minute that fits."""
        local = moment.astimezone(self.zone)
        day, days = local.date(), Days(self.fields)
        for _ in range(DAYS_AHEAD_MAX + 1):
            if days.fits(day):
                begins = local.hour - 1 if day == local.date() else 0  # an hour before: the clocks may go back
                found = self._on(day, moment, begins)
                if found is not None:
                    return found
            day += dt.timedelta(days=1)
        return None

    def _on(self, day: dt.date, moment: dt.datetime, begins: int) -> dt.datetime | None:
        """The first minute of a day after ``moment``."""
        for hour in self.fields.hours:
            if hour < begins:
                continue
            for minute in self.fields.minutes:
                local = dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone)
                due = local.astimezone(dt.UTC)
                there = due.astimezone(self.zone).replace(tzinfo=None) == local.replace(tzinfo=None)
                if due > moment and there:
                    return due
        return None


def read_schedule(expression: str, start: dt.datetime, zone: str | None = None) -> Schedule:
    """The schedule of an expression; ``start`` is when it is made. Raises ``ValueError`` with one clear sentence."""
    found = re.fullmatch(r"(at|rate|cron)\((.{1,200})\)", expression.strip())
    if found is None:
        raise ValueError(f"{expression!r} is not a schedule: at(…), rate(…) or cron(…)")
    kind, inside = found[1], found[2].strip()
    place = read_zone(zone or "UTC")
    if kind == "at":
        return Once(_moment(inside, place))
    return _rate(inside, start) if kind == "rate" else Cron(read_fields(inside), place)


def read_zone(name: str) -> ZoneInfo:
    """A time zone of the IANA data base. Raises ``ValueError``."""
    try:
        return ZoneInfo(name)
    except Exception:
        raise ValueError(f"there is no time zone {name!r}") from None


def _moment(text: str, zone: ZoneInfo) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(dt.UTC)
    except (ValueError, OverflowError):  # the first and the last day of the calendar have no other zone
        raise ValueError(f"at({text}) has no moment such as 2026-12-01T09:00:00") from None


def _rate(text: str, start: dt.datetime) -> Rate:
    found = re.fullmatch(r"(\d{1,6}) (minute|hour|day)(s?)", text)
    if found is None or int(found[1]) < 1 or (found[1] == "1") == bool(found[3]):
        raise ValueError(f"rate({text}) is not like rate(1 minute) or rate(5 minutes)")
    return Rate(min(RATE_MAX, dt.timedelta(seconds=int(found[1]) * _UNITS[found[2]])), start)
