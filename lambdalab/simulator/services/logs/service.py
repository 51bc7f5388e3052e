"""Amazon CloudWatch Logs behind the front door. Source: botocore's logs model, read 2026-11; fact H.2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services.logs import reading
from lambdalab.simulator.services.logs.metric_filters import FILTERS_MAX as METRIC_FILTERS_MAX
from lambdalab.simulator.services.logs.metric_filters import (
    MetricFilter,
    MetricFilters,
    configured,
    read_metric_filter,
)
from lambdalab.simulator.services.logs.refusals import already, invalid, no_group, no_stream, wrong_pattern
from lambdalab.simulator.services.logs.store import (
    EVENT_OVERHEAD,
    LogEvent,
    LogGroup,
    LogStore,
    LogStream,
    SubscriptionFilter,
)
from lambdalab.simulator.services.logs.subscriptions import Subscriptions
from lambdalab.simulator.services.targets import service_of
from lambdalab.simulator.trace.facts import LogEventsPut, SubscriptionFilterConfigured
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.log_patterns import read_log_pattern
from lambdalab.simulator.vocabulary.log_values import LogPatternError

EVENTS_MAX, BATCH_BYTES_MAX = 10_000, 1_048_576  # of one PutLogEvents. BC
FUTURE_MS, PAST_MS, SPAN_MS = 2 * 3_600_000, 14 * 86_400_000, 86_400_000  # BC PutLogEvents
FILTERS_MAX = 2  # subscription filters of a group. Guide, "CloudWatch Logs quotas"
RETENTION_DAYS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
_ON_ALL = ("DescribeLogGroups", "DescribeMetricFilters")
_ON_STREAM = ("CreateLogStream", "DeleteLogStream", "PutLogEvents", "GetLogEvents")


class LogsService:
    """The log groups of the account. ``made`` and ``gone`` are told of groups that calls make and delete."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.store = LogStore(world)
        self._subscriptions = Subscriptions(world)
        self._metric_filters = MetricFilters(world)
        self.store.listener = self._see
        self.made: Callable[[str], None] = lambda name: None
        self.gone: Callable[[str], None] = lambda name: None
        self._on_group: Mapping[str, Callable[[LogGroup, Mapping[str, Any], str], Answer | AwsError]] = {
            "DeleteLogGroup": self._delete_group,
            "CreateLogStream": self._create_stream,
            "DeleteLogStream": self._delete_stream,
            "PutLogEvents": self._put,
            "PutRetentionPolicy": _retain,
            "DeleteRetentionPolicy": _retain,
            "GetLogEvents": lambda group, params, source: reading.get_events(group, params),
            "FilterLogEvents": lambda group, params, source: reading.filter_events(group, params),
            "DescribeLogStreams": lambda group, params, source: reading.describe_streams(group, params),
            "PutSubscriptionFilter": self._put_filter,
            "DeleteSubscriptionFilter": self._delete_filter,
            "PutMetricFilter": self._put_metric_filter,
            "DeleteMetricFilter": self._delete_metric_filter,
            "DescribeSubscriptionFilters": lambda group, params, source: reading.describe_filters(group, params),
        }
        world.api.register("logs", self)

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The group or stream that a call acts on. Service Authorization Reference, "Amazon CloudWatch Logs"."""
        if operation in _ON_ALL and not params.get("logGroupName"):
            return arn("logs", "log-group:*"), ""
        name = group_name(params)
        stream = str(params.get("logStreamName", "")) if operation in _ON_STREAM else ""
        return arn("logs", f"log-group:{name}:log-stream:{stream}"), name

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        yield from ()  # a generator, like every service
        params = request.params
        if request.operation == "DescribeLogGroups":
            return reading.describe_groups(self.store, params)
        if request.operation == "DescribeMetricFilters":
            return reading.describe_metric_filters(self.store, params)
        if request.operation == "CreateLogGroup":
            return self._create_group(params)
        operation = self._on_group.get(request.operation)
        if operation is None:
            return unsupported(request)
        group = self.store.groups.get(group_name(params))
        return no_group() if group is None else operation(group, params, request.source)

    def deploy_filter(self, group: str, made: SubscriptionFilter) -> None:
        """Add a subscription filter, which has been checked."""
        self.store.group(group).filters[made.name] = made
        self._world.trace.record(SubscriptionFilterConfigured(group, made.name, made.pattern, made.target, "there"))

    def deploy_metric_filter(self, group: str, made: MetricFilter) -> None:
        """Add a metric filter, which has been checked."""
        made.created = self.store.now_ms()
        self.store.group(group).metric_filters[made.name] = made
        self._world.trace.record(configured(group, made, "there"))

    def _see(self, group: LogGroup, stream: LogStream, events: list[LogEvent]) -> None:
        if group.filters:
            self._subscriptions.see(group, stream, events)
        if group.metric_filters:
            self._metric_filters.see(group, events)

    def may_reach(self, group: LogGroup, target: str) -> bool:
        """Whether a group may invoke a function. Logs asks when the filter is made."""
        caller = self._subscriptions.caller(group, target)
        return self._world.iam.denied(caller, "lambda:InvokeFunction", target) is None

    def _create_group(self, params: Mapping[str, Any]) -> Answer | AwsError:
        name = str(params["logGroupName"])
        if name in self.store.groups:
            return already("group")
        self.store.group(name)
        self.made(name)
        return Answer()

    def _delete_group(self, group: LogGroup, params: Mapping[str, Any], source: str) -> Answer:
        self.store.delete_group(group)
        self.gone(group.name)
        return Answer()

    def _create_stream(self, group: LogGroup, params: Mapping[str, Any], source: str) -> Answer | AwsError:
        name = str(params["logStreamName"])
        if name in group.streams:
            return already("stream")
        self.store.stream(group.name, name)
        return Answer()

    def _delete_stream(self, group: LogGroup, params: Mapping[str, Any], source: str) -> Answer | AwsError:
        return Answer() if self.store.delete_stream(group, str(params["logStreamName"])) else no_stream()

    def _put(self, group: LogGroup, params: Mapping[str, Any], source: str) -> Answer | AwsError:
        stream = group.streams.get(str(params["logStreamName"]))
        if stream is None:
            return no_stream()
        lines = [(int(each["timestamp"]), str(each["message"])) for each in params["logEvents"]]
        refusal = _wrong_batch(lines)
        if refusal:
            return refusal
        return self._accept(group, stream, lines, source)

    def _accept(self, group: LogGroup, stream: LogStream, lines: list[tuple[int, str]], source: str) -> Answer:
        now = self.store.now_ms()
        old = sum(timestamp < now - PAST_MS for timestamp, _ in lines)
        new = next((n for n, (timestamp, _) in enumerate(lines) if timestamp > now + FUTURE_MS), len(lines))
        kept = lines[old:new]
        if kept:
            self.store.add(group.name, stream.name, kept)
            shown = tuple((timestamp, text[:4_096]) for timestamp, text in kept)
            self._world.trace.record(LogEventsPut(group.name, stream.name, shown, source))
        rejected: dict[str, int] = {}
        if old:
            rejected["tooOldLogEventEndIndex"] = old
        if new < len(lines):
            rejected["tooNewLogEventStartIndex"] = new
        token = {"nextSequenceToken": f"{len(stream.events) + stream.dropped:056d}"}
        return Answer(token | ({"rejectedLogEventsInfo": rejected} if rejected else {}))

    def _put_filter(self, group: LogGroup, params: Mapping[str, Any], source: str) -> Answer | AwsError:
        made = read_filter(params)
        if isinstance(made, AwsError):
            return made
        if made.name not in group.filters and len(group.filters) >= FILTERS_MAX:
            return AwsError("LimitExceededException", "Resource limit exceeded.", 400)
        if not self.may_reach(group, made.target):
            return invalid(
                "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute "
                "your function."
            )
        self.deploy_filter(group.name, made)
        return Answer()

    def _delete_filter(self, group: LogGroup, params: Mapping[str, Any], source: str) -> Answer | AwsError:
        gone = group.filters.pop(str(params["filterName"]), None)
        if gone is None:
            text = "The specified subscription filter does not exist."
            return AwsError("ResourceNotFoundException", text, 400)
        self._world.trace.record(SubscriptionFilterConfigured(group.name, gone.name, gone.pattern, gone.target, "gone"))
        return Answer()

    def _put_metric_filter(self, group: LogGroup, params: Mapping[str, Any], source: str) -> Answer | AwsError:
        made = read_metric_filter(params)
        if isinstance(made, AwsError):
            return made
        if made.name not in group.metric_filters and len(group.metric_filters) >= METRIC_FILTERS_MAX:
            return AwsError("LimitExceededException", "Resource limit exceeded.", 400)
        self.deploy_metric_filter(group.name, made)
        return Answer()

    def _delete_metric_filter(self, group: LogGroup, params: Mapping[str, Any], source: str) -> Answer | AwsError:
        gone = group.metric_filters.pop(str(params["filterName"]), None)
        if gone is None:
            return AwsError("ResourceNotFoundException", "The specified metric filter does not exist.", 400)
        self._world.trace.record(configured(group.name, gone, "gone"))
        return Answer()


def group_name(params: Mapping[str, Any]) -> str:
    """The group that a call names, by its name or ARN."""
    given = str(params.get("logGroupName") or params.get("logGroupIdentifier") or "")
    return given.partition(":log-group:")[2].removesuffix(":*") if given.startswith("arn:") else given


def read_filter(params: Mapping[str, Any]) -> SubscriptionFilter | AwsError:
    """A subscription filter as PutSubscriptionFilter describes it, or AWS's refusal."""
    target, text = str(params["destinationArn"]), str(params.get("filterPattern") or "")
    if service_of(target) != "lambda":
        return AwsError("NotSimulated", f"lambdalab does not simulate {target} as a target of log events.", 501)
    try:
        return SubscriptionFilter(str(params["filterName"]), text, target, read_log_pattern(text))
    except LogPatternError as error:
        return wrong_pattern("filter pattern", error)


def _wrong_batch(lines: list[tuple[int, str]]) -> AwsError | None:
    if not 1 <= len(lines) <= EVENTS_MAX:
        return invalid(f"A batch has 1 to {EVENTS_MAX:,} log events.")
    if sum(len(text.encode("utf-8", "replace")) + EVENT_OVERHEAD for _, text in lines) > BATCH_BYTES_MAX:
        return invalid(f"Upload too large: a batch has at most {BATCH_BYTES_MAX} bytes.")
    if any(not text for _, text in lines):
        return invalid("Log event message must not be empty.")
    moments = [timestamp for timestamp, _ in lines]
    if moments != sorted(moments):
        return invalid("Log events in a single PutLogEvents request must be in chronological order.")
    if moments[-1] - moments[0] > SPAN_MS:
        return invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
    return None


def _retain(group: LogGroup, params: Mapping[str, Any], source: str) -> Answer | AwsError:
    """PutRetentionPolicy, and DeleteRetentionPolicy, which has no days: kept for ever."""
    days = params.get("retentionInDays")
    if days is not None and days not in RETENTION_DAYS:
        text = f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: "
        return invalid(f"{text}Member must satisfy enum value set: {list(RETENTION_DAYS)}")
    group.retention_days = days
    return Answer()
