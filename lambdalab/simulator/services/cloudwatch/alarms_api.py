"""Alarms as callers see them: PutMetricAlarm, DescribeAlarms, SetAlarmState, DeleteAlarms.

Source: botocore's model of CloudWatch, read 2026-11. What alarms do is in ``lambda_/alarms.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from lambdalab.simulator.account import Answer, World
from lambdalab.simulator.lambda_.alarm import COMPARISONS, MISSING, PERCENTILE, STATISTICS, Alarm, State
from lambdalab.simulator.lambda_.alarms import Alarms
from lambdalab.simulator.services.cloudwatch.putting import GREATEST, NAME_MAX, read_dimensions, shown_number
from lambdalab.simulator.services.cloudwatch.refusals import (
    missing,
    not_simulated,
    validation,
    wrong_combination,
    wrong_value,
)
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.metric_data import UNITS, Dimensions
from lambdalab.simulator.vocabulary.metrics import METRICS, NAMESPACE

PAGE, PAGE_MAX = 50, 100  # alarms of one answer, unless the call says otherwise; at most
DELETED_MAX = 100
ALARMS_MAX = 5_000  # of an account in a Region. CloudWatch User Guide, "CloudWatch service quotas"
LONGEST_S = 7 * 86_400  # Period times EvaluationPeriods. BC PutMetricAlarm
FINE_LONGEST_S = 86_400  # the same for periods below an hour
FINE_PERIODS = (10, 20, 30)
ACTIONS = ("OKActions", "AlarmActions", "InsufficientDataActions")
BEYOND = ("Metrics", "ThresholdMetricId", "EvaluateLowSampleCountPercentile")  # what alarms have, and not here


class AlarmsApi:
    """The calls about alarms."""

    def __init__(self, world: World, alarms: Alarms) -> None:
        self._world = world
        self._alarms = alarms

    def put(self, params: Mapping[str, Any]) -> Answer | AwsError:
        """PutMetricAlarm."""
        refusal = _wrong_alarm(params)
        if refusal is not None:
            return refusal
        dimensions = read_dimensions(params.get("Dimensions") or (), "Dimensions")
        if isinstance(dimensions, AwsError):
            return dimensions
        before = next((each for each in self._alarms.all() if each.name == params["AlarmName"]), None)
        if before is None and len(self._alarms.all()) >= ALARMS_MAX:
            return AwsError("LimitExceeded", f"The maximum number of alarms, {ALARMS_MAX}, has been reached.")
        if before is not None and before.act is not None:
            return not_simulated("changes of an alarm that Application Auto Scaling has made")
        alarm = alarm_of(str(params["AlarmName"]), params, dimensions)
        alarm.configured_at = alarm.changed_at = self._world.kernel.now
        self._alarms.deploy(alarm)
        return Answer()

    def describe(self, params: Mapping[str, Any]) -> Answer | AwsError:
        """DescribeAlarms: by names, by the beginning of names, by state."""
        names, prefix = params.get("AlarmNames"), params.get("AlarmNamePrefix")
        if names and prefix:
            return wrong_combination("AlarmNamePrefix and AlarmNames.member are mutually exclusive")
        if int(params.get("MaxRecords") or PAGE) > PAGE_MAX:
            text = f"1 validation error detected: Value '{params['MaxRecords']}' at 'maxRecords' failed to satisfy "
            return validation(f"{text}constraint: Member must have value less than or equal to {PAGE_MAX}")
        token = str(params.get("NextToken") or "0")
        if not token.isdecimal() or len(token) > 9:
            return AwsError("InvalidNextToken", "The next token specified is invalid.")
        kinds = params.get("AlarmTypes") or ["MetricAlarm"]
        found = [
            each
            for each in (self._alarms.all() if "MetricAlarm" in kinds else [])
            if (not names or each.name in names)
            and each.name.startswith(prefix or "")
            and params.get("StateValue", each.state) == each.state
        ]
        start, most = int(token), int(params.get("MaxRecords") or PAGE)
        rows = [self._row(each) for each in found[start : start + most]]
        more = {"NextToken": str(start + most)} if start + most < len(found) else {}
        return Answer({"MetricAlarms": rows, "CompositeAlarms": []} | more)

    def set_state(self, params: Mapping[str, Any]) -> Answer | AwsError:
        """SetAlarmState, which holds until the alarm looks at its metric again."""
        alarm = next((each for each in self._alarms.all() if each.name == params["AlarmName"]), None)
        if alarm is None:
            return AwsError("ResourceNotFound", "", 404)
        state = params["StateValue"]
        if state not in get_args(State):
            text = f"1 validation error detected: Value '{state}' at 'stateValue' failed to satisfy constraint: "
            return validation(f"{text}Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]")
        if state != alarm.state:
            self._alarms.set_state(alarm, state, str(params["StateReason"]))
        return Answer()

    def delete(self, params: Mapping[str, Any]) -> Answer | AwsError:
        """DeleteAlarms: all of them, or, when one is not there, those that are."""
        names = params["AlarmNames"]
        if len(names) > DELETED_MAX:
            return validation(f"The collection AlarmNames must not have a size greater than {DELETED_MAX}.")
        for name in names:
            self._alarms.remove(str(name))
        return Answer()

    def _row(self, alarm: Alarm) -> dict[str, Any]:
        plain = alarm.statistic in STATISTICS
        optional: dict[str, Any] = {"AlarmDescription": alarm.description, "Unit": alarm.unit}
        if alarm.says_datapoints:
            optional |= {"DatapointsToAlarm": alarm.datapoints}
        return {
            "AlarmName": alarm.name,
            "AlarmArn": arn("cloudwatch", f"alarm:{alarm.name}"),
            "AlarmConfigurationUpdatedTimestamp": self._world.wall_clock(alarm.configured_at),
            "ActionsEnabled": True,
            **{kind: [] for kind in ACTIONS},
            "StateValue": alarm.state,
            "StateReason": alarm.reason,
            "StateUpdatedTimestamp": self._world.wall_clock(alarm.changed_at),
            "MetricName": alarm.metric,
            "Namespace": alarm.namespace,
            "Statistic" if plain else "ExtendedStatistic": alarm.statistic,
            "Dimensions": [{"Name": name, "Value": value} for name, value in sorted(alarm.dimensions.items())],
            "Period": alarm.period_s,
            "EvaluationPeriods": alarm.periods,
            "Threshold": alarm.threshold,
            "ComparisonOperator": alarm.comparison,
            "TreatMissingData": alarm.missing,
            **{name: value for name, value in optional.items() if value is not None},
        }


def alarm_of(name: str, params: Mapping[str, Any], dimensions: Dimensions) -> Alarm:
    """The alarm that a call, or a template, describes; what it says has been checked."""
    periods = int(params.get("EvaluationPeriods", 1))
    return Alarm(
        name,
        str(params["MetricName"]),
        dict(dimensions),
        float(params["Threshold"]),
        str(params["ComparisonOperator"]),
        str(params.get("Statistic") or params.get("ExtendedStatistic") or "Sum"),
        int(params.get("Period", 60)),
        periods,
        int(params.get("DatapointsToAlarm") or periods),
        str(params.get("TreatMissingData", "missing")),
        namespace=str(params["Namespace"]),
        unit=params.get("Unit"),
        description=params.get("AlarmDescription"),
        says_datapoints=params.get("DatapointsToAlarm") is not None,
    )


def _wrong_alarm(params: Mapping[str, Any]) -> AwsError | None:
    for name in (*BEYOND, *(action for action in ACTIONS if params.get(action))):
        if params.get(name):
            return not_simulated(f"{name} of an alarm")
    for name in ("MetricName", "Namespace", "Threshold", "Period"):
        if params.get(name) is None:
            return missing(f"The parameter {name} is required.")
    name, threshold = str(params["AlarmName"]), params["Threshold"]
    if len(name) > NAME_MAX or not name.isprintable():
        return validation(f"The value {name[:300]!r} for parameter AlarmName is invalid.")
    if not -GREATEST <= threshold <= GREATEST:  # so it is of NaN
        return wrong_value(f"The value {shown_number(threshold)} for parameter Threshold is invalid.")
    if bool(params.get("Statistic")) == bool(params.get("ExtendedStatistic")):
        return validation("Exactly one of Statistic and ExtendedStatistic must be specified.")
    return _wrong_statistic(params) or _wrong_periods(params)


def _wrong_statistic(params: Mapping[str, Any]) -> AwsError | None:
    statistic = params.get("ExtendedStatistic")
    if statistic and not PERCENTILE.fullmatch(statistic):
        return wrong_value(f"The value {statistic} for parameter ExtendedStatistic is not supported.")
    allowed: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("Statistic", tuple(STATISTICS)),
        ("ComparisonOperator", tuple(COMPARISONS)),
        ("TreatMissingData", MISSING),
        ("Unit", UNITS),
    )
    for name, known in allowed:
        if params.get(name, known[0]) not in known:
            return validation(f"The parameter {name} must be a value in the set [ {', '.join(known)} ].")
    namespace, metric = str(params["Namespace"]), str(params["MetricName"])
    unknown = metric not in METRICS or not METRICS[metric].fed
    if namespace.startswith("AWS/") and (namespace != NAMESPACE or unknown):
        return not_simulated(f"the metric {metric} of {namespace}")
    return None


def _wrong_periods(params: Mapping[str, Any]) -> AwsError | None:
    period, periods = int(params["Period"]), int(params["EvaluationPeriods"])
    datapoints = int(params.get("DatapointsToAlarm") or periods)
    fine = FINE_PERIODS if not str(params["Namespace"]).startswith("AWS/") else ()
    if period not in fine and period % 60:
        return validation("Period must be 10, 20, 30, or a multiple of 60")
    if datapoints > periods:
        return validation("DatapointsToAlarm must be less than or equal to EvaluationPeriods")
    if period * periods > (FINE_LONGEST_S if period < 3_600 else LONGEST_S):
        return validation(
            "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400)."
        )
    return None
