"""A fact and its moment."""

from __future__ import annotations

from typing import NamedTuple

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.trace.facts import Fact


class Stamped(NamedTuple):
    """A fact with its moment: ``at`` microseconds of virtual time, ``seq`` from 1 without gaps."""

    at: Micros
    seq: int
    fact: Fact


Entry = tuple[Micros, int, Fact]
"""The same without names, which take ten times as long to make: what leaves a run by the million."""
