"""Samples of CloudWatch metrics by minute: series, levels and counts, and what is known of one name. Fact H.1"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from lambdalab.simulator.kernel import MINUTE
from lambdalab.simulator.trace.facts import InvocationEnded
from lambdalab.simulator.views.distribution import Distribution

VALUES_PER_MINUTE_MAX = 10_000  # different ones; percentiles of more are rounded (see Distribution)
DURATIONS_MAX = 100_000  # the same for durations, in a minute and in a whole run

Statistics = dict[str, Any]


@dataclass(slots=True)
class Series:
    """Samples of one metric of one function, which come in the order of time: only one minute's are held at once."""

    minute: int = 0
    ends: int = MINUTE
    most: int = VALUES_PER_MINUTE_MAX
    samples: Distribution = field(init=False)
    closed: dict[int, Statistics] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.samples = Distribution(self.most)

    def add(self, at: int, value: float) -> None:
        if at >= self.ends:
            self.turn(at // MINUTE)
        self.samples.add(value)

    def turn(self, minute: int) -> None:
        """A later minute begins."""
        if self.samples:
            self.closed[self.minute] = self.samples.statistics()
            self.samples = Distribution(self.most)
        self.minute, self.ends = minute, (minute + 1) * MINUTE

    def rows(self, since: int = 0) -> dict[int, Statistics]:
        """Statistics by minute, from a minute on, the present one as far as it has come."""
        closed = {minute: row for minute, row in self.closed.items() if minute >= since} if since > 0 else self.closed
        return closed | {self.minute: self.samples.statistics()} if self.samples else closed


@dataclass(slots=True)
class Gauge:
    """A level: sampled when it rises, and once in each further minute in which it lasts."""

    series: Series = field(default_factory=Series)
    level: int = 0
    peak: int = 0

    def move(self, at: int, level: int) -> None:
        if at >= self.series.ends:
            self.turn(at // MINUTE)
        if level > self.level:
            self.rise(level)
        self.level = level

    def rise(self, level: int) -> None:
        """It is higher than it was, in the present minute."""
        self.level = level
        self.series.samples.add(level)
        if level > self.peak:
            self.peak = level

    def turn(self, minute: int) -> None:
        """A later minute begins."""
        if not self.level:
            self.series.turn(minute)
            return
        for passed in range(self.series.minute + 1, minute + 1):
            self.series.turn(passed)
            self.series.samples.add(self.level)


Counts = dict[int, int]
"""A number for each minute."""


@dataclass(slots=True)
class Row:
    """What is known of one name: of a function, of one of its versions, or of the account."""

    busy: Gauge = field(default_factory=Gauge)
    durations: Series = field(default_factory=lambda: Series(most=DURATIONS_MAX))
    earlier_durations: Distribution = field(default_factory=lambda: Distribution(DURATIONS_MAX))
    """Those of all minutes before, together."""
    ages: Series = field(default_factory=Series)
    invocations: Counts = field(default_factory=dict)
    good: Counts = field(default_factory=dict)
    errors: Counts = field(default_factory=dict)
    counts: dict[str, Counts] = field(default_factory=dict)
    levels: dict[str, Series] = field(default_factory=dict)

    def turn(self, minute: int) -> None:
        """A later minute begins, for its concurrency and its durations: they come most often, so who adds to them looks
        at the time once for all rows."""
        self.earlier_durations.absorb(self.durations.samples)
        self.durations.turn(minute)
        self.busy.turn(minute)

    def all_durations(self) -> Distribution:
        """The durations of the whole run."""
        return Distribution.of(DURATIONS_MAX, (self.earlier_durations, self.durations.samples))

    def ended(self, at: int, fact: InvocationEnded, duration_ms: float) -> None:
        self.durations.samples.add(duration_ms)
        minute = (at - fact.duration_us) // MINUTE  # errors are stamped at the invocation's start
        outcomes = self.good if fact.status == "ok" else self.errors
        outcomes[minute] = outcomes.get(minute, 0) + 1

    def count(self, metric: str, at: int) -> None:
        counts = self.counts.setdefault(metric, {})
        counts[at // MINUTE] = counts.get(at // MINUTE, 0) + 1

    def sample(self, metric: str, at: int, value: float) -> None:
        """One sample of a metric that is no count."""
        self.levels.setdefault(metric, Series()).add(at, value)

    def add_counts(self, other: Row, since: int = 0) -> None:
        """Add what another name has counted, from a minute on."""
        for mine, theirs in (
            (self.invocations, other.invocations),
            (self.good, other.good),
            (self.errors, other.errors),
            *((self.counts.setdefault(metric, {}), counts) for metric, counts in other.counts.items()),
        ):
            for minute, count in theirs.items():
                if minute >= since:
                    mine[minute] = mine.get(minute, 0) + count

    def rows(self) -> Iterator[tuple[str, dict[int, Statistics]]]:
        """Statistics by minute of each metric."""
        return ((metric, found(0)) for metric, found in self.tables().items())

    def tables(self) -> dict[str, Callable[[int], dict[int, Statistics]]]:
        """Each metric, and how its statistics by minute are worked out, from a minute on."""
        return {
            "ConcurrentExecutions": self.busy.series.rows,
            "Duration": self.durations.rows,
            "AsyncEventAge": self.ages.rows,
            "Invocations": partial(_zeros_and_ones, {}, self.invocations),
            "Errors": partial(_zeros_and_ones, self.good, self.errors),
            **{metric: partial(_zeros_and_ones, {}, counts) for metric, counts in self.counts.items()},
            **{metric: series.rows for metric, series in self.levels.items()},
        }


def _zeros_and_ones(zeros: Counts, ones: Counts, since: int) -> dict[int, Statistics]:
    """Statistics of samples that are 0 or 1, from a minute on."""
    found = {}
    for minute in {*zeros, *ones}:
        if minute < since:
            continue
        samples = Distribution(2)
        for value, counts in enumerate((zeros, ones)):
            if minute in counts:
                samples.add_times(value, counts[minute])
        found[minute] = samples.statistics()
    return found


def raised(row: Statistics, by: int) -> Statistics:
    """The statistics of samples that are all greater by so much."""
    raised = {name: value if name == "count" else value + by for name, value in row.items()}
    return raised | {"sum": row["sum"] + by * row["count"]}
