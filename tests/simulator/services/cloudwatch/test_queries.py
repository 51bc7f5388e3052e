from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.services.cloudwatch.expressions import (
    Surroundings,
    Unsupported,
    Value,
    WrongExpression,
    evaluate,
)
from lambdalab.simulator.trace.facts import MetricsQueried
from tests.simulator.desk import output, refused
from tests.simulator.services.cloudwatch.desk import MetricsDesk, moment


def stat(name: str, metric: str, statistic: str = "Sum", **more: Any) -> dict[str, Any]:
    wanted = {"Metric": {"Namespace": "Shop", "MetricName": metric}, "Period": 60, "Stat": statistic}
    return {"Id": name, "MetricStat": wanted, **more}


def shop() -> MetricsDesk:
    desk = MetricsDesk()
    for minute, (orders, failures) in enumerate([(10, 1), (20, 0), (0, 0)]):
        desk.put({"Value": orders, "Timestamp": moment(60 * minute)})
        desk.put({"MetricName": "Failures", "Value": failures, "Timestamp": moment(60 * minute)})
    return desk


def ask(desk: MetricsDesk, *queries: dict[str, Any], **params: Any) -> Any:
    span = {"StartTime": moment(0), "EndTime": moment(240), "ScanBy": "TimestampAscending"}
    return desk.cloudwatch("GetMetricData", MetricDataQueries=list(queries), **{**span, **params})


def values(answer: Any) -> dict[str, list[float]]:
    return {each["Id"]: each["Values"] for each in output(answer)["MetricDataResults"]}


def test_several_metrics_and_an_error_rate_come_in_one_answer() -> None:
    rate = {"Id": "rate", "Expression": "100 * failed / orders", "Label": "failures in percent"}
    desk = shop()
    answer = ask(desk, stat("orders", "Orders"), stat("failed", "Failures", ReturnData=False), rate)
    assert values(answer) == {"orders": [10, 20, 0], "rate": [10, 0]}  # nothing is divided by zero
    last = output(answer)["MetricDataResults"][1]
    assert (last["Label"], last["StatusCode"]) == ("failures in percent", "Complete")
    assert last["Timestamps"] == [moment(0), moment(60)]
    assert desk.of(MetricsQueried) == [MetricsQueried(2, "test")]


def test_the_newest_comes_first_unless_asked_otherwise() -> None:
    assert values(ask(shop(), stat("orders", "Orders"), ScanBy="TimestampDescending")) == {"orders": [0, 20, 10]}


def test_datapoints_come_in_pages() -> None:
    desk, found, token = shop(), [], None
    while True:
        more = {"NextToken": token} if token else {}
        answer = ask(desk, stat("a", "Orders"), stat("b", "Failures"), MaxDatapoints=4, **more)
        found.append(values(answer))
        token = output(answer).get("NextToken")
        if token is None:
            break
    assert found == [{"a": [10, 20, 0], "b": [1]}, {"a": [], "b": [0, 0]}]
    assert refused(ask(desk, stat("a", "Orders"), NextToken="x"))[1] == "InvalidNextToken"


@pytest.mark.parametrize(
    ("queries", "code", "words"),
    [
        ([], "ValidationError", "The parameter MetricDataQueries is required."),
        (
            [stat("a", "x"), stat("a", "y")],
            "ValidationError",
            "The values for parameter id in MetricDataQueries are not",
        ),
        ([stat("Big", "x")], "ValidationError", "not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$."),
        ([stat("a", "x", Expression="1")], "ValidationError", "are mutually exclusive and you have specified both."),
        ([{"Id": "a"}], "ValidationError", "Either MetricDataQueries.member.1.Expression or"),
        ([stat("a", "x", Period=60)], "ValidationError", "member.1.Period and MetricDataQueries.member.1.MetricStat"),
        ([stat("a", "x", "Median")], "ValidationError", "The value Median for parameter"),
        ([stat("a", "x", "tm99")], "NotSimulated", "the statistic tm99"),
        (
            [{"Id": "e", "Expression": "nobody + 1"}],
            "ValidationError",
            "Error in expression 'e': there is no query nobody",
        ),
        ([{"Id": "e", "Expression": "1 + 1"}], "ValidationError", "must return a time series"),
        ([{"Id": "e", "Expression": "e + 1"}], "ValidationError", "it depends on itself."),
        ([{"Id": "e", "Expression": "SEARCH('x')"}], "NotSimulated", "SEARCH"),
        ([{"Id": "e", "Expression": "SELECT AVG(x) FROM y"}], "NotSimulated", "Metrics Insights"),
        ([stat("a", "x"), {"Id": "e", "Expression": "ANOMALY_DETECTION_BAND(a)"}], "NotSimulated", "ANOMALY"),
        ([stat("a", "x"), {"Id": "e", "Expression": "a > 1"}], "NotSimulated", "> in metric math"),
        ([stat("a", "x"), {"Id": "e", "Expression": "a", "Period": 300}], "NotSimulated", "different periods"),
    ],
)
def test_a_query_that_cannot_be_is_refused(queries: list[dict[str, Any]], code: str, words: str) -> None:
    _, found, message = refused(ask(shop(), *queries))
    assert (found, words in message) == (code, True), message


def test_a_long_chain_of_expressions_is_refused_and_ends_nothing() -> None:
    chain = [{"Id": f"e{n}", "Expression": f"e{n + 1} + 1"} for n in range(498)]
    answer = ask(shop(), *chain, stat("e498", "Orders"))
    assert refused(answer)[1] == "ValidationError"
    assert values(ask(shop(), *chain[-5:], stat("e498", "Orders")))["e493"] == [15, 25, 5]


def worked_out(text: str, **named: Value) -> Value:
    series = [each for each in named.values() if isinstance(each, dict)]
    return evaluate(text, Surroundings(lambda name: named[name], lambda part: series, range(0, 180, 60)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("m1 + m2", {0: 11.0, 120: 33.0}),
        ("-m1 ^ 2", {0: -1.0, 60: -4.0, 120: -9.0}),
        ("(m1 - 1) * 2", {0: 0.0, 60: 2.0, 120: 4.0}),
        ("m1 / MAX(m1)", {0: 1 / 3, 60: 2 / 3, 120: 1.0}),
        ("FILL(m2, 0)", {0: 10.0, 60: 0.0, 120: 30.0}),
        ("SUM([m1, m2])", {0: 11.0, 60: 2.0, 120: 33.0}),
        ("AVG(METRICS())", {0: 5.5, 60: 2.0, 120: 16.5}),
        ("MIN([m1, m2 * 0])", {0: 0.0, 60: 2.0, 120: 0.0}),
        ("CEIL(m1 / 2)", {0: 1.0, 60: 1.0, 120: 2.0}),
        ("1 - 2 - 3 + m1 * 0", {0: -4.0, 60: -4.0, 120: -4.0}),
    ],
)
def test_metric_math(text: str, found: Value) -> None:
    assert worked_out(text, m1={0: 1.0, 60: 2.0, 120: 3.0}, m2={0: 10.0, 120: 30.0}) == found


@given(st.text('m12()+-*/^,.[]FILSUM "', max_size=60))
def test_any_text_is_a_value_or_a_refusal(text: str) -> None:
    with suppress(WrongExpression, Unsupported, KeyError):
        assert isinstance(worked_out(text, m={0: 1.0}, m1={0: 2.0}, m2={0: 2.0}), float | dict | list)


@pytest.mark.parametrize("text", ["CEIL(" + "9" * 400 + ")", "FILL(m, " + "9" * 400 + ")", f"SUM(FILL(m, {10**308}))"])
def test_numbers_beyond_all_doubles_are_told_and_end_no_run(text: str) -> None:
    with pytest.raises(WrongExpression, match="is too large"):
        worked_out(text, m={})


def test_nesting_is_bounded() -> None:
    with pytest.raises(WrongExpression, match="nested too deeply"):
        worked_out("(" * 500 + "1" + ")" * 500)


def test_metric_math_has_the_periods_of_its_metrics() -> None:
    desk = MetricsDesk()
    for second in (60, 72, 90):
        desk.put({"Value": 1, "StorageResolution": 1, "Timestamp": moment(second)})
    double = {"Id": "double", "Expression": "2 * FILL(orders, 0)"}
    asked = stat("orders", "Orders")
    asked["MetricStat"]["Period"] = 10
    answer = ask(desk, asked, double, StartTime=moment(73), EndTime=moment(100))
    assert values(answer) == {"orders": [1, 1], "double": [2, 0, 2]}
