"""Virtual time: whole microseconds since the start of the run."""

from __future__ import annotations

from typing import NewType

Micros = NewType("Micros", int)
"""A moment or a length of virtual time in microseconds. Integers only: floats drift and compare badly."""

MILLISECOND = Micros(1_000)
SECOND = Micros(1_000_000)
MINUTE = Micros(60_000_000)
HOUR = Micros(3_600_000_000)
DAY = Micros(86_400_000_000)


def seconds(value: float) -> Micros:
    """``value`` seconds as whole microseconds, rounded to the nearest."""
    return Micros(round(value * SECOND))
