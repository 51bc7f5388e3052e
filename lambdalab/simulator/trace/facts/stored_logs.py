"""Facts of CloudWatch Logs besides what functions log: what calls put there, and who is told of it."""

from __future__ import annotations

__all__ = ("LogEventsPut", "MetricFilterConfigured", "StoredLogsFact", "SubscriptionFilterConfigured")

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class LogEventsPut(Recorded, frozen=True):
    """A call put events into a log stream: (milliseconds since 1970, message, 4 KB of it) each."""

    kind: ClassVar[Literal["log.events_put"]] = "log.events_put"
    log_group: str
    log_stream: str
    events: tuple[tuple[int, str], ...]
    source: str


class MetricFilterConfigured(Recorded, frozen=True):
    """A log group turns events that match ``pattern`` into the metric ``NAMESPACE/NAME``, or does not any more.

    A filter whose dimensions have made too many metrics is ``disabled``.
    """

    kind: ClassVar[Literal["log.metric_filter_configured"]] = "log.metric_filter_configured"
    log_group: str
    name: str
    pattern: str
    metric: str
    state: Literal["there", "gone", "disabled"]


class SubscriptionFilterConfigured(Recorded, frozen=True):
    """A log group sends what its filter wants (``pattern``) to a function, or does not any more (``gone``)."""

    kind: ClassVar[Literal["log.filter_configured"]] = "log.filter_configured"
    log_group: str
    name: str
    pattern: str
    target: str
    state: Literal["there", "gone"]


StoredLogsFact = LogEventsPut | MetricFilterConfigured | SubscriptionFilterConfigured
