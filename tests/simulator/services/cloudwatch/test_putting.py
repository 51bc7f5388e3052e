import math
from typing import Any

import pytest

from lambdalab.simulator.trace.facts import MetricDataPut
from tests.simulator.desk import output, refused
from tests.simulator.services.cloudwatch.desk import MetricsDesk, moment

AT = "MetricData.member.1"


def test_a_value_is_a_datapoint_of_the_minute_of_its_timestamp() -> None:
    desk = MetricsDesk()
    output(desk.put({"Value": 3, "Unit": "Count", "Timestamp": moment(90)}, {"Value": 5, "Timestamp": moment(100)}))
    assert desk.statistics("Sum") == [
        {"Timestamp": moment(60), "Unit": "Count", "Sum": 3.0},
        {"Timestamp": moment(60), "Unit": "None", "Sum": 5.0},
    ]
    assert desk.statistics("Sum", Unit="Count") == [{"Timestamp": moment(60), "Unit": "Count", "Sum": 3.0}]
    assert desk.statistics("Sum", Unit="Seconds") == []


def test_a_datum_without_a_timestamp_is_of_now() -> None:
    desk = MetricsDesk()
    desk.wait(130)
    desk.put({"Value": 1})
    (row,) = desk.statistics("SampleCount")
    assert (row["Timestamp"], row["SampleCount"]) == (moment(120), 1)


def test_values_with_counts_are_as_many_samples() -> None:
    desk = MetricsDesk()
    desk.put({"Values": [1, 10, 100], "Counts": [90, 9, 1]})
    (row,) = desk.statistics("SampleCount", "Sum", "Average", "Minimum", "Maximum")
    assert [row[name] for name in ("SampleCount", "Sum", "Average", "Minimum", "Maximum")] == [100, 280, 2.8, 1, 100]
    (row,) = desk.statistics("p50", "p95", "p99.5")
    assert row["ExtendedStatistics"] == {"p50": 1, "p95": 10, "p99.5": 100}


def test_a_statistic_set_has_no_percentiles_unless_its_samples_are_all_the_same() -> None:
    desk = MetricsDesk()
    desk.put({"StatisticValues": {"SampleCount": 4, "Sum": 20, "Minimum": 2, "Maximum": 9}})
    desk.put({"Value": 1})
    (row,) = desk.statistics("Average", "Minimum", "Maximum", "SampleCount")
    assert (row["Average"], row["Minimum"], row["Maximum"], row["SampleCount"]) == (4.2, 1, 9, 5)
    assert desk.statistics("p50") == []
    desk.put({"MetricName": "Same", "StatisticValues": {"SampleCount": 4, "Sum": 20, "Minimum": 5, "Maximum": 5}})
    (row,) = desk.statistics("p50", metric="Same")
    assert row["ExtendedStatistics"] == {"p50": 5}


def test_each_set_of_dimensions_is_a_metric_of_its_own() -> None:
    desk = MetricsDesk()
    dimensions = [{"Name": "stage", "Value": "prod"}, {"Name": "service", "Value": "orders"}]
    desk.put({"Value": 1, "Dimensions": dimensions})
    assert desk.statistics("Sum") == []
    assert len(desk.statistics("Sum", Dimensions=dimensions[::-1])) == 1
    assert desk.of(MetricDataPut)[0].dimensions == (("service", "orders"), ("stage", "prod"))
    shown = desk.fold.result(desk.kernel.now, None, True)["metrics"]["Shop"]["Orders"]
    assert list(shown) == ["service=orders,stage=prod"]


def test_a_metric_of_high_resolution_is_kept_by_the_second() -> None:
    desk = MetricsDesk()
    for second in (61, 65, 66, 119):
        desk.put({"Value": 1, "StorageResolution": 1, "Timestamp": moment(second)})
        desk.put({"MetricName": "Regular", "Value": 1, "Timestamp": moment(second)})
    rows = desk.statistics("Sum", Period=5, EndTime=moment(300))
    assert [(row["Timestamp"], row["Sum"]) for row in rows] == [(moment(60), 1), (moment(65), 2), (moment(115), 1)]
    assert [row["Sum"] for row in desk.statistics("Sum")] == [4]
    assert desk.statistics("Sum", metric="Regular", Period=5, EndTime=moment(300)) == []
    desk.wait(4 * 3_600)
    assert desk.statistics("Sum", Period=30, StartTime=moment(0), EndTime=moment(600)) == []  # kept for three hours


@pytest.mark.parametrize(
    ("datum", "code", "words"),
    [
        ({}, "MissingParameter", f"At least one of the parameters {AT}.Value or {AT}.StatisticValues must"),
        ({"Value": 1, "Values": [2]}, "InvalidParameterCombination", f"{AT}.Value and {AT}.Values are mutually"),
        ({"Value": math.nan}, "InvalidParameterValue", f"The value NaN for parameter {AT}.Value is invalid."),
        ({"Value": math.inf}, "InvalidParameterValue", f"The value Infinity for parameter {AT}.Value is invalid."),
        ({"Value": 2.0**361}, "InvalidParameterValue", f"for parameter {AT}.Value is invalid."),
        ({"Value": 10**400}, "InvalidParameterValue", f"The value Infinity for parameter {AT}.Value is invalid."),
        ({"Value": -(10**400)}, "InvalidParameterValue", f"The value -Infinity for parameter {AT}.Value is invalid."),
        ({"Values": [1], "Counts": [10**400]}, "InvalidParameterValue", f"for parameter {AT}.Counts is invalid."),
        ({"Value": 1, "Timestamp": 10**18}, "ValidationException", "Unable to calculate correct timezone offset"),
        ({"Values": [1, 2], "Counts": [1]}, "InvalidParameterValue", f"{AT}.Values and {AT}.Counts must be of the"),
        ({"Values": [1.0] * 151}, "InvalidParameterValue", f"{AT}.Values must not have a size greater than 150."),
        ({"Values": [1], "Counts": [-1]}, "InvalidParameterValue", f"for parameter {AT}.Counts is invalid."),
        ({"Value": 1, "Unit": "Cats"}, "InvalidParameterValue", f"{AT}.Unit must be a value in the set [ Seconds,"),
        ({"Value": 1, "StorageResolution": 5}, "InvalidParameterValue", f"The value 5 for parameter {AT}.StorageRes"),
        ({"Value": 1, "Timestamp": moment(-15 * 86_400)}, "InvalidParameterValue", "within the past two weeks."),
        (
            {"Value": 1, "Timestamp": moment(3 * 3_600)},
            "InvalidParameterValue",
            "no more than two hours in the future.",
        ),
        ({"Value": 1, "MetricName": "x" * 256}, "InvalidParameterValue", "MetricName must be shorter than 256"),
        (
            {"StatisticValues": {"SampleCount": 1, "Sum": 1, "Minimum": 3, "Maximum": 1}},
            "InvalidParameterValue",
            "Maximum must be greater than",
        ),
        ({"Value": 1, "Dimensions": [{"Name": "a", "Value": "b"}] * 2}, "InvalidParameterValue", "dimension twice."),
        (
            {"Value": 1, "Dimensions": [{"Name": f"d{n}", "Value": "b"} for n in range(31)]},
            "InvalidParameterValue",
            "Dimensions must not have a size greater than 30.",
        ),
        ({"Value": 1, "Dimensions": [{"Name": "a", "Value": "ä"}]}, "InvalidParameterValue", "is invalid."),
    ],
)
def test_what_cloudwatch_refuses_is_refused_in_its_words(datum: dict[str, Any], code: str, words: str) -> None:
    desk = MetricsDesk()
    status, found, message = refused(desk.put(datum))
    assert (status, found) == (400, code)
    assert words in message
    assert desk.of(MetricDataPut) == []


@pytest.mark.parametrize("namespace", [" ", "caf\u00e9", "half \ud800 a pair", "tab\t", ":x", "x" * 256])
def test_a_namespace_is_of_plain_signs(namespace: str) -> None:
    assert refused(MetricsDesk().put({"Value": 1}, namespace=namespace))[1] == "InvalidParameterValue"


def test_a_statistic_set_is_of_floats_as_the_trace_has_them() -> None:
    desk = MetricsDesk()
    output(desk.put({"StatisticValues": {"SampleCount": 2, "Sum": 3, "Minimum": 1, "Maximum": 2}}))
    (fact,) = desk.of(MetricDataPut)
    assert [type(number) for number in fact.statistics] == [float] * 4


def test_one_bad_datum_refuses_all() -> None:
    desk = MetricsDesk()
    assert "MetricData.member.2.Value" in refused(desk.put({"Value": 1}, {"Value": math.nan}))[2]
    assert desk.of(MetricDataPut) == []


def test_namespaces_of_aws_are_closed() -> None:
    answer = MetricsDesk().put({"Value": 1}, namespace="AWS/Shop")
    assert refused(answer)[1:] == ("InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid.")


def test_a_call_has_a_thousand_data_and_a_megabyte_at_most() -> None:
    desk = MetricsDesk()
    assert (
        "The collection MetricData must not have a size greater than 1000."
        in refused(desk.put(*[{"Value": 1}] * 1_001))[2]
    )
    long = [{"Name": f"d{n}", "Value": "x" * 1_000} for n in range(30)]
    assert refused(desk.put(*[{"Value": 1, "Dimensions": long}] * 40))[0] == 413
    assert "The parameter MetricData is required." in refused(desk.put())[2]
    output(desk.put(*[{"Value": 1}] * 1_000))
