"""Dimensions of metrics in a scenario: a function may be called by its logical id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.project.deploy import Deployment

NAMED = ("FunctionName", "Resource", "EventSourceMappingUUID")


def addressed(params: Mapping[str, Any], deployment: Deployment) -> dict[str, Any]:
    """The parameters that hold dimensions, with the values that CloudWatch knows."""
    found: dict[str, Any] = {}
    if isinstance(params.get("Dimensions"), list):
        found["Dimensions"] = [_named(each, deployment) for each in params["Dimensions"]]
    if isinstance(params.get("MetricDataQueries"), list):
        found["MetricDataQueries"] = [_query(each, deployment) for each in params["MetricDataQueries"]]
    return found


def _query(query: Any, deployment: Deployment) -> Any:
    stat = query.get("MetricStat") if isinstance(query, dict) else None
    metric = stat.get("Metric") if isinstance(stat, dict) else None
    if not isinstance(stat, dict) or not isinstance(metric, dict) or not isinstance(metric.get("Dimensions"), list):
        return query
    dimensions = [_named(each, deployment) for each in metric["Dimensions"]]
    return {**query, "MetricStat": {**stat, "Metric": {**metric, "Dimensions": dimensions}}}


def _named(dimension: Any, deployment: Deployment) -> Any:
    if not isinstance(dimension, dict) or dimension.get("Name") not in NAMED:
        return dimension
    value = dimension.get("Value")
    return {**dimension, "Value": deployment.physical(value)} if isinstance(value, str) else dimension
