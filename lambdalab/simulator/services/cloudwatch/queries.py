"""GetMetricData: several metrics, and metric math on them. Source: botocore's model of CloudWatch, read 2026-11."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from lambdalab.simulator.account import Answer
from lambdalab.simulator.services.cloudwatch import expressions, statistics
from lambdalab.simulator.services.cloudwatch.expressions import Series, Surroundings, Value
from lambdalab.simulator.services.cloudwatch.putting import read_dimensions
from lambdalab.simulator.services.cloudwatch.reading import (
    aligned,
    points_of,
    span_of,
    unknown_percentile,
    wrong_period,
)
from lambdalab.simulator.services.cloudwatch.refusals import not_simulated, validation
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.metric_data import MetricId, Metrics

QUERIES_MAX = 500
DATAPOINTS_MAX = 100_800
PERIODS_MAX = 100_800  # ours: of the whole time of a call
_ID = re.compile(r"[a-z][a-zA-Z0-9_]{0,254}")


class _Refused(Exception):
    """A query that cannot be answered."""

    def __init__(self, error: AwsError) -> None:
        super().__init__(error.message)
        self.error = error


def get_data(metrics: Metrics, params: Mapping[str, Any], now: dt.datetime) -> Answer | AwsError:
    """The results of all queries that return data, a page of datapoints at a time."""
    queries = params["MetricDataQueries"]
    token = str(params.get("NextToken") or "0")
    if not token.isdecimal() or len(token) > 9:
        return AwsError("InvalidNextToken", "Request parameter NextToken is invalid")
    span = span_of(params, validation)
    if isinstance(span, AwsError):
        return span
    refusal = _wrong_queries(queries)
    if refusal is not None:
        return refusal
    try:
        rows = _Queries(metrics, queries, span, now).rows()
    except _Refused as refused:
        return refused.error
    except statistics.UnknownPercentile as unknown:
        return unknown_percentile(unknown)
    except RecursionError:  # hundreds of expressions, each on the one before
        return validation("The expressions of MetricDataQueries depend on too many others in a row.")
    most = min(int(params.get("MaxDatapoints") or DATAPOINTS_MAX), DATAPOINTS_MAX)
    newest_first = params.get("ScanBy", "TimestampDescending") != "TimestampAscending"
    return _page(rows, int(token), most, newest_first=newest_first)


def _wrong_queries(queries: Sequence[Mapping[str, Any]]) -> AwsError | None:
    if not queries:
        return validation("The parameter MetricDataQueries is required.")
    if len(queries) > QUERIES_MAX:
        return validation(f"The collection MetricDataQueries must not have a size greater than {QUERIES_MAX}.")
    if len({each["Id"] for each in queries}) < len(queries):
        return validation("The values for parameter id in MetricDataQueries are not unique.")
    for number, each in enumerate(queries, 1):
        refusal = _wrong_query(each, f"MetricDataQueries.member.{number}")
        if refusal is not None:
            return refusal
    return None


def _wrong_query(query: Mapping[str, Any], at: str) -> AwsError | None:
    if _ID.fullmatch(query["Id"]) is None:
        return validation(f"The value for parameter {at}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.")
    stat, expression = query.get("MetricStat"), query.get("Expression")
    if (stat is None) == (expression is None):
        text = f"The parameters {at}.Expression and {at}.MetricStat are mutually exclusive and you have specified both."
        return validation(text if stat else f"Either {at}.Expression or {at}.MetricStat must be specified.")
    if query.get("AccountId", ACCOUNT_ID) != ACCOUNT_ID:
        return not_simulated("metrics of other accounts")
    if stat is None:
        return None
    if query.get("Period") is not None:
        text = f"The parameters {at}.Period and {at}.MetricStat are mutually exclusive and you have specified both."
        return validation(text)
    if statistics.is_unsupported(stat["Stat"]):
        return not_simulated(f"the statistic {stat['Stat']}")
    if not statistics.is_statistic(stat["Stat"]):
        return validation(f"The value {stat['Stat']} for parameter {at}.MetricStat.Stat is not supported.")
    wrong = wrong_period(stat["Period"], f"{at}.MetricStat.Period")
    return validation(wrong.message) if wrong else None


class _Queries:
    """The queries of one call, each worked out when it is asked for."""

    def __init__(
        self, metrics: Metrics, queries: Sequence[Mapping[str, Any]], span: tuple[int, int], now: dt.datetime
    ) -> None:
        self._metrics = metrics
        self._queries = {str(each["Id"]): each for each in queries}
        self._span = span
        self._now = now
        self._values: dict[str, Value] = {}
        self._under_way: list[str] = []

    def rows(self) -> list[tuple[str, str, Series]]:
        """(id, label, series) of each result, in the order of the queries."""
        found: list[tuple[str, str, Series]] = []
        for name, query in self._queries.items():
            value = self._value(name)
            if not query.get("ReturnData", True):
                continue
            if isinstance(value, float):
                text = f"Error in expression '{name}': the expression must return a time series or an array of them."
                raise _Refused(validation(text))
            label = str(query.get("Label") or self._label(query))
            found += [(name, label, each) for each in (value if isinstance(value, list) else [value])]
        return found

    def _label(self, query: Mapping[str, Any]) -> str:
        return str(query["MetricStat"]["Metric"]["MetricName"] if "MetricStat" in query else query["Id"])

    def _value(self, name: str) -> Value:
        if name not in self._queries:
            raise expressions.WrongExpression(f"there is no query {name}")
        if name not in self._values:
            if name in self._under_way:
                raise _Refused(validation(f"Error in expression '{name}': it depends on itself."))
            self._under_way.append(name)
            query = self._queries[name]
            self._values[name] = self._stat(query) if "MetricStat" in query else self._expression(query)
            self._under_way.pop()
        return self._values[name]

    def _stat(self, query: Mapping[str, Any]) -> Series:
        stat = query["MetricStat"]
        metric = stat["Metric"]
        dimensions = read_dimensions(metric.get("Dimensions") or (), "MetricStat.Metric.Dimensions")
        if isinstance(dimensions, AwsError):
            raise _Refused(validation(dimensions.message))
        wanted = MetricId(str(metric.get("Namespace", "")), str(metric.get("MetricName", "")), dimensions)
        (start_s, end_s), period_s, unit = self._span, int(stat["Period"]), stat.get("Unit")
        start_s = aligned(start_s, period_s)
        points = points_of(self._metrics, wanted, start_s, end_s, period_s, self._now)
        kept = [each for each in points if unit in (None, each.unit)]
        figures = {
            begins: statistics.figure(group, stat["Stat"])
            for begins, group in statistics.by_period(kept, start_s, period_s).items()
        }
        return {begins: value for begins, value in sorted(figures.items()) if value is not None}

    def _expression(self, query: Mapping[str, Any]) -> Value:
        around = Surroundings(self._value, self._all, self._moments(query))
        try:
            return expressions.evaluate(str(query["Expression"]), around)
        except expressions.Unsupported as unsupported:
            raise _Refused(not_simulated(str(unsupported))) from None
        except expressions.WrongExpression as wrong:
            raise _Refused(validation(f"Error in expression '{query['Id']}': {wrong}")) from None

    def _all(self, part: str) -> list[Series]:
        return [self._stat(each) for name, each in self._queries.items() if "MetricStat" in each and part in name]

    def _moments(self, query: Mapping[str, Any]) -> range:
        """When the periods of an expression begin. All metrics of the call must have the same, so far."""
        periods = {int(each["MetricStat"]["Period"]) for each in self._queries.values() if "MetricStat" in each}
        asked = query.get("Period")
        if len(periods | ({int(asked)} if asked else set())) > 1:
            raise _Refused(not_simulated("metric math on metrics with different periods"))
        (start_s, end_s), period_s = self._span, min(periods, default=int(asked or 60))
        moments = range(aligned(start_s, period_s), end_s, period_s)
        if len(moments) > PERIODS_MAX:
            raise _Refused(not_simulated(f"metric math over more than {PERIODS_MAX:,} periods"))
        return moments


def _page(rows: list[tuple[str, str, Series]], start: int, most: int, *, newest_first: bool) -> Answer:
    """``most`` datapoints from the one at ``start`` on, counted through all results."""
    results, at = [], 0
    for name, label, series in rows:
        ordered = sorted(series.items(), reverse=newest_first)
        part = ordered[max(0, start - at) : max(0, start + most - at)]
        at += len(ordered)
        results.append(
            {
                "Id": name,
                "Label": label,
                "Timestamps": [dt.datetime.fromtimestamp(moment, dt.UTC) for moment, _ in part],
                "Values": [value for _, value in part],
                "StatusCode": "PartialData" if at > start + most else "Complete",
            }
        )
    more = {"NextToken": str(start + most)} if at > start + most else {}
    return Answer({"MetricDataResults": results, "Messages": []} | more)
