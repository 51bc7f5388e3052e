"""Facts of CloudWatch metrics: what was put there by calls and by metric filters. Lambda's own are worked out."""

from __future__ import annotations

__all__ = ("MetricDataPut", "MetricFact", "MetricsQueried")

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class MetricDataPut(Recorded, frozen=True):
    """Data of one custom metric, for the moment ``timestamp_ms`` (milliseconds since 1970).

    ``dimensions`` are (name, value), sorted; ``values`` are (value, how often); ``statistics`` are those of a statistic
    set: how many samples, their sum, the least and the greatest. ``resolution_s`` is 1 or 60. ``source`` says who put
    it: a function, the scenario, or ``logs/FILTER`` for a metric filter.
    """

    kind: ClassVar[Literal["metric.data_put"]] = "metric.data_put"
    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]
    unit: str
    timestamp_ms: int
    resolution_s: int
    values: tuple[tuple[float, float], ...]
    statistics: tuple[float, float, float, float] | None
    source: str


class MetricsQueried(Recorded, frozen=True):
    """GetMetricData looked at so many metrics, each of which it charges."""

    kind: ClassVar[Literal["metric.queried"]] = "metric.queried"
    metrics: int
    source: str


MetricFact = MetricDataPut | MetricsQueried
