"""Words and figures that many sentences share."""

from __future__ import annotations

import re

from lambdalab.simulator.kernel import MINUTE, SECOND

LINE_SHOWN = 240  # characters of a log line: a REPORT with all its fields
_OURS = re.compile(r"event \d+|request [0-9a-f]{8}|no request")


def duration(micros: int) -> str:
    """A length of time for people: ``330 ms``, ``2.5 s``, ``1 min``, ``1 h 30 min``."""
    if micros < SECOND:
        return f"{micros / 1_000:.0f} ms"
    if micros < MINUTE:
        return f"{micros / SECOND:.2f}".rstrip("0").rstrip(".") + " s"
    seconds = round(micros / SECOND)
    hours, minutes, rest = seconds // 3600, seconds % 3600 // 60, seconds % 60
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", f"{rest} s" if rest else ""]
    return " ".join(part for part in parts if part)


def clock(micros: int) -> str:
    """A moment for people: ``0:01.010``, ``3:01:05.500``."""
    total_ms = round(micros / 1_000)
    hours, minutes, ms = total_ms // 3_600_000, total_ms % 3_600_000 // 60_000, total_ms % 60_000
    head = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{head}:{ms // 1000:02}.{ms % 1000:03}"


def count(number: int, what: str) -> str:
    """``1 attempt``, ``2 attempts``."""
    return f"{number} {what}" + ("" if number == 1 else "s")


def first(label: str) -> str:
    """A label at the beginning of a sentence; one that an author gave stays as it is."""
    return label[:1].upper() + label[1:] if _OURS.fullmatch(label) else label


def resource(arn: str) -> str:
    """The last part of an ARN, by which people know a resource."""
    return arn.rsplit(":", 1)[-1]


def where(environment: str) -> str:
    """What an execution environment is called."""
    return f"env-{environment.rsplit('/', 1)[-1]}"


def first_line(text: str) -> str:
    """The first line of a text, cut where it is too long."""
    line = text.split("\n", 1)[0].replace("\t", "  ")
    line = line.rstrip()
    return line if len(line) <= LINE_SHOWN else line[: LINE_SHOWN - 1] + "…"


def said(text: str | None) -> str:
    """What somebody else has written, in one line."""
    return " ".join((text or "nobody said why").split())
