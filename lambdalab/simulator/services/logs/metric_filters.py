"""Metric filters: log events that a pattern wants become data of a metric.

Source: botocore's model of CloudWatch Logs; its User Guide, "Creating metrics from log events using filters", read
2026-11: a default value is reported for a minute in which events came and none was wanted. What a field must hold, and
when a filter with too many dimensions stops: A-144.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import HOUR, Micros, Process
from lambdalab.simulator.services.logs.refusals import invalid, wrong_pattern
from lambdalab.simulator.services.logs.store import LogEvent, LogGroup
from lambdalab.simulator.trace.facts import MetricDataPut, MetricFilterConfigured
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.log_fields import Field, field_of, has_fields
from lambdalab.simulator.vocabulary.log_patterns import Test, read_log_pattern
from lambdalab.simulator.vocabulary.log_values import LogPatternError, number_of
from lambdalab.simulator.vocabulary.metric_data import UNITS, Dimensions

FILTERS_MAX = 100  # of a log group. Guide, "CloudWatch Logs quotas"
DIMENSIONS_MAX, NAME_MAX, VALUE_MAX = 3, 255, 100  # BC MetricTransformation
PAIRS_MAX = 1_000  # of names and values of dimensions within an hour. BC PutMetricFilter
MINUTE_MS = 60_000
GREATEST = 2.0**360  # of a value, and below zero as well. BC MetricDatum
BEYOND = ("applyOnTransformedLogs", "fieldSelectionCriteria", "emitSystemFieldDimensions")


@dataclass(slots=True)
class MetricFilter:
    """A filter as PutMetricFilter describes it; ``value`` is a number, or the field that holds one."""

    name: str
    pattern: str
    wants: Test
    namespace: str
    metric: str
    told_value: str
    value: float | Field
    default: float | None
    dimensions: dict[str, str]
    fields: dict[str, Field]
    unit: str
    created: int = 0
    pairs: dict[tuple[str, str], Micros] = field(default_factory=dict)  # of its dimensions, and when each came last
    minutes: dict[int, bool] = field(default_factory=dict)  # whether a wanted event has come in it

    def described(self, group: str) -> dict[str, Any]:
        """As DescribeMetricFilters shows it."""
        transformation: dict[str, Any] = {
            "metricName": self.metric,
            "metricNamespace": self.namespace,
            "metricValue": self.told_value,
        }
        if self.default is not None:
            transformation["defaultValue"] = self.default
        if self.dimensions:
            transformation["dimensions"] = dict(self.dimensions)
        if self.unit != "None":
            transformation["unit"] = self.unit
        return {
            "filterName": self.name,
            "filterPattern": self.pattern,
            "metricTransformations": [transformation],
            "creationTime": self.created,
            "logGroupName": group,
        }


def read_metric_filter(params: Mapping[str, Any]) -> MetricFilter | AwsError:
    """A filter as a call describes it, or AWS's refusal."""
    beyond = next((name for name in BEYOND if params.get(name)), None)
    if beyond is not None:
        return AwsError("NotSimulated", f"lambdalab does not simulate {beyond} of metric filters.", 501)
    transformations = params["metricTransformations"]
    if len(transformations) != 1:
        return _constraint(transformations, "metricTransformations", "Member must have length equal to 1")
    name, pattern, given = str(params["filterName"]), str(params["filterPattern"]), transformations[0]
    refusal = _wrong_names(name, given)
    if refusal is not None:
        return refusal
    try:
        return _read(name, pattern, given)
    except LogPatternError as error:
        return wrong_pattern("metric filter", error)


def _read(name: str, pattern: str, given: Mapping[str, Any]) -> MetricFilter | AwsError:
    wants, told = read_log_pattern(pattern), str(given["metricValue"])
    dimensions = {str(key): str(value) for key, value in (given.get("dimensions") or {}).items()}
    default = given.get("defaultValue")
    if dimensions and default is not None:
        text = "Invalid metric transformation: dimensions and default value are mutually exclusive properties"
        return invalid(text)
    if dimensions and not has_fields(pattern):
        return invalid("The specified filter pattern does not support dimensions")
    if len(dimensions) > DIMENSIONS_MAX:
        return invalid(f"Invalid metric transformation: a metric has at most {DIMENSIONS_MAX} dimensions")
    number = _number(told)
    return MetricFilter(
        name,
        pattern,
        wants,
        str(given["metricNamespace"]),
        str(given["metricName"]),
        told,
        field_of(pattern, told) if number is None else number,
        None if default is None else float(default),
        dimensions,
        {key: field_of(pattern, selector) for key, selector in dimensions.items()},
        str(given.get("unit") or "None"),
    )


def _wrong_names(name: str, given: Mapping[str, Any]) -> AwsError | None:
    for at, text, wrong in (
        ("filterName", name, ":*"),
        ("metricTransformations.1.member.metricName", str(given["metricName"]), ":*$"),
        ("metricTransformations.1.member.metricNamespace", str(given["metricNamespace"]), ":*$"),
    ):
        if any(sign in text for sign in wrong):
            return _constraint(text, at, f"Member must satisfy regular expression pattern: [^{wrong}]*")
        if not text.isprintable():
            return _constraint(ascii(text), at, "Member must have printable characters only")
        if not 1 <= len(text) <= (512 if at == "filterName" else NAME_MAX):
            return _constraint(text, at, f"Member must have length less than or equal to {NAME_MAX}")
    if len(str(given["metricValue"])) > VALUE_MAX:
        at = "metricTransformations.1.member.metricValue"
        return _constraint(given["metricValue"], at, f"Member must have length less than or equal to {VALUE_MAX}")
    if given.get("unit", "None") not in UNITS:
        at = "metricTransformations.1.member.unit"
        return _constraint(given["unit"], at, f"Member must satisfy enum value set: {list(UNITS)}")
    if given.get("defaultValue") is not None and _number(given["defaultValue"]) is None:
        return invalid("Invalid metric transformation: the default value must be within -2^360 to 2^360")
    if str(given["metricNamespace"]).startswith("AWS/"):
        return invalid("Invalid metric transformation: namespaces that begin with AWS/ belong to AWS")
    return None


def _constraint(value: Any, at: str, text: str) -> AwsError:
    return invalid(f"1 validation error detected: Value '{value}' at '{at}' failed to satisfy constraint: {text}")


class MetricFilters:
    """Looks at new events of groups with metric filters."""

    def __init__(self, world: World) -> None:
        self._world = world

    def see(self, group: LogGroup, events: list[LogEvent]) -> None:
        """New events of a group."""
        for each in list(group.metric_filters.values()):
            for event in events:
                if group.metric_filters.get(each.name) is each:
                    self._look(group, each, event)

    def _look(self, group: LogGroup, to: MetricFilter, event: LogEvent) -> None:
        wanted = to.wants(event.message)
        if to.default is not None:
            self._count(group, to, event.timestamp // MINUTE_MS, wanted=wanted)
        if not wanted:
            return
        value = to.value if isinstance(to.value, float) else _number(to.value(event.message))
        found = {key: _text(read(event.message)) for key, read in to.fields.items()}
        dimensions = tuple(sorted((key, text) for key, text in found.items() if text is not None))
        if value is not None and len(dimensions) == len(found) and self._has_room(group, to, dimensions):
            self._put(to, value, dimensions, event.timestamp)

    def _put(self, to: MetricFilter, value: float, dimensions: Dimensions, timestamp: int) -> None:
        fact = MetricDataPut(
            to.namespace, to.metric, dimensions, to.unit, timestamp, 60, ((value, 1.0),), None, f"logs/{to.name}"
        )
        self._world.trace.record(fact)

    def _count(self, group: LogGroup, to: MetricFilter, minute: int, *, wanted: bool) -> None:
        """Remember that an event came in this minute; its first one sets off the default value."""
        if minute not in to.minutes:
            self._world.kernel.spawn(self._default(group, to, minute))
        to.minutes[minute] = to.minutes.get(minute, False) or wanted

    def _default(self, group: LogGroup, to: MetricFilter, minute: int) -> Process[None]:
        """When the minute is over: the default value, unless a wanted event has come."""
        ends_us = (minute + 1) * MINUTE_MS * 1_000 - self._world.epoch_us
        yield from self._world.kernel.sleep(Micros(max(0, ends_us - self._world.kernel.now)))
        there = group.metric_filters.get(to.name) is to
        if not to.minutes.pop(minute) and there and to.default is not None:
            self._put(to, to.default, (), minute * MINUTE_MS)

    def _has_room(self, group: LogGroup, to: MetricFilter, dimensions: Dimensions) -> bool:
        """A filter that makes too many metrics is disabled, as AWS does to spare its owner the bill."""
        now = self._world.kernel.now
        to.pairs.update(dict.fromkeys(dimensions, now))
        if len(to.pairs) > PAIRS_MAX:
            to.pairs = {pair: came for pair, came in to.pairs.items() if now - came < HOUR}
        if len(to.pairs) <= PAIRS_MAX:
            return True
        del group.metric_filters[to.name]
        self._world.trace.record(configured(group.name, to, "disabled"))
        return False


def configured(group: str, each: MetricFilter, state: Any) -> MetricFilterConfigured:
    """The fact that a group has a filter, or has it no more."""
    return MetricFilterConfigured(group, each.name, each.pattern, f"{each.namespace}/{each.metric}", state)


def _number(value: Any) -> float | None:
    """A number, or a text that is one."""
    number = number_of(value)
    return number if number is not None and abs(number) <= GREATEST else None  # not of NaN, either


def _text(value: Any) -> str | None:
    """The value of a dimension: a text or a number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value)
    return text if text.strip() and len(text) <= NAME_MAX and text.isascii() and text.isprintable() else None
