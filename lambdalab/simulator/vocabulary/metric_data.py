"""What a metric is called, and what CloudWatch knows of it at a moment."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

Dimensions = tuple[tuple[str, str], ...]
"""(name, value) each, sorted."""

UNITS: Final = (
    "Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits",
    "Kilobits", "Megabits", "Gigabits", "Terabits", "Percent", "Count", "Bytes/Second", "Kilobytes/Second",
    "Megabytes/Second", "Gigabytes/Second", "Terabytes/Second", "Bits/Second", "Kilobits/Second", "Megabits/Second",
    "Gigabits/Second", "Terabits/Second", "Count/Second", "None",
)  # fmt: skip
"""CloudWatch's units, which it never converts. BC StandardUnit"""


class MetricId(NamedTuple):
    """One metric: another value of a dimension makes another one."""

    namespace: str
    metric: str
    dimensions: Dimensions


@dataclass(frozen=True, slots=True)
class Point:
    """The samples of a metric in one second, or in one minute, which begins at ``start_s`` (seconds since 1970).

    ``values`` says how often each came where they are known; ``percentiles`` those of the whole minute (0.5: the
    median) where only these are. A statistic set with different values has neither.
    """

    start_s: int
    unit: str
    count: float
    total: float
    least: float
    greatest: float
    values: tuple[tuple[float, float], ...] | None = None
    percentiles: Mapping[float, float] = field(default_factory=dict)


class Metrics:
    """The metrics of the account as they stand now: what is behind the calls that read them. This one has none."""

    def ids(self) -> Iterable[tuple[MetricId, int]]:
        """Every metric, and the last moment for which it has data (seconds since 1970)."""
        return ()

    def points(self, wanted: MetricId, *, fine: bool, since_s: float = -math.inf) -> Iterable[Point]:
        """What is known of one metric from a moment on, in no order: by the second (``fine``) or by the minute.

        An alarm asks at the end of every period: what that takes must not grow with the time that has passed.
        """
        return ()
