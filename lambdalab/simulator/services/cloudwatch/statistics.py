"""Statistics over periods: the points of a metric as one figure for each period.

Source: CloudWatch User Guide, "CloudWatch statistics definitions", read 2026-11. A percentile needs the samples: a
statistic set with different values has none, nor has a period with a negative value. Where only the percentiles of a
minute are known (A-141), those are a period's when it has one minute of data.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from lambdalab.simulator.vocabulary.metric_data import Point

PLAIN = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_PERCENTILE = re.compile(r"p(100|\d{1,2}(?:\.\d{1,10})?)")
_OTHERS = re.compile(r"(tm|wm|tc|ts|pr)(\d|\()|IQM")


class UnknownPercentile(ValueError):
    """A percentile that CloudWatch could tell, and lambdalab cannot."""


def share_of(statistic: str) -> float | None:
    """The share that a percentile stands for, 0 to 1 (``p99``: 0.99); None for anything else."""
    found = _PERCENTILE.fullmatch(statistic)
    return None if found is None else float(found[1]) / 100


def is_unsupported(statistic: str) -> bool:
    """Whether it is a statistic of CloudWatch that is not simulated: trimmed means and their kin."""
    return _OTHERS.match(statistic) is not None


def is_statistic(statistic: str) -> bool:
    """Whether it can be worked out here."""
    return statistic in PLAIN or share_of(statistic) is not None


def by_period(points: Iterable[Point], start_s: int, period_s: int) -> dict[int, list[Point]]:
    """Points by the moment at which their period begins; periods are counted from ``start_s``."""
    found: dict[int, list[Point]] = defaultdict(list)
    for point in points:
        found[point.start_s - (point.start_s - start_s) % period_s].append(point)
    return found


def figure(points: Sequence[Point], statistic: str) -> float | None:
    """A statistic over at least one point; None where CloudWatch has none. Raises :class:`UnknownPercentile`."""
    share = share_of(statistic)
    if share is not None:
        return _percentile(points, share)
    count, total = sum(each.count for each in points), math.fsum(each.total for each in points)
    return {
        "SampleCount": lambda: float(count),
        "Sum": lambda: total,
        "Average": lambda: total / count,
        "Minimum": lambda: min(each.least for each in points),
        "Maximum": lambda: max(each.greatest for each in points),
    }[statistic]()


def _percentile(points: Sequence[Point], share: float) -> float | None:
    if any(each.least < 0 for each in points):
        return None
    counts: dict[float, float] = defaultdict(float)
    for point in points:
        if point.values is None:
            return _known(points, share)
        for value, times in point.values:
            counts[value] += times
    rank, reached = max(1, math.ceil(share * sum(counts.values()))), 0.0
    for value in sorted(counts):
        reached += counts[value]
        if reached >= rank:
            return value
    return max(counts)


def _known(points: Sequence[Point], share: float) -> float | None:
    """A percentile that is told without its samples."""
    if not any(each.percentiles for each in points):
        return None  # of a statistic set
    known = points[0].percentiles.get(share) if len(points) == 1 else None
    if known is None and share in (0.0, 1.0):
        return min(each.least for each in points) if share == 0.0 else max(each.greatest for each in points)
    if known is None:
        raise UnknownPercentile(f"p{share * 100:g}")
    return known
