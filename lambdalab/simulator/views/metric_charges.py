"""What CloudWatch charges: custom metrics by the hour in which they have data, and calls. Prices: A-143."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from lambdalab.simulator.kernel import HOUR
from lambdalab.simulator.trace.facts import LogEventsPut, MetricDataPut, MetricsQueried, RunStarted
from lambdalab.simulator.views import embedded
from lambdalab.simulator.views.fold import Take
from lambdalab.simulator.vocabulary import prices
from lambdalab.simulator.vocabulary.metric_data import MetricId

Line = tuple[str, str, Decimal]
METRIC_HOURS_MAX = 100_000  # ours: remembered, so that each is counted once
REQUESTS = ("PutMetricData", "GetMetricStatistics", "ListMetrics")


class MetricCharges:
    """Counts custom metrics and what is asked of them."""

    def __init__(self) -> None:
        self._epoch_us = 0
        self._hours: set[tuple[MetricId, int]] = set()
        self._queried = 0
        self.takes: dict[type, Take] = {
            RunStarted: self._started,
            LogEventsPut: self._events_put,
            MetricDataPut: self._put,
            MetricsQueried: self._query,
        }

    def _started(self, at: int, fact: RunStarted) -> None:
        self._epoch_us = fact.epoch_us

    def _events_put(self, at: int, fact: LogEventsPut) -> None:
        for _, text in fact.events:
            found = embedded.read(text, self._epoch_us + at)
            if found is not None:
                self.take_in(*found)

    def take_in(self, moment_us: int, samples: Iterable[embedded.Sample]) -> None:
        """Take in what a log event of the code says, at a moment in microseconds since 1970."""
        for each in samples:
            self._add(MetricId(each.namespace, each.metric, each.dimensions), moment_us)

    def _put(self, at: int, fact: MetricDataPut) -> None:
        if fact.source != "scenario":
            self._add(MetricId(fact.namespace, fact.metric, fact.dimensions), fact.timestamp_ms * 1_000)

    def _add(self, metric: MetricId, moment_us: int) -> None:
        if len(self._hours) < METRIC_HOURS_MAX:
            self._hours.add((metric, moment_us // HOUR))

    def _query(self, at: int, fact: MetricsQueried) -> None:
        if fact.source != "scenario":
            self._queried += fact.metrics

    def standing(self) -> Iterator[Line]:
        """What is paid by the hour: a metric costs the same however many runs put data into it."""
        if self._hours:
            hours = len(self._hours)
            yield "CloudWatch custom metrics", f"{hours:,} metric-hours", hours * prices.METRIC_HOUR

    def lines(self, calls: Mapping[tuple[str, str], int]) -> Iterator[Line]:
        """The bill's lines; ``calls`` are those that are charged, by service and operation."""
        yield from self.standing()
        requests = sum(calls.get(("cloudwatch", operation), 0) for operation in REQUESTS)
        if requests:
            yield "CloudWatch requests", f"{requests:,}", requests * prices.METRIC_REQUEST
        if self._queried:
            yield "CloudWatch GetMetricData, metrics", f"{self._queried:,}", self._queried * prices.METRIC_QUERIED
