"""Custom metrics: what calls, metric filters and log lines in the embedded metric format put into CloudWatch.

Each row is one metric in one minute; metrics of high resolution have rows by the second beside them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.kernel import MINUTE, SECOND
from lambdalab.simulator.trace.facts import LogEventsPut, MetricDataPut, RunStarted
from lambdalab.simulator.views import embedded
from lambdalab.simulator.views.distribution import Distribution
from lambdalab.simulator.views.fold import Take
from lambdalab.simulator.vocabulary.metric_data import Dimensions, MetricId, Point
from lambdalab.simulator.vocabulary.metrics import ALL_FUNCTIONS

ROWS_MAX = 40_000  # ours: metrics times minutes of one run, for calls and alarms
FINE_ROWS_MAX = 40_000  # ours: metrics of high resolution times seconds
SHOWN_MAX = 4_000  # ours: of the rows, the earliest, in the summary
VALUES_PER_ROW_MAX = 100  # ours: different ones, beyond which percentiles are rounded
PERCENTILES = ("p50", "p90", "p95", "p99")

Values = tuple[tuple[float, float], ...]
Set = tuple[float, float, float, float]
"""A statistic set: how many samples, their sum, the least and the greatest."""


@dataclass(slots=True)
class Row:
    """The samples of one metric with one unit, and the statistic sets, whose samples nobody knows."""

    samples: Distribution = field(default_factory=lambda: Distribution(VALUES_PER_ROW_MAX))
    sets: Set | None = None
    made: Point | None = None  # of what has been added so far: alarms ask again and again

    def add(self, values: Values, statistics: Set | None) -> None:
        """Take data in. A set whose samples are all the same is as good as they are. BC PutMetricData"""
        self.made = None
        for value, times in values:
            self.samples.add_times(value, times)
        if statistics is not None:
            count, total, least, greatest = statistics
            if least == greatest and math.isclose(total, least * count):
                self.samples.add_times(least, count)
            else:
                self.sets = statistics if self.sets is None else _joined(self.sets, statistics)

    def point(self, start_s: int, unit: str) -> Point:
        """As the calls that read metrics see it."""
        if self.made is None:
            values = self.samples.counted() if self.sets is None else None
            self.made = Point(start_s, unit, *self._all(), values)
        return self.made

    def statistics(self) -> dict[str, Any]:
        """As the summary shows it. Without the samples of a set there are no percentiles: they are null."""
        if self.sets is None:
            row = self.samples.statistics()
            return row | {"count": _whole(row["count"])}
        count, total, least, greatest = self._all()
        known = {"sum": round(total, 6), "min": least, "max": greatest, "count": _whole(count)}
        return {**known, "avg": round(total / count, 6), **dict.fromkeys(PERCENTILES)}

    def _all(self) -> Set:
        if not self.samples:
            assert self.sets is not None
            return self.sets
        row = self.samples.statistics()
        known = (row["count"], row["sum"], row["min"], row["max"])
        return known if self.sets is None else _joined(known, self.sets)


class Table:
    """Rows by metric, then by moment and unit: at most so many."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._metrics: dict[MetricId, dict[tuple[int, str], Row]] = {}
        self.latest: dict[MetricId, int] = {}  # the last moment of each metric

    def row(self, metric: MetricId, place: int, unit: str) -> Row | None:
        """The row of a moment, a new one where there is none; None where there are too many."""
        rows = self._metrics.setdefault(metric, {}) if self._left else self._metrics.get(metric, {})
        row = rows.get((place, unit))
        if row is None and self._left:
            self._left -= 1
            row = rows[place, unit] = Row()
            self.latest[metric] = max(place, self.latest.get(metric, place))
        return row

    def of(self, metric: MetricId) -> Iterator[tuple[int, str, Row]]:
        """(moment, unit, row) of one metric."""
        for (place, unit), row in self._metrics.get(metric, {}).items():
            yield place, unit, row

    def __iter__(self) -> Iterator[MetricId]:
        return iter(self._metrics)


class CustomMetrics:
    """Collects them, by the minute of their own timestamps; at most ``ROWS_MAX`` rows, what comes then is lost."""

    def __init__(self) -> None:
        self._epoch_us = 0
        self._rows = Table(ROWS_MAX)  # by the minute of the run
        self._fine = Table(FINE_ROWS_MAX)  # by the second since 1970
        self.takes: dict[type, Take] = {
            RunStarted: self._started,
            LogEventsPut: self._events_put,
            MetricDataPut: self._put,
        }

    def _started(self, at: int, fact: RunStarted) -> None:
        self._epoch_us = fact.epoch_us

    def _events_put(self, at: int, fact: LogEventsPut) -> None:
        for _, text in fact.events:
            found = embedded.read(text, self._epoch_us + at)
            if found is not None:
                self.take_in(*found)

    def take_in(self, moment_us: int, samples: Iterable[embedded.Sample]) -> None:
        """Take in what a log event of the code says. Of log lines there are many: the summary, which looks at each,
        reads them."""
        for each in samples:
            metric = MetricId(each.namespace, each.metric, each.dimensions)
            self._add(metric, each.unit, moment_us, ((each.value, 1),), None, fine=each.fine)

    def _put(self, at: int, fact: MetricDataPut) -> None:
        metric = MetricId(fact.namespace, fact.metric, fact.dimensions)
        fine = fact.resolution_s == 1
        self._add(metric, fact.unit, fact.timestamp_ms * 1_000, fact.values, fact.statistics, fine=fine)

    def _add(
        self, metric: MetricId, unit: str, moment_us: int, values: Values, statistics: Set | None, *, fine: bool
    ) -> None:
        row = self._rows.row(metric, (moment_us - self._epoch_us) // MINUTE, unit)
        if row is not None:
            row.add(values, statistics)
        finer = self._fine.row(metric, moment_us // SECOND, unit) if fine else None
        if finer is not None:
            finer.add(values, statistics)

    def ids(self) -> Iterator[tuple[MetricId, int]]:
        """Every metric, and the beginning of the last minute for which it has data (seconds since 1970)."""
        return ((metric, self.begins_s(minute)) for metric, minute in self._rows.latest.items())

    def points(self, wanted: MetricId, *, fine: bool, since_s: float = -math.inf) -> Iterator[Point]:
        """What is known of a metric from a moment on, by the second or by the minute."""
        for place, unit, row in (self._fine if fine else self._rows).of(wanted):
            start_s = place if fine else self.begins_s(place)
            if start_s >= since_s:
                yield row.point(start_s, unit)

    def begins_s(self, minute: int) -> int:
        """The whole minute of the clock (seconds since 1970) in which a minute of the run begins."""
        moment = self._epoch_us // SECOND + minute * 60
        return moment - moment % 60

    def minute_of(self, moment_s: float) -> int:
        """A minute of the run that begins at this moment of the clock, or before; 0 for one before the run."""
        return 0 if moment_s == -math.inf else max(0, int(moment_s - self._epoch_us // SECOND) // 60 - 1)

    def result(self) -> dict[str, dict[str, dict[str, list[dict[str, Any]]]]]:
        """``{NAMESPACE: {METRIC: {NAME: [{t_s, sum, min, …}]}}}``, as for AWS's own metrics, all units together.

        The rows of the earliest minutes, at most ``SHOWN_MAX``.
        """
        merged: dict[tuple[str, str, str, int], Row] = {}
        for metric in self._rows:
            for minute, _, row in self._rows.of(metric):
                key = (metric.namespace, metric.metric, shown(metric.dimensions), minute)
                merged.setdefault(key, Row()).add(row.samples.counted(), row.sets)
        table: dict[str, dict[str, dict[str, list[dict[str, Any]]]]] = {}
        earliest = sorted(merged, key=lambda key: (key[-1], *key))[:SHOWN_MAX]
        for namespace, name, dimensions, minute in sorted(earliest):
            row = merged[namespace, name, dimensions, minute]
            cells = row.statistics() | {"t_s": minute * (MINUTE // SECOND)}
            table.setdefault(namespace, {}).setdefault(name, {}).setdefault(dimensions, []).append(cells)
        return table


def shown(dimensions: Dimensions) -> str:
    """Under which name the summary shows a metric: ``service=orders,stage=prod``, or ``*`` without dimensions."""
    return ",".join(f"{name}={value}" for name, value in dimensions) or ALL_FUNCTIONS


def _joined(one: Set, other: Set) -> Set:
    return one[0] + other[0], math.fsum((one[1], other[1])), min(one[2], other[2]), max(one[3], other[3])


def _whole(count: float) -> float:
    return int(count) if float(count).is_integer() else count
