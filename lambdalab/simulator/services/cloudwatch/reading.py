"""GetMetricStatistics and ListMetrics. Source: botocore's model of CloudWatch, read 2026-11."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any

from lambdalab.simulator.account import Answer
from lambdalab.simulator.services.cloudwatch import statistics
from lambdalab.simulator.services.cloudwatch.putting import read_dimensions
from lambdalab.simulator.services.cloudwatch.refusals import not_simulated, too_many, wrong_combination, wrong_value
from lambdalab.simulator.services.moments import moment_of
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.metric_data import MetricId, Metrics, Point

DATAPOINTS_MAX = 1_440  # of one GetMetricStatistics
LISTED_MAX = 500  # metrics of one answer
FILTERS_MAX = 30  # dimensions that ListMetrics looks for
FINE_PERIODS = (1, 5, 10, 20, 30)
DIVISIONS = (5, 10, 20, 30)  # seconds: the periods by which a minute is divided. BC StartTime
FINE_AGE_S = 3 * 3_600  # finer points than a minute are kept so long
STATISTICS_MAX, EXTENDED_MAX = 5, 10
RECENT_S = 3 * 3_600  # RecentlyActive: PT3H


def get_statistics(metrics: Metrics, params: Mapping[str, Any], now: dt.datetime, random: Random) -> Answer | AwsError:
    """One metric's statistics by period, in no order (``random`` shuffles them): CloudWatch promises none."""
    dimensions = read_dimensions(params.get("Dimensions") or (), "Dimensions")
    if isinstance(dimensions, AwsError):
        return dimensions
    wanted = [*(params.get("Statistics") or ()), *(params.get("ExtendedStatistics") or ())]
    refusal = _wrong_statistics(params) or wrong_period(params["Period"], "Period")
    if refusal is not None:
        return refusal
    span = span_of(params, wrong_value)
    if isinstance(span, AwsError):
        return span
    (start_s, end_s), period_s = span, int(params["Period"])
    start_s = aligned(start_s, period_s)
    many = -(-(end_s - start_s) // period_s)
    if many > DATAPOINTS_MAX:
        return wrong_combination(
            f"You have requested up to {many:,} datapoints, which exceeds the limit of {DATAPOINTS_MAX:,}. You may "
            "reduce the datapoints requested by increasing Period, or decreasing the time range."
        )
    metric = MetricId(str(params["Namespace"]), str(params["MetricName"]), dimensions)
    found = points_of(metrics, metric, start_s, end_s, period_s, now)
    try:
        rows = list(_datapoints(found, params.get("Unit"), start_s, period_s, wanted))
    except statistics.UnknownPercentile as unknown:
        return unknown_percentile(unknown)
    random.shuffle(rows)
    return Answer({"Label": metric.metric, "Datapoints": rows})


def _datapoints(
    found: list[Point], only: str | None, start_s: int, period_s: int, wanted: list[str]
) -> Iterable[dict[str, Any]]:
    for unit in sorted({each.unit for each in found if only in (None, each.unit)}):
        periods = statistics.by_period((each for each in found if each.unit == unit), start_s, period_s)
        for begins, points in periods.items():
            row: dict[str, Any] = {"Timestamp": dt.datetime.fromtimestamp(begins, dt.UTC), "Unit": unit}
            for statistic in wanted:
                value = statistics.figure(points, statistic)
                if value is None:
                    continue
                place = row if statistic in statistics.PLAIN else row.setdefault("ExtendedStatistics", {})
                place[statistic] = value
            if len(row) > 2:
                yield row


def _wrong_statistics(params: Mapping[str, Any]) -> AwsError | None:
    plain, extended = params.get("Statistics") or [], params.get("ExtendedStatistics") or []
    if bool(plain) == bool(extended):
        return wrong_combination("Must specify either Statistics or ExtendedStatistics")
    if len(plain) > STATISTICS_MAX:
        return too_many("Statistics", STATISTICS_MAX)
    if len(extended) > EXTENDED_MAX:
        return too_many("ExtendedStatistics", EXTENDED_MAX)
    for number, each in enumerate(plain, 1):
        if each not in statistics.PLAIN:
            known = ", ".join(statistics.PLAIN)
            return wrong_value(f"The parameter Statistics.member.{number} must be a value in the set [ {known} ].")
    for each in extended:
        if statistics.is_unsupported(each):
            return not_simulated(f"the statistic {each}")
        if statistics.share_of(each) is None:
            return wrong_value(f"The value {each} for parameter ExtendedStatistics is not supported.")
    return None


def wrong_period(period: int, at: str) -> AwsError | None:
    """CloudWatch's answer to a period that it does not know."""
    if period in FINE_PERIODS or (period > 0 and period % 60 == 0):
        return None
    return wrong_value(f"The parameter {at} must be a multiple of 60, or one of 1, 5, 10, 20 and 30.")


def span_of(params: Mapping[str, Any], refuse: Callable[[str], AwsError]) -> tuple[int, int] | AwsError:
    """The times between which a call looks, in whole seconds since 1970; :func:`aligned` rounds the first down."""
    start, end = moment_of(params["StartTime"]), moment_of(params["EndTime"])
    if start is None or end is None:
        return refuse("The parameters StartTime and EndTime must be moments.")
    if start == end:
        return refuse("The parameter StartTime must not equal parameter EndTime.")
    if start > end:
        return refuse("The parameter StartTime must be less than the parameter EndTime.")
    return int(start.timestamp()), -int(-end.timestamp() // 1)


def aligned(start_s: int, period_s: int) -> int:
    """Where the periods of a query begin: at a minute, or at a division of one where they are 5 to 30 s long. BC

    What CloudWatch does with times more than 15 days ago no run is long enough for.
    """
    return start_s - start_s % (period_s if period_s in DIVISIONS else 60)


def points_of(
    metrics: Metrics, metric: MetricId, start_s: int, end_s: int, period_s: int, now: dt.datetime
) -> list[Point]:
    """The points of a metric between two times (the second is exclusive) that periods of this length can show."""
    fine = period_s < 60
    since = max(start_s, now.timestamp() - FINE_AGE_S) if fine else start_s
    return [each for each in metrics.points(metric, fine=fine) if since <= each.start_s < end_s]


def unknown_percentile(unknown: statistics.UnknownPercentile) -> AwsError:
    """The answer to a percentile of Lambda's metrics that the run does not keep (A-141)."""
    return not_simulated(f"{unknown} of a metric of AWS/Lambda here: p50, p90, p95 and p99 by the minute")


def list_metrics(metrics: Metrics, params: Mapping[str, Any], now: dt.datetime) -> Answer | AwsError:
    """The metrics that have data, 500 a page."""
    filters = params.get("Dimensions") or []
    if len(filters) > FILTERS_MAX:
        return too_many("Dimensions", FILTERS_MAX)
    if params.get("RecentlyActive") not in (None, "PT3H"):
        return wrong_value("The parameter RecentlyActive must be a value in the set [ PT3H ].")
    token = str(params.get("NextToken") or "0")
    if not token.isdecimal() or len(token) > 9:
        return wrong_value("Request parameter NextToken is invalid")
    since = now.timestamp() - RECENT_S if params.get("RecentlyActive") else 0
    found = sorted(metric for metric, last in metrics.ids() if last >= since and _fits(metric, params, filters))
    start = int(token)
    rows = [
        {
            "Namespace": each.namespace,
            "MetricName": each.metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in each.dimensions],
        }
        for each in found[start : start + LISTED_MAX]
    ]
    more = {"NextToken": str(start + LISTED_MAX)} if start + LISTED_MAX < len(found) else {}
    return Answer({"Metrics": rows} | more)


def _fits(metric: MetricId, params: Mapping[str, Any], filters: list[Mapping[str, str]]) -> bool:
    if params.get("Namespace", metric.namespace) != metric.namespace:
        return False
    if params.get("MetricName", metric.metric) != metric.metric:
        return False
    has = dict(metric.dimensions)
    return all(each["Name"] in has and each.get("Value", has[each["Name"]]) == has[each["Name"]] for each in filters)
