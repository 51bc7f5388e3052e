"""Amazon CloudWatch behind the front door: metrics that are put and read, and alarms.

What is read are the metrics of the run as it stands: Lambda's own, those of log lines in the embedded metric format,
of metric filters, and what calls have put (``metrics``). Data can be read as soon as they are there (A-140).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer, Request, Right, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.lambda_.alarm import Alarm
from lambdalab.simulator.lambda_.alarms import Alarms, period_start_s
from lambdalab.simulator.services.cloudwatch import queries, reading, statistics
from lambdalab.simulator.services.cloudwatch.alarms_api import AlarmsApi
from lambdalab.simulator.services.cloudwatch.putting import read_put
from lambdalab.simulator.trace.facts import MetricsQueried
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.metric_data import MetricId, Metrics, Point

_OF_ONE_ALARM = ("PutMetricAlarm", "SetAlarmState")


class CloudWatch:
    """The metrics and alarms of the account. ``metrics`` looks at the run so far."""

    def __init__(self, world: World, alarms: Alarms) -> None:
        self._world = world
        self._alarms = AlarmsApi(world, alarms)
        self.metrics: Callable[[], Metrics] = Metrics
        alarms.figures = self._figures
        self._operations: Mapping[str, Callable[[Request], Answer | AwsError]] = {
            "PutMetricData": self._put,
            "GetMetricStatistics": self._get_statistics,
            "GetMetricData": self._get_data,
            "ListMetrics": lambda request: reading.list_metrics(self.metrics(), request.params, world.wall_clock()),
            "PutMetricAlarm": lambda request: self._alarms.put(request.params),
            "DescribeAlarms": lambda request: self._alarms.describe(request.params),
            "SetAlarmState": lambda request: self._alarms.set_state(request.params),
            "DeleteAlarms": lambda request: self._alarms.delete(request.params),
        }
        world.api.register("cloudwatch", self, CloudWatchGuard())

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """What a call acts on: metrics have no ARN."""
        if operation in _OF_ONE_ALARM:
            return arn("cloudwatch", f"alarm:{params['AlarmName']}"), str(params["AlarmName"])
        shown = str(params.get("Namespace") or "")
        return "*", f"{shown}/{params['MetricName']}" if params.get("MetricName") else shown

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        yield from ()  # a generator, like every service
        operation = self._operations.get(request.operation)
        return operation(request) if operation else unsupported(request)

    def _put(self, request: Request) -> Answer | AwsError:
        facts = read_put(request.params, self._world.wall_clock(), request.source)
        if isinstance(facts, AwsError):
            return facts
        for fact in facts:
            self._world.trace.record(fact)
        return Answer()

    def _get_data(self, request: Request) -> Answer | AwsError:
        answer = queries.get_data(self.metrics(), request.params, self._world.wall_clock())
        if isinstance(answer, Answer):
            asked = sum("MetricStat" in each for each in request.params["MetricDataQueries"])
            self._world.trace.record(MetricsQueried(asked, request.source))
        return answer

    def _get_statistics(self, request: Request) -> Answer | AwsError:
        random = self._world.kernel.random_for("cloudwatch/datapoints")
        return reading.get_statistics(self.metrics(), request.params, self._world.wall_clock(), random)

    def _figures(self, alarm: Alarm, periods: range) -> list[float | None]:
        """The statistics of an alarm's metric in some of its periods."""
        starts = [period_start_s(self._world.epoch_us, number, alarm.period_s) for number in periods]
        metric = MetricId(alarm.namespace, alarm.metric, tuple(sorted(alarm.dimensions.items())))
        found = defaultdict[int, list[Point]](list)
        for each in self.metrics().points(metric, fine=alarm.period_s < 60, since_s=starts[0]):
            if alarm.unit in (None, each.unit):
                found[(each.start_s - starts[0]) // alarm.period_s].append(each)
        return [_figure(found[number], alarm.statistic) for number in range(len(periods))]


def _figure(points: list[Point], statistic: str) -> float | None:
    try:
        return statistics.figure(points, statistic) if points else None
    except statistics.UnknownPercentile:
        return None


class CloudWatchGuard:
    """What calls need. Source: Service Authorization Reference, "Amazon CloudWatch", read 2026-11."""

    def rights(self, operation: str, params: dict[str, Any]) -> Iterable[Right]:
        """Metrics belong to no resource: what may be put is said by the condition key cloudwatch:namespace."""
        action = f"cloudwatch:{operation}"
        if operation in _OF_ONE_ALARM:
            return [Right(action, arn("cloudwatch", f"alarm:{params['AlarmName']}"))]
        if operation == "DeleteAlarms":
            return [Right(action, arn("cloudwatch", f"alarm:{name}")) for name in params["AlarmNames"]]
        if operation == "DescribeAlarms":
            return [Right(action, arn("cloudwatch", "alarm:*"))]
        if operation == "PutMetricData":
            return [Right(action, "*", {"cloudwatch:namespace": str(params["Namespace"])})]
        return [Right(action, "*")]

    def refusal(self, operation: str, error: AwsError) -> AwsError:
        """CloudWatch refuses in IAM's own words."""
        return error
