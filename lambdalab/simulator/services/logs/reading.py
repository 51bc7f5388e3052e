"""Reading log groups: events one after the other, searches, lists. Source: botocore's logs model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer
from lambdalab.simulator.services.logs.refusals import invalid, no_group, no_stream, wrong_pattern
from lambdalab.simulator.services.logs.store import LogEvent, LogGroup, LogStore, LogStream
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.log_patterns import read_log_pattern
from lambdalab.simulator.vocabulary.log_values import LogPatternError

EVENTS_MAX = 10_000  # of one answer. BC GetLogEvents, FilterLogEvents


def get_events(group: LogGroup, params: Mapping[str, Any]) -> Answer | AwsError:
    """GetLogEvents: a page of a stream, with a token for each direction. At the end the token stays the same."""
    stream = group.streams.get(str(params["logStreamName"]))
    if stream is None:
        return no_stream()
    events = [each for each in _ordered(stream.events) if _within(each, params)]
    limit = min(params.get("limit") or EVENTS_MAX, EVENTS_MAX)
    start = 0 if params.get("startFromHead") else max(0, len(events) - limit)
    direction, _, position = str(params.get("nextToken") or "").partition("/")
    if position:
        if not position.isdecimal() or len(position) > 12:
            return invalid("The specified nextToken is invalid.")
        start = int(position) if direction == "f" else max(0, int(position) - limit)
    end = min(start + limit, len(events))
    if direction == "b" and position:
        end = min(int(position), len(events))
    shown = [{"timestamp": e.timestamp, "message": e.message, "ingestionTime": e.ingested} for e in events[start:end]]
    tokens = {"nextForwardToken": f"f/{end}", "nextBackwardToken": f"b/{min(start, len(events))}"}
    return Answer({"events": shown, **tokens})


def filter_events(group: LogGroup, params: Mapping[str, Any]) -> Answer | AwsError:
    """FilterLogEvents: a search through the streams of a group, by time and by pattern."""
    try:
        wants = read_log_pattern(str(params.get("filterPattern") or ""))
    except LogPatternError as error:
        return wrong_pattern("filter pattern", error)
    names, prefix = params.get("logStreamNames"), params.get("logStreamNamePrefix")
    streams = [
        stream
        for name, stream in group.streams.items()
        if (not names or name in names) and (not prefix or name.startswith(prefix))
    ]
    found = [
        (stream.name, event)
        for stream in streams
        for event in stream.events
        if _within(event, params, through=True) and wants(event.message)
    ]
    found.sort(key=lambda pair: (pair[1].timestamp, pair[1].id))
    page, more = _page(found, params, "limit", EVENTS_MAX)
    shown = [
        {
            "logStreamName": name,
            "timestamp": event.timestamp,
            "message": event.message,
            "ingestionTime": event.ingested,
            "eventId": event.id,
        }
        for name, event in page
    ]
    return Answer({"events": shown, "searchedLogStreams": [], **more})


def describe_groups(store: LogStore, params: Mapping[str, Any]) -> Answer:
    """DescribeLogGroups, by prefix or by a part of the name."""
    prefix, part = params.get("logGroupNamePrefix") or "", params.get("logGroupNamePattern") or ""
    wanted = [each for name, each in sorted(store.groups.items()) if name.startswith(prefix) and part in name]
    page, more = _page(wanted, params, "limit", 50)
    shown = [
        {
            "logGroupName": group.name,
            "creationTime": group.created,
            "metricFilterCount": 0,
            "arn": group.arn,
            "logGroupArn": group.arn.removesuffix(":*"),
            "storedBytes": sum(stream.bytes for stream in group.streams.values()),
            "logGroupClass": "STANDARD",
        }
        | ({"retentionInDays": group.retention_days} if group.retention_days else {})
        for group in page
    ]
    return Answer({"logGroups": shown, **more})


def describe_streams(group: LogGroup, params: Mapping[str, Any]) -> Answer | AwsError:
    """DescribeLogStreams, by name or by the last event."""
    prefix, order = params.get("logStreamNamePrefix") or "", params.get("orderBy", "LogStreamName")
    if prefix and order == "LastEventTime":
        return invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
    streams = [stream for name, stream in sorted(group.streams.items()) if name.startswith(prefix)]
    if order == "LastEventTime":
        streams.sort(key=lambda stream: stream.last or 0)
    if params.get("descending"):
        streams.reverse()
    page, more = _page(streams, params, "limit", 50)
    return Answer({"logStreams": [_stream(group, stream) for stream in page], **more})


def describe_filters(group: LogGroup, params: Mapping[str, Any]) -> Answer:
    """DescribeSubscriptionFilters."""
    prefix = params.get("filterNamePrefix") or ""
    page, more = _page([f for f in group.filters.values() if f.name.startswith(prefix)], params, "limit", 50)
    shown = [
        {
            "filterName": each.name,
            "logGroupName": group.name,
            "filterPattern": each.pattern,
            "destinationArn": each.target,
            "distribution": "ByLogStream",
            "creationTime": group.created,
        }
        for each in page
    ]
    return Answer({"subscriptionFilters": shown, **more})


def describe_metric_filters(store: LogStore, params: Mapping[str, Any]) -> Answer | AwsError:
    """DescribeMetricFilters: of a group or of all, by the beginning of their names, by their metric."""
    name, prefix = params.get("logGroupName"), params.get("filterNamePrefix") or ""
    if name is not None and name not in store.groups:
        return no_group()
    if bool(params.get("metricName")) != bool(params.get("metricNamespace")):
        return invalid("metricName and metricNamespace must be given together.")
    groups = [store.groups[name]] if name is not None else list(store.groups.values())
    found = [
        each.described(group.name)
        for group in groups
        for each in group.metric_filters.values()
        if each.name.startswith(prefix)
        and params.get("metricName", each.metric) == each.metric
        and params.get("metricNamespace", each.namespace) == each.namespace
    ]
    page, more = _page(found, params, "limit", 50)
    return Answer({"metricFilters": page, **more})


def _stream(group: LogGroup, stream: LogStream) -> dict[str, Any]:
    moments = {
        "firstEventTimestamp": stream.first,
        "lastEventTimestamp": stream.last,
        "lastIngestionTime": stream.ingested,
    }
    shown = {
        "logStreamName": stream.name,
        "creationTime": stream.created,
        "arn": f"{group.arn.removesuffix('*')}log-stream:{stream.name}",
        "uploadSequenceToken": f"{len(stream.events) + stream.dropped:056d}",
        "storedBytes": 0,  # of streams AWS says nothing any more. BC LogStream
    }
    return shown | {name: value for name, value in moments.items() if value is not None}


def _ordered(events: Iterable[LogEvent]) -> list[LogEvent]:
    return sorted(events, key=lambda event: (event.timestamp, event.id))


def _within(event: LogEvent, params: Mapping[str, Any], *, through: bool = False) -> bool:
    """From startTime on and before endTime, or ``through`` that, as FilterLogEvents reads it. BC"""
    begins, ends = params.get("startTime"), params.get("endTime")
    late = ends is not None and (event.timestamp > ends if through else event.timestamp >= ends)
    return (begins is None or event.timestamp >= begins) and not late


def _page(items: list[Any], params: Mapping[str, Any], limit: str, most: int) -> tuple[list[Any], dict[str, str]]:
    token = str(params.get("nextToken") or "0")
    start = int(token) if token.isdecimal() and len(token) < 12 else 0
    end = start + min(params.get(limit) or most, most)
    return items[start:end], ({"nextToken": str(end)} if end < len(items) else {})
