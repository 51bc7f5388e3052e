"""The embedded metric format: a log line that is valid EMF becomes metrics in its namespace.

Source: CloudWatch User Guide, "Specification: Embedded metric format", read 2026-11-24. As in CloudWatch, a line that
does not follow it is a log line and no more: nobody is told.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.kernel import HOUR, MINUTE, SECOND
from lambdalab.simulator.views.distribution import Distribution
from lambdalab.simulator.vocabulary.metrics import ALL_FUNCTIONS

METRICS_MAX = 100  # of one directive
VALUES_MAX = 100  # of one metric in one line
DIMENSIONS_MAX = 30  # of one metric
NAME_MAX = 1024
PAST_MAX, FUTURE_MAX = 14 * 24 * HOUR, 2 * HOUR  # how far a timestamp may be off. API reference, PutMetricData
RESERVED = "AWS/"  # namespaces of AWS itself, closed to customers

ROWS_MAX = 4_000  # ours: metrics times minutes of one run
VALUES_PER_ROW_MAX = 100  # ours: different ones, beyond which percentiles are rounded


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a custom metric. ``dimensions`` are (name, value), sorted."""

    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]
    value: float

    @property
    def name(self) -> str:
        """Under which name the summary shows it: ``service=orders,stage=prod``, or ``*`` without dimensions."""
        return ",".join(f"{name}={value}" for name, value in self.dimensions) or ALL_FUNCTIONS


class EmbeddedMetrics:
    """Collects the metrics of log lines, by minute of their own timestamps; at most ``ROWS_MAX`` rows."""

    def __init__(self) -> None:
        self._epoch_us = 0
        self._rows: dict[tuple[str, str, str, int], Distribution] = {}

    def begin(self, epoch_us: int) -> None:
        """The wall clock that the run pretends to start at."""
        self._epoch_us = epoch_us

    def read(self, at: int, text: str) -> None:
        """Take in one log event of the code."""
        if not text.startswith("{") or '"_aws"' not in text:
            return
        document = _document(text)
        moment = _timestamp_us(document)
        if moment is None or not -PAST_MAX <= moment - self._epoch_us - at <= FUTURE_MAX:
            return
        minute = (moment - self._epoch_us) // MINUTE
        for sample in samples_of(document):
            self._add(sample, minute)

    def _add(self, sample: Sample, minute: int) -> None:
        key = (sample.namespace, sample.metric, sample.name, minute)
        row = self._rows.get(key)
        if row is None:
            if len(self._rows) >= ROWS_MAX:
                return
            row = self._rows[key] = Distribution(VALUES_PER_ROW_MAX)
        row.add(sample.value)

    def result(self) -> dict[str, dict[str, dict[str, list[dict[str, float]]]]]:
        """``{NAMESPACE: {METRIC: {NAME: [{t_s, sum, min, max, …}]}}}``, as for AWS's own metrics."""
        table: dict[str, dict[str, dict[str, list[dict[str, float]]]]] = {}
        for (namespace, metric, name, minute), samples in sorted(self._rows.items(), key=lambda item: item[0]):
            row = samples.statistics() | {"t_s": minute * (MINUTE // SECOND)}
            table.setdefault(namespace, {}).setdefault(metric, {}).setdefault(name, []).append(row)
        return table


def samples_of(document: dict[str, Any]) -> Iterator[Sample]:
    """The samples of an EMF document: one for each directive, metric, value and set of dimensions that is valid."""
    directives = document["_aws"].get("CloudWatchMetrics")
    for directive in directives if isinstance(directives, list) else ():
        if not isinstance(directive, dict) or not _is_namespace(directive.get("Namespace")):
            continue
        metrics = directive.get("Metrics")
        if not isinstance(metrics, list) or len(metrics) > METRICS_MAX:
            continue
        named = [metric["Name"] for metric in metrics if isinstance(metric, dict) and _is_name(metric.get("Name"))]
        for dimensions in _dimension_sets(directive.get("Dimensions"), document):
            for name in named:
                for value in _values(document.get(name)):
                    yield Sample(directive["Namespace"], name, dimensions, value)


def _dimension_sets(sets: Any, document: dict[str, Any]) -> Iterator[tuple[tuple[str, str], ...]]:
    """Each set names members of the document, whose text is the dimension's value; one that is missing spoils it."""
    for names in sets if isinstance(sets, list) else ():
        if not isinstance(names, list) or len(names) > DIMENSIONS_MAX:
            continue
        pairs = [(name, document[name]) for name in names if isinstance(name, str) and _is_name(document.get(name))]
        if len(pairs) == len(names):
            yield tuple(sorted(pairs))


def _values(target: Any) -> list[float]:
    values = target if isinstance(target, list) else [target]
    good = len(values) <= VALUES_MAX and all(_is_number(value) for value in values)
    return [float(value) for value in values] if good else []


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and 0 < len(name) <= NAME_MAX


def _is_namespace(name: Any) -> bool:
    return _is_name(name) and not name.startswith(RESERVED)


def _document(text: str) -> dict[str, Any]:
    """The line's document, with a mapping under ``_aws``; one without metrics for what is no EMF."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, dict) and isinstance(document.get("_aws"), dict):
        return document
    return {"_aws": {}}


def _timestamp_us(document: dict[str, Any]) -> int | None:
    stamp = document["_aws"].get("Timestamp")
    return stamp * 1_000 if isinstance(stamp, int) and not isinstance(stamp, bool) else None
