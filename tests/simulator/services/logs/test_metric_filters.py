"""Metric filters: by calls at a desk, and in a template with functions that log."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import AlarmChanged, MetricDataPut, MetricFilterConfigured
from lambdalab.simulator.vocabulary.log_fields import field_of
from lambdalab.simulator.vocabulary.log_patterns import LogPatternError, read_log_pattern
from tests.simulator.desk import Desk, output, refused
from tests.simulator.playing import CODE, as_files, call, invoke, make_function, make_template, play, steps
from tests.simulator.services.logs.test_operations import LogsDesk


def transformed(**changes: Any) -> dict[str, Any]:
    return {"metricName": "Failures", "metricNamespace": "Shop", "metricValue": "1", **changes}


class FilterDesk(LogsDesk):
    """The group ``app``, whose events become metrics."""

    def filter(self, pattern: str, name: str = "f", **changes: Any) -> Any:
        asked = {"filterName": name, "filterPattern": pattern, "metricTransformations": [transformed(**changes)]}
        return self.logs("PutMetricFilter", **asked)

    @property
    def data(self) -> list[tuple[float, tuple[tuple[str, str], ...]]]:
        return [(fact.values[0][0], fact.dimensions) for fact in self.of(MetricDataPut)]


def test_each_event_that_the_pattern_wants_is_a_datum() -> None:
    desk = FilterDesk()
    output(desk.filter("ERROR", unit="Count"))
    desk.put("ERROR one", "INFO two", "ERROR three")
    facts = desk.of(MetricDataPut)
    assert [(f.namespace, f.metric, f.unit, f.values, f.source) for f in facts] == [
        ("Shop", "Failures", "Count", ((1, 1),), "logs/f")
    ] * 2
    assert facts[0].timestamp_ms == desk.service.store.groups["app"].streams["s"].events[0].timestamp


@pytest.mark.parametrize(
    ("pattern", "value", "message", "found"),
    [
        ("{ $.ms > 10 }", "$.ms", '{"ms": 12.5}', 12.5),
        ("{ $.ms = * }", "$.ms", '{"ms": "12"}', 12),
        ("{ $.a.b[1] > 0 }", "$.a.b[1]", '{"a": {"b": [1, 7]}}', 7),
        ("[ip, user, status = 4*, bytes]", "$bytes", "127.0.0.1 ada 404 1534", 1534),
        ("[ip, ..., status = 4*, bytes]", "$bytes", "127.0.0.1 - ada [10/Oct] 404 1534", 1534),
        ("[ip, ..., status = 4*, bytes]", "$status", "127.0.0.1 - ada [10/Oct] 404 1534", 404),
        ("", "3", "anything", 3),
    ],
)
def test_the_value_is_a_number_or_what_a_field_holds(pattern: str, value: str, message: str, found: float) -> None:
    desk = FilterDesk()
    output(desk.filter(pattern, metricValue=value))
    desk.put(message)
    assert desk.data == [(found, ())]


def test_a_value_beyond_those_of_metrics_gives_nothing_and_ends_no_run() -> None:
    desk = FilterDesk()
    desk.filter("{ $.ms > 0 }", metricValue="$.ms")
    desk.put('{"ms": 1' + "0" * 400 + "}", '{"ms": 1' + "0" * 109 + "}", '{"ms": 5}')
    assert desk.data == [(5, ())]


@pytest.mark.parametrize(
    "message", ['{"ms": "1_000"}', '{"ms": "slow"}', '{"ms": null}', '{"ms": [1]}', '{"ms": true}', '{"ms": {}}']
)
def test_a_field_that_holds_no_number_gives_nothing(message: str) -> None:
    desk = FilterDesk()
    desk.filter("{ $.ms = * || $.ms IS NULL || $.ms IS TRUE || $.ms != 0 }", metricValue="$.ms")
    desk.put(message)
    assert desk.data == []


def test_dimensions_are_fields_and_an_event_that_lacks_one_gives_nothing() -> None:
    desk = FilterDesk()
    desk.filter("{ $.ms > 0 }", metricValue="$.ms", dimensions={"Route": "$.route", "Code": "$.status"})
    desk.put('{"ms": 3, "route": "/a", "status": 200}', '{"ms": 4, "route": "/b"}')
    assert desk.data == [(3, (("Code", "200"), ("Route", "/a")))]


def test_a_filter_that_makes_too_many_metrics_is_disabled() -> None:
    desk = FilterDesk()
    desk.filter("{ $.ms > 0 }", metricValue="$.ms", dimensions={"Id": "$.id"})
    desk.put(*(json.dumps({"ms": 1, "id": f"n{n}"}) for n in range(1_100)))
    assert len(desk.data) == 1_000
    assert [fact.state for fact in desk.of(MetricFilterConfigured)] == ["there", "disabled"]
    assert output(desk.logs("DescribeMetricFilters"))["metricFilters"] == []


def test_a_filter_may_make_many_metrics_in_the_course_of_a_day() -> None:
    desk = FilterDesk()
    desk.filter("{ $.ms > 0 }", metricValue="$.ms", dimensions={"Id": "$.id"})
    for hour in range(3):
        desk.put(*(json.dumps({"ms": 1, "id": f"n{hour}-{n}"}) for n in range(900)))
        desk.wait(3_601)
    assert len(desk.data) == 2_700
    assert [fact.state for fact in desk.of(MetricFilterConfigured)] == ["there"]


def test_the_default_value_comes_for_a_minute_in_which_nothing_was_wanted() -> None:
    desk = FilterDesk()
    desk.filter("ERROR", defaultValue=0)
    desk.put("INFO")  # the desk waits until the minute is over
    assert desk.data == [(0, ())]
    desk.wait(60)
    assert desk.data == [(0, ())]  # nothing has come in this minute
    desk.put("INFO", "ERROR")
    assert [value for value, _ in desk.data] == [0, 1]


@pytest.mark.parametrize(
    ("pattern", "changes", "words"),
    [
        ("ERROR", {"metricValue": "$.ms"}, "$.ms is no field of the filter pattern"),
        ("[a, b]", {"metricValue": "$c"}, "$c is no field of the filter pattern"),
        ("{ $.a", {}, "a term with other characters"),
        ("ERROR", {"dimensions": {"A": "$.a"}}, "The specified filter pattern does not support dimensions"),
        (
            "{ $.a = 1 }",
            {"dimensions": {"A": "$.a"}, "defaultValue": 0},
            "Invalid metric transformation: dimensions and default value are mutually exclusive properties",
        ),
        ("{ $.a = 1 }", {"dimensions": dict.fromkeys("ABCD", "$.a")}, "at most 3 dimensions"),
        ("ERROR", {"metricName": "a:b"}, "Member must satisfy regular expression pattern: [^:*$]*"),
        ("ERROR", {"unit": "Cats"}, "Member must satisfy enum value set"),
        ("ERROR", {"metricNamespace": "AWS/Lambda"}, "belong to AWS"),
        ("ERROR", {"defaultValue": 2.0**361}, "the default value must be within -2^360 to 2^360"),
        ("ERROR", {"metricName": "half \ud800 a pair"}, "Member must have printable characters only"),
        ("ERROR", {"metricValue": "1_000"}, "1_000 is no field of the filter pattern"),
        ("ERROR", {"metricValue": "9" * 101}, "Member must have length less than or equal to 100"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(pattern: str, changes: dict[str, Any], words: str) -> None:
    desk = FilterDesk()
    status, code, message = refused(desk.filter(pattern, **changes))
    assert (status, code) == (400, "InvalidParameterException")
    assert words in message
    assert desk.of(MetricFilterConfigured) == []


def test_a_group_has_a_hundred_filters_at_most() -> None:
    desk = FilterDesk()
    for number in range(100):
        output(desk.filter("ERROR", f"f{number}"))
    output(desk.filter("WARN", "f1"))  # another one of this name
    assert refused(desk.filter("ERROR", "one more"))[1] == "LimitExceededException"


def test_filters_are_described_by_group_prefix_and_metric_and_deleted() -> None:
    desk = FilterDesk()
    desk.filter("ERROR", "errors")
    desk.filter("{ $.ms > 1 }", "slow", metricValue="$.ms", metricName="Slow", dimensions={"R": "$.r"})

    def named(**params: Any) -> list[str]:
        answer = output(desk.ask("logs", "DescribeMetricFilters", params))
        return [each["filterName"] for each in answer["metricFilters"]]

    assert named() == ["errors", "slow"]
    assert named(logGroupName="app", filterNamePrefix="s") == ["slow"]
    assert named(metricName="Slow", metricNamespace="Shop") == ["slow"]
    assert refused(desk.ask("logs", "DescribeMetricFilters", {"metricName": "x"}))[1] == "InvalidParameterException"
    assert refused(desk.ask("logs", "DescribeMetricFilters", {"logGroupName": "x"}))[1] == "ResourceNotFoundException"
    shown = output(desk.logs("DescribeMetricFilters", filterNamePrefix="slow"))["metricFilters"][0]
    assert shown["metricTransformations"] == [
        transformed(metricName="Slow", metricValue="$.ms", dimensions={"R": "$.r"})
    ]
    output(desk.logs("DeleteMetricFilter", filterName="errors"))
    assert refused(desk.logs("DeleteMetricFilter", filterName="errors"))[1] == "ResourceNotFoundException"
    desk.put("ERROR")
    assert desk.data == []


@given(st.lists(st.text('abc 1-.[]"', max_size=8), max_size=8), st.text("ab{}[]$.,* 1", max_size=20))
def test_a_field_of_any_message_is_found_or_not_and_nothing_breaks(words: list[str], selector: str) -> None:
    for pattern in ("[a, ..., b]", "{ $.a = * }"):
        read_log_pattern(pattern)
        try:
            read = field_of(pattern, selector)
        except LogPatternError:
            continue
        read(" ".join(words))


def with_filter(**properties: Any) -> dict[str, Any]:
    usual = {
        "LogGroupName": "/aws/lambda/work",
        "FilterPattern": "ERROR",
        "MetricTransformations": [
            {"MetricName": "Failures", "MetricNamespace": "Shop", "MetricValue": 1, "DefaultValue": 0}
        ],
    }
    given = {name: value for name, value in (usual | properties).items() if value is not None}
    alarm = {
        "Namespace": "Shop", "MetricName": "Failures", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
        "Threshold": 2, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    }  # fmt: skip
    return make_template(
        make_function(),
        Group={"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/aws/lambda/work"}},
        Errors={"Type": "AWS::Logs::MetricFilter", "Properties": given},
        Alarm={"Type": "AWS::CloudWatch::Alarm", "Properties": alarm},
    )


def test_what_a_function_logs_feeds_a_metric_and_an_alarm_listens_to_it() -> None:
    scenario = steps(
        invoke(at="10s"),
        invoke(at="70s", payload=1),
        invoke(at="80s", payload=1),
        call("3m", "logs.describe_log_groups"),
    )
    played = play(with_filter(), scenario, lambda function, event, count: Act(logs=("ERROR no",) if event else ("ok",)))
    rows = played.summary["metrics"]["Shop"]["Failures"]["*"]
    assert [(row["t_s"], row["sum"], row["count"]) for row in rows] == [(0, 0, 1), (60, 2, 2)]
    assert [(fact.before, fact.state) for fact in played.of(AlarmChanged)][:2] == [
        ("INSUFFICIENT_DATA", "OK"), ("OK", "ALARM"),
    ]  # fmt: skip
    assert played.of(MetricFilterConfigured)[0].metric == "Shop/Failures"


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"FilterPattern": None}, "Errors: a metric filter needs FilterPattern."),
        (
            {"LogGroupName": "/aws/lambda/other"},
            "Errors: there is no log group /aws/lambda/other when the stack is made.",
        ),
        ({"MetricTransformations": []}, "Errors: a metric filter has exactly one metric transformation."),
        (
            {"MetricTransformations": [{"Name": "x"}]},
            "Errors: Encountered unsupported property Name of a metric transf",
        ),
        ({"MetricTransformations": [{"MetricName": "x"}]}, "Errors: a metric transformation needs MetricNamespace."),
        ({"FilterPattern": "%x%"}, "Errors: lambdalab does not evaluate regular expressions in filter patterns."),
        ({"ApplyOnTransformedLogs": True}, "ApplyOnTransformedLogs"),
        (
            {
                "MetricTransformations": [
                    {"MetricName": "x", "MetricNamespace": "y", "MetricValue": "1", "DefaultValue": 10**400}
                ]
            },
            "the default value must be within",
        ),
    ],
)
def test_a_filter_of_a_template_that_cannot_be_is_a_problem(properties: dict[str, Any], words: str) -> None:
    template = read_template({**CODE, **as_files(with_filter(**properties))})
    found = [problem.message for problem in problems_of(template)]
    assert any(words in message for message in found), found


def test_a_desk_without_filters_puts_nothing() -> None:
    desk = Desk()
    desk.invoke()
    assert desk.of(MetricDataPut) == []


def test_an_update_of_the_stack_changes_a_filter_and_takes_one_away() -> None:
    changed = with_filter(FilterPattern="WARN")
    without = with_filter()
    del without["Resources"]["Errors"]
    files = {"warn.json": json.dumps(changed).encode(), "none.json": json.dumps(without).encode()}
    scenario = steps(
        invoke(at="1s"),
        {"at": "10s", "deploy": {"template": "warn.json"}},
        invoke(at="20s"),
        {"at": "30s", "deploy": {"template": "none.json"}},
        invoke(at="40s"),
    )
    played = play(with_filter(), scenario, Act(logs=("ERROR one", "WARN two", "WARN three")), files=files)
    (row,) = played.summary["metrics"]["Shop"]["Failures"]["*"]
    assert row["sum"] == 3  # one ERROR, then two WARN
    assert [fact.state for fact in played.of(MetricFilterConfigured)] == ["there", "there", "gone"]
