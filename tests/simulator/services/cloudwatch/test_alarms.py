from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.services.cloudwatch import alarms_api
from lambdalab.simulator.trace.facts import AlarmChanged
from tests.simulator.desk import output, refused
from tests.simulator.playing import CODE, as_files, call, invoke, make_template, play, steps
from tests.simulator.services.cloudwatch.desk import MetricsDesk, moment

ALARM = {
    "AlarmName": "many", "Namespace": "Shop", "MetricName": "Orders", "Statistic": "Sum", "Period": 60,
    "EvaluationPeriods": 1, "Threshold": 10.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
}  # fmt: skip


def alarm(desk: MetricsDesk, name: str = "many") -> dict[str, Any]:
    (row,) = output(desk.cloudwatch("DescribeAlarms", AlarmNames=[name]))["MetricAlarms"]
    shown: dict[str, Any] = row
    return shown


def test_an_alarm_on_a_custom_metric_goes_off_when_its_period_is_over() -> None:
    desk = MetricsDesk()
    output(desk.cloudwatch("PutMetricAlarm", **ALARM))
    assert (alarm(desk)["StateValue"], alarm(desk)["StateReason"]) == (
        "INSUFFICIENT_DATA", "Unchecked: Initial alarm creation",
    )  # fmt: skip
    desk.put({"Value": 7}, {"Value": 5})
    desk.wait(61)
    row = alarm(desk)
    assert row["StateValue"] == "ALARM"
    assert row["StateReason"] == (
        "Threshold Crossed: 1 datapoint [12.0 (01/01/70 00:00:00)] was greater than or equal to the threshold (10.0)."
    )
    assert "DatapointsToAlarm" not in row
    assert row["StateUpdatedTimestamp"] == moment(60)
    assert [(each.before, each.state) for each in desk.of(AlarmChanged)] == [("INSUFFICIENT_DATA", "ALARM")]


def test_alarms_on_any_metric_of_lambdas_work() -> None:
    desk = MetricsDesk()
    one = {"Namespace": "AWS/Lambda", "MetricName": "ConcurrentExecutions", "Statistic": "Maximum", "Threshold": 1.0}
    of_work = [{"Name": "FunctionName", "Value": "work"}]
    output(desk.cloudwatch("PutMetricAlarm", **{**ALARM, **one, "Dimensions": of_work}))
    slow = {"AlarmName": "slow", "Namespace": "AWS/Lambda", "MetricName": "Duration", "Dimensions": of_work}
    with_percentile = {**ALARM, **slow, "ExtendedStatistic": "p99", "Threshold": 100.0}
    output(desk.cloudwatch("PutMetricAlarm", **{k: v for k, v in with_percentile.items() if k != "Statistic"}))
    desk.invoke()
    desk.wait(61)
    assert alarm(desk)["StateValue"] == "ALARM"
    assert (alarm(desk, "slow")["StateValue"], alarm(desk, "slow")["ExtendedStatistic"]) == ("OK", "p99")


def test_an_alarm_of_ten_seconds_needs_a_metric_of_high_resolution() -> None:
    desk = MetricsDesk()
    desk.cloudwatch("PutMetricAlarm", **{**ALARM, "Period": 10})
    desk.put({"Value": 50, "StorageResolution": 1})
    desk.wait(11)
    assert alarm(desk)["StateValue"] == "ALARM"
    answer = desk.cloudwatch(
        "PutMetricAlarm", **{**ALARM, "Namespace": "AWS/Lambda", "MetricName": "Errors", "Period": 10}
    )
    assert refused(answer)[1] == "ValidationError"


X, G = 50.0, 1.0  # a datum beyond the threshold, and one that is not

GUIDE = [
    # evaluation periods, datapoints to alarm, data: the states for missing, ignore, breaching and notBreaching
    (3, 3, (G, None, X, None, X), ("OK", "OK", "OK", "OK")),
    (3, 3, (G, None, None, None, None), ("OK", "OK", "OK", "OK")),
    (3, 3, (None,) * 5, ("INSUFFICIENT_DATA", "as before", "ALARM", "OK")),
    (3, 3, (G, X, X, None, X), ("ALARM", "ALARM", "ALARM", "ALARM")),
    (3, 3, (None, None, X, None, None), ("ALARM", "as before", "ALARM", "OK")),
    (3, 3, (None, None, None, X, None), ("OK", "as before", "ALARM", "OK")),
    (3, 3, (None, None, None, None, X), ("OK", "as before", "ALARM", "OK")),
    (3, 2, (G, None, X, None, X), ("ALARM", "ALARM", "ALARM", "ALARM")),
    (3, 2, (G, G, X, G, X), ("ALARM", "ALARM", "ALARM", "ALARM")),
    (3, 2, (G, None, X, None, None), ("OK", "OK", "ALARM", "OK")),
    (3, 2, (None, None, None, None, G), ("OK", "OK", "ALARM", "OK")),
    (3, 2, (None, None, None, X, None), ("ALARM", "as before", "ALARM", "OK")),
    (1, 1, (X, None, None), ("ALARM", "ALARM", "ALARM", "ALARM")),
    (1, 1, (X, None, G), ("OK", "OK", "OK", "OK")),
]


@pytest.mark.parametrize(("periods", "datapoints", "data", "states"), GUIDE)
def test_missing_data_count_as_the_guides_tables_say(
    periods: int, datapoints: int, data: tuple[float | None, ...], states: tuple[str, ...]
) -> None:
    """CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data": its two tables, and the text."""
    for missing, state in zip(("missing", "ignore", "breaching", "notBreaching"), states, strict=True):
        params = {**ALARM, "EvaluationPeriods": periods, "DatapointsToAlarm": datapoints, "TreatMissingData": missing}
        made = alarms_api.alarm_of("many", params, ())
        made.state = "INSUFFICIENT_DATA"
        assert made.judge(data) == (state if state != "as before" else "INSUFFICIENT_DATA"), missing
        made.state = "ALARM"
        assert made.judge(data) == (state if state != "as before" else "ALARM"), missing


def test_an_alarm_asks_once_a_period_and_for_no_older_data_than_it_looks_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking for each of a day's periods at the end of each minute takes hours."""
    desk = MetricsDesk()
    metrics, asked = desk.service.metrics(), list[float]()
    points = metrics.points

    def counted(wanted: Any, *, fine: bool, since_s: float = 0) -> Any:
        asked.append(since_s)
        return points(wanted, fine=fine, since_s=since_s)

    monkeypatch.setattr(metrics, "points", counted)
    desk.service.metrics = lambda: metrics
    output(desk.cloudwatch("PutMetricAlarm", **{**ALARM, "EvaluationPeriods": 60, "DatapointsToAlarm": 2}))
    desk.put({"Value": 7}, {"Value": 5})
    desk.wait(100 * 60 + 1)
    assert len(asked) == 100
    assert (asked[0], asked[-1]) == (0, 38 * 60)


def test_an_update_keeps_the_state() -> None:
    desk = MetricsDesk()
    desk.cloudwatch("PutMetricAlarm", **ALARM)
    output(desk.cloudwatch("SetAlarmState", AlarmName="many", StateValue="ALARM", StateReason="a test"))
    assert (alarm(desk)["StateValue"], alarm(desk)["StateReason"]) == ("ALARM", "a test")
    desk.cloudwatch("PutMetricAlarm", **{**ALARM, "Threshold": 99.0})
    assert (alarm(desk)["StateValue"], alarm(desk)["Threshold"]) == ("ALARM", 99)
    output(desk.cloudwatch("DeleteAlarms", AlarmNames=["many"]))
    assert output(desk.cloudwatch("DescribeAlarms"))["MetricAlarms"] == []
    answer = desk.cloudwatch("SetAlarmState", AlarmName="many", StateValue="OK", StateReason="x")
    assert refused(answer)[:2] == (404, "ResourceNotFound")


def test_alarms_are_described_in_pages_by_prefix_and_state() -> None:
    desk = MetricsDesk()
    for name in ("a1", "a2", "b1"):
        desk.cloudwatch("PutMetricAlarm", **{**ALARM, "AlarmName": name})
    first = output(desk.cloudwatch("DescribeAlarms", AlarmNamePrefix="a", MaxRecords=1))
    assert [each["AlarmName"] for each in first["MetricAlarms"]] == ["a1"]
    then = output(desk.cloudwatch("DescribeAlarms", AlarmNamePrefix="a", MaxRecords=1, NextToken=first["NextToken"]))
    assert ([each["AlarmName"] for each in then["MetricAlarms"]], "NextToken" in then) == (["a2"], False)
    assert output(desk.cloudwatch("DescribeAlarms", StateValue="ALARM"))["MetricAlarms"] == []
    assert refused(desk.cloudwatch("DescribeAlarms", MaxRecords=101))[1] == "ValidationError"
    both = desk.cloudwatch("DescribeAlarms", AlarmNames=["a1"], AlarmNamePrefix="a")
    assert refused(both)[1:] == (
        "InvalidParameterCombination", "AlarmNamePrefix and AlarmNames.member are mutually exclusive",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"AlarmActions": ["arn:aws:sns:us-east-1:123456789012:x"]}, "NotSimulated"),
        ({"Namespace": "AWS/SQS"}, "NotSimulated"),
        ({"Statistic": None}, "ValidationError"),
        ({"ComparisonOperator": "EqualTo"}, "ValidationError"),
        ({"Period": 45}, "ValidationError"),
        ({"DatapointsToAlarm": 2}, "ValidationError"),
        ({"EvaluationPeriods": 2_000}, "ValidationError"),
        ({"Threshold": None}, "MissingParameter"),
        ({"Threshold": float("nan")}, "InvalidParameterValue"),
        ({"Threshold": 10**400}, "InvalidParameterValue"),
        ({"AlarmName": "x" * 256}, "ValidationError"),
        ({"AlarmName": "half \ud800 a pair"}, "ValidationError"),
    ],
)
def test_an_alarm_that_cannot_be_is_refused(params: dict[str, Any], code: str) -> None:
    desk = MetricsDesk()
    asked = {name: value for name, value in {**ALARM, **params}.items() if value is not None}
    assert refused(desk.cloudwatch("PutMetricAlarm", **asked))[1] == code
    assert output(desk.cloudwatch("DescribeAlarms"))["MetricAlarms"] == []


def test_a_handler_puts_metrics_reads_them_and_an_alarm_of_the_template_sees_them() -> None:
    put = ("cloudwatch", "PutMetricData", {"Namespace": "Shop", "MetricData": [{"MetricName": "Orders", "Value": 12}]})
    read = ("cloudwatch", "ListMetrics", {"Namespace": "Shop"})
    properties = {name: value for name, value in ALARM.items() if name != "AlarmName"}
    template = make_template(Many={"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "many", **properties}})
    scenario = steps(invoke(kind="RequestResponse"), call("2m", "cloudwatch.list_metrics", Namespace="Shop"))
    played = play(template, scenario, Act(calls=(put, read)))
    (row,) = played.summary["metrics"]["Shop"]["Orders"]["*"]
    assert (row["sum"], row["t_s"]) == (12, 0)
    assert played.of(AlarmChanged)[0].state == "ALARM"
    items = {row["item"]: row["usd"] for row in played.player["bill"]["rows"]}
    assert items["CloudWatch requests"] == pytest.approx(2 * 0.01 / 1_000)
    assert items["CloudWatch custom metrics"] == pytest.approx(0.30 / 730)


def test_a_role_may_be_allowed_one_namespace_only() -> None:
    def calls(namespace: str) -> Any:
        params = {"Namespace": namespace, "MetricData": [{"MetricName": "Orders", "Value": 1}]}
        return ("cloudwatch", "PutMetricData", params)

    template = make_template()
    statement = template["Resources"]["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0]
    statement |= {"Action": "cloudwatch:PutMetricData", "Condition": {"StringEquals": {"cloudwatch:namespace": "Shop"}}}
    played = play(template, steps(invoke(kind="RequestResponse")), Act(calls=(calls("Shop"), calls("Other"))))
    row = played.summary["calls"]["cloudwatch.put_metric_data"]
    assert (row["count"], row["errors"], row["denied"]) == (2, {"AccessDenied": 1}, 1)
    assert "Other" not in played.summary["metrics"]


def test_a_scenario_calls_a_function_of_a_dimension_by_its_logical_id() -> None:
    template = make_template()
    del template["Resources"]["Work"]["Properties"]["FunctionName"]
    of_work = [{"Name": "FunctionName", "Value": "Work"}]
    asked = {"Namespace": "AWS/Lambda", "MetricName": "AsyncEventsReceived", "Dimensions": of_work}
    made = {**ALARM, **asked, "Threshold": 1.0, "AlarmName": "any"}
    read = {"Id": "a", "MetricStat": {"Metric": asked, "Period": 60, "Stat": "Sum"}}
    span = {"StartTime": "2025-12-01T09:00:00Z", "EndTime": "2025-12-01T09:05:00Z"}
    scenario = steps(
        call("0s", "cloudwatch.put_metric_alarm", **made),
        invoke(at="1s", function="Work"),
        call("2m", "cloudwatch.get_metric_data", MetricDataQueries=[read], **span),
        until="5m",
    )
    played = play(template, scenario)
    assert [fact.state for fact in played.of(AlarmChanged)] == ["ALARM", "INSUFFICIENT_DATA"]
    assert [round(at) for at in played.times(AlarmChanged)] == [60, 240]  # the datum counts for two further periods
    assert [round(at) for at in played.times(AlarmChanged)] == [60, 240]  # the datum counts for two further periods
    assert played.summary["calls"]["cloudwatch.get_metric_data"]["errors"] == {}


def test_an_account_has_five_thousand_alarms_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms_api, "ALARMS_MAX", 2)
    desk = MetricsDesk()
    for name in ("a", "b", "a"):
        output(desk.cloudwatch("PutMetricAlarm", **{**ALARM, "AlarmName": name}))
    assert refused(desk.cloudwatch("PutMetricAlarm", **{**ALARM, "AlarmName": "c"}))[1] == "LimitExceeded"


def test_an_alarm_on_metric_math_is_unsupported_and_may_be_ignored() -> None:
    maths = {"Metrics": [{"Id": "e", "Expression": "1"}], "ComparisonOperator": "GreaterThanThreshold"}
    template = make_template(Odd={"Type": "AWS::CloudWatch::Alarm", "Properties": maths})
    (problem,) = problems_of(read_template({**CODE, **as_files(template)}))
    assert (problem.severity, "Metrics" in problem.message) == ("unsupported", True)
    template["Metadata"] = {"lambdalab": {"ignore": ["Odd"]}}
    assert play(template, steps()).of(AlarmChanged) == []
