"""PutMetricData: what a call puts, or why CloudWatch does not take it.

Source: botocore's model of CloudWatch, PutMetricData and MetricDatum, read 2026-11. One bad datum refuses all.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any

from lambdalab.simulator.services.cloudwatch.refusals import both, missing, not_simulated, too_many, wrong_value
from lambdalab.simulator.services.moments import moment_of
from lambdalab.simulator.trace.facts import MetricDataPut
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.metric_data import UNITS, Dimensions

DATA_MAX, VALUES_MAX, DIMENSIONS_MAX = 1_000, 150, 30
NAME_MAX, VALUE_MAX = 255, 1_024  # characters: of a namespace, metric or dimension; of a dimension's value
BYTES_MAX = 1_048_576  # of a request. What gzip would save is not counted
GREATEST = 2.0**360  # of a value, and below zero as well
PAST, FUTURE = dt.timedelta(days=14), dt.timedelta(hours=2)
RESERVED = "AWS/"  # namespaces of AWS itself
SET = ("SampleCount", "Sum", "Minimum", "Maximum")


def read_put(params: Mapping[str, Any], now: dt.datetime, source: str) -> list[MetricDataPut] | AwsError:
    """A fact for each datum of a call that comes at ``now``, or the refusal of all of them."""
    namespace = str(params["Namespace"])
    if namespace.startswith(RESERVED):
        return wrong_value(f"The value {RESERVED} for parameter Namespace is invalid.")
    wrong = namespace.startswith(":") or len(namespace) > NAME_MAX or not namespace.strip()
    if wrong or not namespace.isascii() or not namespace.isprintable():
        return wrong_value(f"The value {namespace[:300]} for parameter Namespace is invalid.")
    if params.get("EntityMetricData"):
        return not_simulated("metrics of entities")
    data = params.get("MetricData") or []
    if not data:
        return missing("The parameter MetricData is required.")
    if len(data) > DATA_MAX:
        return too_many("MetricData", DATA_MAX)
    if _size(data) > BYTES_MAX:
        return AwsError("RequestEntityTooLarge", f"Request exceeds the limit of {BYTES_MAX} bytes.", 413)
    facts: list[MetricDataPut] = []
    for number, datum in enumerate(data, 1):
        read = _datum(datum, f"MetricData.member.{number}", namespace, now, source)
        if isinstance(read, AwsError):
            return read
        facts.append(read)
    return facts


def _datum(
    datum: Mapping[str, Any], at: str, namespace: str, now: dt.datetime, source: str
) -> MetricDataPut | AwsError:
    dimensions = read_dimensions(datum.get("Dimensions") or (), f"{at}.Dimensions")
    if isinstance(dimensions, AwsError):
        return dimensions
    refusal = _wrong_name(str(datum["MetricName"]), f"{at}.MetricName", NAME_MAX) or _wrong_data(datum, at)
    if refusal is not None:
        return refusal
    moment = moment_of(datum.get("Timestamp")) or now
    if moment < now - PAST:
        return wrong_value(f"The parameter {at}.Timestamp must specify a time within the past two weeks.")
    if moment > now + FUTURE:
        return wrong_value(f"The parameter {at}.Timestamp must specify a time no more than two hours in the future.")
    unit, resolution = datum.get("Unit", "None"), datum.get("StorageResolution", 60)
    if unit not in UNITS:
        return wrong_value(f"The parameter {at}.Unit must be a value in the set [ {', '.join(UNITS)} ].")
    if resolution not in (1, 60):
        return wrong_value(f"The value {resolution} for parameter {at}.StorageResolution is invalid.")
    values, statistics = _data(datum)
    stamp = round(moment.timestamp() * 1_000)
    name = str(datum["MetricName"])
    return MetricDataPut(namespace, name, dimensions, unit, stamp, resolution, values, statistics, source)


def read_dimensions(given: Sequence[Mapping[str, Any]], at: str, most: int = DIMENSIONS_MAX) -> Dimensions | AwsError:
    """Dimensions in the order of their names, or the refusal of them."""
    if len(given) > most:
        return too_many(at, most)
    for number, each in enumerate(given, 1):
        for part, longest in (("Name", NAME_MAX), ("Value", VALUE_MAX)):
            refusal = _wrong_name(str(each[part]), f"{at}.member.{number}.{part}", longest)
            if refusal is not None:
                return refusal
    found = {str(each["Name"]): str(each["Value"]) for each in given}
    if len(found) < len(given):
        return wrong_value("No Metric may specify the same dimension twice.")
    return tuple(sorted(found.items()))


def _wrong_name(text: str, at: str, longest: int) -> AwsError | None:
    if not text.strip():
        return missing(f"The parameter {at} is required.")
    if len(text) > longest:
        return wrong_value(f"The parameter {at} must be shorter than {longest + 1} characters.")
    if not text.isascii() or not text.isprintable() or (at.endswith("Name") and text.startswith(":")):
        return wrong_value(f"The value {text} for parameter {at} is invalid.")
    return None


def _wrong_data(datum: Mapping[str, Any], at: str) -> AwsError | None:
    given = [name for name in ("Value", "Values", "StatisticValues") if datum.get(name) not in (None, [])]
    if not given:
        return missing(f"At least one of the parameters {at}.Value or {at}.StatisticValues must be specified.")
    if len(given) > 1:
        return both(f"{at}.{given[0]}", f"{at}.{given[1]}")
    if given == ["Value"]:
        return _wrong_number(datum["Value"], f"{at}.Value")
    if given == ["Values"]:
        return _wrong_values(datum["Values"], datum.get("Counts") or [], at)
    return _wrong_set(datum["StatisticValues"], f"{at}.StatisticValues")


def _wrong_values(values: Sequence[float], counts: Sequence[float], at: str) -> AwsError | None:
    if len(values) > VALUES_MAX:
        return too_many(f"{at}.Values", VALUES_MAX)
    if counts and len(counts) != len(values):
        return wrong_value(f"The parameters {at}.Values and {at}.Counts must be of the same size.")
    refusals = [_wrong_number(value, f"{at}.Values") for value in values]
    refusals += [_wrong_number(count, f"{at}.Counts", least=0.0) for count in counts]
    return next((each for each in refusals if each is not None), None)


def _wrong_set(given: Mapping[str, float], at: str) -> AwsError | None:
    lacks = [name for name in SET if given.get(name) is None]
    if lacks:
        return missing("\n".join(f"The parameter {at}.{name} is required." for name in lacks))
    refusals = [_wrong_number(given[name], f"{at}.{name}") for name in SET]
    wrong = next((each for each in refusals if each is not None), None)
    if wrong is not None:
        return wrong
    if given["SampleCount"] <= 0:
        return wrong_value(f"The parameter {at}.SampleCount must be greater than 0.")
    if given["Maximum"] < given["Minimum"]:
        return wrong_value(f"The parameter {at}.Maximum must be greater than {at}.Minimum.")
    return None


def _wrong_number(value: float, at: str, least: float = -GREATEST) -> AwsError | None:
    if least <= value <= GREATEST and not (least == 0 and value == 0):  # false of NaN
        return None
    return wrong_value(f"The value {shown_number(value)} for parameter {at} is invalid.")


def shown_number(value: float) -> str:
    """A number as CloudWatch writes it into a refusal. Python's whole numbers may be beyond all doubles."""
    if isinstance(value, int):
        return str(value) if abs(value) <= GREATEST else f"{'-' if value < 0 else ''}Infinity"
    return {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN" if math.isnan(value) else str(value))


Data = tuple[tuple[tuple[float, float], ...], tuple[float, float, float, float] | None]


def _data(datum: Mapping[str, Any]) -> Data:
    given = datum.get("StatisticValues")
    if given is not None:
        count, total, least, greatest = (float(given[name]) for name in SET)
        return (), (count, total, least, greatest)
    values = datum.get("Values") or [datum["Value"]]
    counts = datum.get("Counts") or [1] * len(values)
    return tuple(zip(map(float, values), map(float, counts), strict=True)), None


def _size(data: Sequence[Any]) -> int:
    """About how many bytes a request with these data has: names as they stand, each number with eight."""
    total, left = 0, list(data)
    while left:
        each = left.pop()
        if isinstance(each, Mapping):
            left += each.values()
        elif isinstance(each, list | tuple):
            left += each
        else:
            total += len(each.encode("utf-8", "replace")) if isinstance(each, str) else 8
    return total
