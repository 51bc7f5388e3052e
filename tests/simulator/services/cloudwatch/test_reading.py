from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.lambda_.scripted import Act
from tests.simulator.desk import output, refused
from tests.simulator.playing import seconds
from tests.simulator.services.cloudwatch.desk import MetricsDesk, moment

OF_WORK = [{"Name": "FunctionName", "Value": "work"}]


def test_lambdas_own_metrics_are_read_like_any_other() -> None:
    desk = MetricsDesk(Act(status="error", error_type="E", error_message="no"))
    for _ in range(3):
        desk.call("Invoke", Payload=b"null")
    (row,) = desk.statistics("Sum", "SampleCount", metric="Errors", Namespace="AWS/Lambda", Dimensions=OF_WORK)
    assert (row["Sum"], row["SampleCount"], row["Unit"]) == (3, 3, "Count")
    (row,) = desk.statistics("p99", metric="Duration", Namespace="AWS/Lambda", Dimensions=OF_WORK)
    assert row["Unit"] == "Milliseconds"
    (row,) = desk.statistics("Sum", metric="Invocations", Namespace="AWS/Lambda")  # of the account
    assert row["Sum"] == 3


def test_a_percentile_that_the_run_does_not_keep_is_told_as_such() -> None:
    acts = iter([Act(takes=seconds(1)), Act(takes=seconds(2))])
    desk = MetricsDesk(lambda function, event, count: next(acts))
    desk.invoke(), desk.invoke()
    params = {"metric": "Duration", "Namespace": "AWS/Lambda", "Dimensions": OF_WORK}
    (row,) = desk.statistics("p50", **params)
    assert row["ExtendedStatistics"]["p50"] >= 1_000
    answer = desk.cloudwatch(
        "GetMetricStatistics", Namespace="AWS/Lambda", MetricName="Duration", Dimensions=OF_WORK,
        StartTime=moment(0), EndTime=moment(60), Period=60, ExtendedStatistics=["p42"],
    )  # fmt: skip
    assert refused(answer)[1] == "NotSimulated"
    assert "p42 of a metric of AWS/Lambda" in refused(answer)[2]


@pytest.mark.parametrize(
    ("params", "code", "words"),
    [
        (
            {"StartTime": moment(60), "EndTime": moment(60)},
            "InvalidParameterValue",
            "must not equal parameter EndTime.",
        ),
        (
            {"StartTime": moment(60), "EndTime": moment(0)},
            "InvalidParameterValue",
            "must be less than the parameter End",
        ),
        ({"Period": 45}, "InvalidParameterValue", "Period must be a multiple of 60"),
        ({"Period": 60, "EndTime": moment(1_441 * 60)}, "InvalidParameterCombination", "up to 1,441 datapoints, which"),
        ({"Statistics": None}, "InvalidParameterCombination", "Must specify either Statistics or ExtendedStatistics"),
        ({"ExtendedStatistics": ["p99"]}, "InvalidParameterCombination", "Must specify either Statistics or Ext"),
        ({"Statistics": ["Median"]}, "InvalidParameterValue", "must be a value in the set [ SampleCount, Average,"),
        ({"Statistics": None, "ExtendedStatistics": ["p101"]}, "InvalidParameterValue", "The value p101 for parameter"),
        ({"Statistics": None, "ExtendedStatistics": ["tm90"]}, "NotSimulated", "the statistic tm90"),
    ],
)
def test_what_cannot_be_asked_is_refused(params: dict[str, Any], code: str, words: str) -> None:
    usual = {"StartTime": moment(0), "EndTime": moment(3_600), "Period": 60, "Statistics": ["Sum"]}
    given = {"Namespace": "Shop", "MetricName": "Orders", **usual, **params}
    asked = {name: value for name, value in given.items() if value is not None}
    _, found, message = refused(MetricsDesk().cloudwatch("GetMetricStatistics", **asked))
    assert (found, words in message) == (code, True), message


def test_datapoints_come_in_no_order() -> None:
    desk = MetricsDesk()
    for minute in range(30):
        desk.put({"Value": minute, "Timestamp": moment(minute * 60)})
    asked = {"StartTime": moment(0), "EndTime": moment(1_800), "Period": 60, "Statistics": ["Sum"]}
    rows = output(desk.cloudwatch("GetMetricStatistics", Namespace="Shop", MetricName="Orders", **asked))["Datapoints"]
    sums = [row["Sum"] for row in rows]
    assert sorted(sums) == list(range(30))
    assert sums != sorted(sums)


@given(
    st.lists(st.tuples(st.integers(0, 3_599), st.integers(-50, 50)), min_size=1, max_size=40),
    st.sampled_from([60, 120, 300, 3_600]),
)
def test_longer_periods_hold_all_samples_once(data: list[tuple[int, int]], period: int) -> None:
    desk = MetricsDesk()
    for start in range(0, len(data), 20):
        desk.put(*({"Value": value, "Timestamp": moment(second)} for second, value in data[start : start + 20]))
    rows = desk.statistics("Sum", "SampleCount", "Minimum", "Maximum", Period=period)
    assert sum(row["SampleCount"] for row in rows) == len(data)
    assert sum(row["Sum"] for row in rows) == sum(value for _, value in data)
    for row in rows:
        begins = row["Timestamp"].timestamp()
        inside = [value for second, value in data if begins <= second < begins + period]
        assert (row["Minimum"], row["Maximum"], row["Sum"]) == (min(inside), max(inside), sum(inside))


def test_metrics_are_listed_by_namespace_name_and_dimensions() -> None:
    desk = MetricsDesk()
    desk.put({"Value": 1, "Dimensions": [{"Name": "stage", "Value": "prod"}]}, {"MetricName": "Returns", "Value": 1})
    desk.invoke()

    def listed(**params: Any) -> list[str]:
        return [each["MetricName"] for each in output(desk.cloudwatch("ListMetrics", **params))["Metrics"]]

    assert listed(Namespace="Shop") == ["Orders", "Returns"]
    assert listed(Dimensions=[{"Name": "stage"}]) == ["Orders"]
    assert listed(Dimensions=[{"Name": "stage", "Value": "dev"}]) == []
    assert listed(Namespace="AWS/Lambda", MetricName="Errors", Dimensions=OF_WORK) == ["Errors"]
    desk.wait(5 * 3_600)
    assert listed(Namespace="Shop", RecentlyActive="PT3H") == []
    assert refused(desk.cloudwatch("ListMetrics", NextToken="x"))[1] == "InvalidParameterValue"


def test_a_list_has_pages_of_five_hundred() -> None:
    desk = MetricsDesk()
    desk.put(*({"MetricName": f"m{n:04}", "Value": 1} for n in range(700)))
    first = output(desk.cloudwatch("ListMetrics", Namespace="Shop"))
    second = output(desk.cloudwatch("ListMetrics", Namespace="Shop", NextToken=first["NextToken"]))
    names = [each["MetricName"] for page in (first, second) for each in page["Metrics"]]
    assert names == [f"m{n:04}" for n in range(700)]
    assert (len(first["Metrics"]), "NextToken" in second) == (500, False)


@pytest.mark.parametrize(
    ("period", "begins"),
    [(1, [60, 65, 72, 90]), (10, [70, 90]), (30, [60, 90]), (60, [60])],
)
def test_short_periods_begin_at_their_divisions_of_a_minute_and_all_others_at_a_minute(
    period: int, begins: list[int]
) -> None:
    desk = MetricsDesk()
    for second in (60, 65, 72, 90):
        desk.put({"Value": 1, "StorageResolution": 1, "Timestamp": moment(second)})
    rows = desk.statistics("Sum", StartTime=moment(73), EndTime=moment(100), Period=period)
    assert [row["Timestamp"] for row in rows] == [moment(each) for each in begins]
