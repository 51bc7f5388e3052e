"""Sentences about metrics, and about log groups as others see them: events, filters."""

from __future__ import annotations

from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.trace.names import Names
from lambdalab.simulator.trace.words import count


def of_metric(fact: f.MetricFact, names: Names) -> str:
    """Who put data of a metric into CloudWatch, or read it."""
    who = names.who(fact.source)
    if isinstance(fact, f.MetricsQueried):
        return f"{who} reads {fact.metrics} metric{'' if fact.metrics == 1 else 's'} of CloudWatch."
    dimensions = ", ".join(f"{name}={value}" for name, value in fact.dimensions)
    metric = f"{fact.namespace}/{fact.metric}" + (f" ({dimensions})" if dimensions else "")
    if fact.statistics is not None:
        return f"{who} puts a statistic set of {fact.statistics[0]:g} samples into the metric {metric}."
    values = ", ".join(f"{value:g}" + (f" × {times:g}" if times != 1 else "") for value, times in fact.values[:5])
    more = ", …" if len(fact.values) > 5 else ""
    return f"{who} puts {values}{more} into the metric {metric}."


def of_stored_logs(fact: f.StoredLogsFact, names: Names) -> str:
    """The sentence."""
    match fact:
        case f.LogEventsPut():
            many = count(len(fact.events), "event")
            return f"{names.who(fact.source)} puts {many} into the log group {fact.log_group}."
        case f.MetricFilterConfigured():
            return _metric_filter(fact)
        case f.SubscriptionFilterConfigured():
            wanted = f" that match {fact.pattern}" if fact.pattern else ""
            target = names.name(fact.target.rsplit(":", 1)[-1])
            verb = "sends" if fact.state == "there" else "does not send any more"
            return f"The filter {fact.name} {verb} events of {fact.log_group}{wanted} to {target}."


def _metric_filter(fact: f.MetricFilterConfigured) -> str:
    """A log group that counts, or does not any more."""
    wanted = f" that match {fact.pattern}" if fact.pattern else ""
    if fact.state == "disabled":
        return f"The metric filter {fact.name} has made too many metrics: CloudWatch Logs disables it."
    verb = "turns" if fact.state == "there" else "does not turn any more"
    return f"The metric filter {fact.name} {verb} events of {fact.log_group}{wanted} into the metric {fact.metric}."
