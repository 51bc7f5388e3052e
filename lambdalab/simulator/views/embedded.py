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

from lambdalab.simulator.kernel import HOUR
from lambdalab.simulator.vocabulary.metric_data import UNITS, Dimensions

METRICS_MAX = 100  # of one directive
VALUES_MAX = 100  # of one metric in one line
DIMENSIONS_MAX = 30  # of one metric
NAME_MAX = 1024
PAST_MAX, FUTURE_MAX = 14 * 24 * HOUR, 2 * HOUR  # how far a timestamp may be off. API reference, PutMetricData
RESERVED = "AWS/"  # namespaces of AWS itself, closed to customers


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a custom metric. ``dimensions`` are (name, value), sorted; ``fine``: kept by the second."""

    namespace: str
    metric: str
    dimensions: Dimensions
    value: float
    unit: str = "None"
    fine: bool = False


def read(text: str, now_us: int) -> tuple[int, list[Sample]] | None:
    """The moment (microseconds since 1970) and samples of a log event of the code at ``now_us``; None for no EMF."""
    if not text.startswith("{") or '"_aws"' not in text:
        return None
    document = _document(text)
    moment = _timestamp_us(document)
    if moment is None or not -PAST_MAX <= moment - now_us <= FUTURE_MAX:
        return None
    return moment, list(samples_of(document))


def samples_of(document: dict[str, Any]) -> Iterator[Sample]:
    """The samples of an EMF document: one for each directive, metric, value and set of dimensions that is valid."""
    directives = document["_aws"].get("CloudWatchMetrics")
    for directive in directives if isinstance(directives, list) else ():
        if not isinstance(directive, dict) or not _is_namespace(directive.get("Namespace")):
            continue
        metrics = directive.get("Metrics")
        if not isinstance(metrics, list) or len(metrics) > METRICS_MAX:
            continue
        named = [metric for metric in metrics if isinstance(metric, dict) and _is_name(metric.get("Name"))]
        for dimensions in _dimension_sets(directive.get("Dimensions"), document):
            for metric in named:
                unit = next((each for each in UNITS if each == metric.get("Unit")), "None")
                fine = metric.get("StorageResolution") == 1
                for value in _values(document.get(metric["Name"])):
                    yield Sample(directive["Namespace"], metric["Name"], dimensions, value, unit, fine)


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
