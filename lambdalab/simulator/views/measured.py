"""Every metric of a run as CloudWatch's calls see it: Lambda's own, and the custom ones."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lambdalab.simulator.views.custom_metrics import CustomMetrics
from lambdalab.simulator.views.metrics import MetricsFold
from lambdalab.simulator.views.series import Statistics
from lambdalab.simulator.vocabulary.metric_data import MetricId, Metrics, Point
from lambdalab.simulator.vocabulary.metrics import METRICS, NAMESPACE

PERCENTILES = {0.5: "p50", 0.9: "p90", 0.95: "p95", 0.99: "p99"}


class Measured(Metrics):
    """Both folds together, as far as they have come."""

    def __init__(self, lambda_: MetricsFold, custom: CustomMetrics) -> None:
        self._lambda = lambda_
        self._custom = custom

    def ids(self) -> Iterator[tuple[MetricId, int]]:
        """Every metric, and the last minute for which it has data."""
        for metric, dimensions, found in self._lambda.measured():
            if found:
                yield MetricId(NAMESPACE, metric, dimensions), self._custom.begins_s(max(found))
        yield from self._custom.ids()

    def points(self, wanted: MetricId, *, fine: bool, since_s: float = -math.inf) -> Iterator[Point]:
        """What is known of one metric from a moment on. Lambda's have no finer points than minutes."""
        if wanted.namespace != NAMESPACE:
            yield from self._custom.points(wanted, fine=fine, since_s=since_s)
            return
        if fine:
            return
        unit = METRICS[wanted.metric].unit if wanted.metric in METRICS else "None"
        found = self._lambda.measured_of(wanted.metric, wanted.dimensions, self._custom.minute_of(since_s))
        for minute, row in found.items():
            if self._custom.begins_s(minute) >= since_s:
                yield _point(self._custom.begins_s(minute), unit, row)


def _point(start_s: int, unit: str, row: Statistics) -> Point:
    percentiles = {share: row[name] for share, name in PERCENTILES.items()}
    values = {row["min"]: row["count"]} if row["min"] == row["max"] else None
    if values is None and unit == "Count" and row["min"] == 0 and row["max"] == 1 and row["sum"] == int(row["sum"]):
        values = {0.0: row["count"] - row["sum"], 1.0: row["sum"]}  # a count: each sample is 0 or 1
    known = None if values is None else tuple(values.items())
    return Point(start_s, unit, row["count"], row["sum"], row["min"], row["max"], known, percentiles)
