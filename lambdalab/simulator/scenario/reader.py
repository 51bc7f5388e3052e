"""Reading values with their places: every helper returns a value or notes a problem and a default."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.yaml_source import Path, Source

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d{1,6})?)s)?(?:(\d+)ms)?")


class Reader:
    """Walks a parsed file and collects what is wrong with it."""

    def __init__(self, source: Source, epoch_us: int) -> None:
        self.source = source
        self.epoch_us = epoch_us
        self.problems: list[Problem] = []

    def note(self, path: Path, message: str, fix: str = "") -> None:
        """Note a problem at ``path``."""
        self.problems.append(self.source.problem(path, message, fix))

    def mapping(self, value: Any, path: Path, known: Iterable[str]) -> dict[str, Any]:
        """A mapping with known keys only."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.note(path, "this must be a mapping (key: value).")
            return {}
        allowed = sorted(known)
        for key in value:
            if key not in allowed:
                self.note((*path, key), f"unknown key {key}.", f"Known here: {', '.join(allowed)}.")
        return value

    def listing(self, value: Any, path: Path) -> list[Any]:
        """A list."""
        if value is None:
            return []
        if not isinstance(value, list):
            self.note(path, "this must be a list (lines that begin with a dash).")
            return []
        return value

    def text(self, value: Any, path: Path, what: str, default: str = "") -> str:
        """A text that must be there."""
        if isinstance(value, str) and value.strip():
            return value
        self.note(path, f"{what} must be a text.")
        return default

    def integer(self, value: Any, path: Path, low: int, high: int, default: int) -> int:
        """A whole number in a range."""
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.note(path, f"this must be a whole number from {low} to {high}, not {value!r}.")
        return default

    def number(self, value: Any, path: Path, default: float) -> float:
        """A number that is not negative."""
        if value is None:
            return default
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12:
            return float(value)
        self.note(path, f"this must be a number of 0 or more, not {value!r}.")
        return default

    def duration(self, value: Any, path: Path, default: Micros = Micros(0)) -> Micros:
        """A length (``90s``, ``1h30m``, ``250ms``) or a moment of virtual time (ISO 8601), as microseconds."""
        if value is None:
            return default
        if value == 0:
            return Micros(0)
        parsed = parse_duration(str(value))
        if parsed is None:
            parsed = self._moment(str(value))
        if parsed is None:
            self.note(
                path, f"{value!r} is not a time.", "Write it like 0s, 90s, 5m, 1h30m, 250ms or 2026-11-23T09:00:00Z."
            )
            return default
        return parsed

    def _moment(self, text: str) -> Micros | None:
        try:
            moment = dt.datetime.fromisoformat(text)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        micros = round(moment.timestamp() * 1_000_000) - self.epoch_us
        return Micros(micros) if micros >= 0 else None


def parse_duration(text: str) -> Micros | None:
    """``1h30m`` as microseconds, or None when it is not a duration."""
    match = _DURATION.fullmatch(text.strip())
    if not match or not any(match.groups()):
        return None
    days, hours, minutes, seconds, millis = (float(group or 0) for group in match.groups())
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    return Micros(round(total * 1_000_000 + millis * 1_000))
