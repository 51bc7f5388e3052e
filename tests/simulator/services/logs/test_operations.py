"""The calls of CloudWatch Logs, asked at a desk."""

from typing import Any

import pytest

from lambdalab.simulator.account.iam import read_policy
from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.services.logs import LogsService
from lambdalab.simulator.services.logs.store import HELD_BYTES_MAX
from lambdalab.simulator.trace.facts import LogEventsPut
from tests.simulator.desk import Desk, output, refused
from tests.simulator.playing import arn_of

WORK = arn_of("lambda", "function:work")
HOUR = 3_600_000


class LogsDesk(Desk):
    """One account with the group ``app`` and its stream ``s``."""

    def __init__(self) -> None:
        super().__init__()
        self.service = LogsService(self.world)
        self.logs("CreateLogGroup")
        self.logs("CreateLogStream")

    def logs(self, operation: str, **params: Any) -> Any:
        usual: dict[str, Any] = {}
        if operation not in ("DescribeLogGroups",):
            usual["logGroupName"] = "app"
        if operation in ("CreateLogStream", "PutLogEvents", "GetLogEvents", "DeleteLogStream"):
            usual["logStreamName"] = "s"
        return self.ask("logs", operation, {**usual, **params})

    def put(self, *messages: str, **params: Any) -> Any:
        now = self.service.store.now_ms()
        return self.logs("PutLogEvents", logEvents=[{"timestamp": now, "message": m} for m in messages], **params)

    def messages(self, operation: str = "GetLogEvents", **params: Any) -> list[str]:
        return [each["message"] for each in output(self.logs(operation, **params))["events"]]


def test_what_was_put_is_read() -> None:
    desk = LogsDesk()
    output(desk.put("one", "two"))
    assert desk.messages() == ["one", "two"]
    (fact,) = desk.of(LogEventsPut)
    assert (fact.log_group, fact.log_stream, [text for _, text in fact.events]) == ("app", "s", ["one", "two"])


def test_pages_go_on_and_stay_at_the_end() -> None:
    desk = LogsDesk()
    desk.put("a", "b", "c")
    first = output(desk.logs("GetLogEvents", limit=2, startFromHead=True))
    assert [each["message"] for each in first["events"]] == ["a", "b"]
    then = output(desk.logs("GetLogEvents", limit=2, nextToken=first["nextForwardToken"]))
    assert [each["message"] for each in then["events"]] == ["c"]
    end = output(desk.logs("GetLogEvents", limit=2, nextToken=then["nextForwardToken"]))
    assert (end["events"], end["nextForwardToken"]) == ([], then["nextForwardToken"])
    assert desk.messages(limit=2) == ["b", "c"]
    back = output(desk.logs("GetLogEvents", limit=2))["nextBackwardToken"]
    assert desk.messages(limit=2, nextToken=back) == ["a"]
    assert refused(desk.logs("GetLogEvents", nextToken="f/x"))[1] == "InvalidParameterException"


def test_a_search_goes_through_all_streams() -> None:
    desk = LogsDesk()
    desk.logs("CreateLogStream", logStreamName="t")
    desk.put("ERROR one")
    desk.put("INFO two", "ERROR three", logStreamName="t")
    assert desk.messages("FilterLogEvents", filterPattern="ERROR") == ["ERROR one", "ERROR three"]
    assert desk.messages("FilterLogEvents", filterPattern="ERROR", logStreamNames=["t"]) == ["ERROR three"]
    assert desk.messages("FilterLogEvents", logStreamNamePrefix="s") == ["ERROR one"]
    later = desk.service.store.now_ms() + HOUR
    assert desk.messages("FilterLogEvents", startTime=later) == []
    assert len(desk.messages("FilterLogEvents", endTime=later)) == 3
    page = output(desk.logs("FilterLogEvents", limit=2))
    assert len(page["events"]) == 2
    assert desk.messages("FilterLogEvents", limit=2, nextToken=page["nextToken"]) == ["ERROR three"]
    assert refused(desk.logs("FilterLogEvents", filterPattern="%a.c%"))[:2] == (501, "NotSimulated")
    refusal = refused(desk.logs("FilterLogEvents", filterPattern="{ $.a }"))
    assert refusal[1] == "InvalidParameterException"


def test_what_is_too_old_or_too_new_is_left_out() -> None:
    desk = LogsDesk()
    desk.wait(22 * 3_600)
    now = desk.service.store.now_ms()
    moments = [now - 20 * HOUR, now, now + 3 * HOUR]
    answer = output(desk.logs("PutLogEvents", logEvents=[{"timestamp": t, "message": str(t)} for t in moments]))
    assert answer["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 2}
    assert desk.messages() == [str(moments[0]), str(moments[1])]


@pytest.mark.parametrize(
    "events",
    [
        [(5, "b"), (4, "a")],
        [(0, "a"), (25 * HOUR, "b")],
        [(0, "x" * 600_000), (0, "x" * 600_000)],
        [(0, "")],
    ],
)
def test_a_batch_has_limits(events: list[tuple[int, str]]) -> None:
    desk = LogsDesk()
    answer = desk.logs("PutLogEvents", logEvents=[{"timestamp": t, "message": m} for t, m in events])
    assert refused(answer)[0] == 400
    assert not desk.of(LogEventsPut)


@pytest.mark.rule("H.2-03")
def test_groups_and_streams_are_made_listed_and_deleted() -> None:
    desk = LogsDesk()
    desk.logs("CreateLogGroup", logGroupName="web")
    desk.logs("PutRetentionPolicy", logGroupName="web", retentionInDays=7)
    listed = output(desk.logs("DescribeLogGroups"))["logGroups"]
    assert [(each["logGroupName"], each.get("retentionInDays")) for each in listed] == [("app", None), ("web", 7)]
    assert [g["logGroupName"] for g in output(desk.logs("DescribeLogGroups", logGroupNamePrefix="w"))["logGroups"]] == [
        "web"
    ]
    desk.logs("DeleteRetentionPolicy", logGroupName="web")
    assert "retentionInDays" not in output(desk.logs("DescribeLogGroups"))["logGroups"][1]
    desk.put("x")
    (stream,) = output(desk.logs("DescribeLogStreams"))["logStreams"]
    assert stream["logStreamName"] == "s"
    assert stream["lastEventTimestamp"] == stream["firstEventTimestamp"]
    output(desk.logs("DeleteLogStream"))
    assert output(desk.logs("DescribeLogStreams"))["logStreams"] == []
    output(desk.logs("DeleteLogGroup"))
    assert [each["logGroupName"] for each in output(desk.logs("DescribeLogGroups"))["logGroups"]] == ["web"]


def test_what_is_not_there_or_there_already_is_refused() -> None:
    desk = LogsDesk()
    text = "The specified log group does not exist."
    assert refused(desk.logs("GetLogEvents", logGroupName="no")) == (400, "ResourceNotFoundException", text)
    text = "The specified log stream does not exist."
    assert refused(desk.put("x", logStreamName="no")) == (400, "ResourceNotFoundException", text)
    text = "The specified log group already exists"
    assert refused(desk.logs("CreateLogGroup")) == (400, "ResourceAlreadyExistsException", text)
    assert refused(desk.logs("CreateLogStream"))[1] == "ResourceAlreadyExistsException"
    assert refused(desk.logs("PutRetentionPolicy", retentionInDays=8))[1] == "InvalidParameterException"
    assert refused(desk.logs("DescribeQueries"))[1] == "NotSimulated"


def test_a_filter_needs_the_functions_leave() -> None:
    desk = LogsDesk()
    made: dict[str, Any] = {"filterName": "f", "filterPattern": "ERROR", "destinationArn": WORK}
    assert refused(desk.logs("PutSubscriptionFilter", **made))[2].startswith("Could not execute the lambda function.")
    everybody = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}
    desk.world.iam.set_policy(WORK, read_policy(everybody, "p", "resource-based"))
    output(desk.logs("PutSubscriptionFilter", **made))
    (shown,) = output(desk.logs("DescribeSubscriptionFilters"))["subscriptionFilters"]
    assert (shown["filterName"], shown["destinationArn"]) == ("f", WORK)
    output(desk.logs("PutSubscriptionFilter", **{**made, "filterName": "g"}))
    assert refused(desk.logs("PutSubscriptionFilter", **{**made, "filterName": "h"}))[1] == "LimitExceededException"
    output(desk.logs("DeleteSubscriptionFilter", filterName="f"))
    assert refused(desk.logs("DeleteSubscriptionFilter", filterName="f"))[1] == "ResourceNotFoundException"
    elsewhere = {**made, "destinationArn": arn_of("kinesis", "stream/s")}
    assert refused(desk.logs("PutSubscriptionFilter", **elsewhere))[1] == "NotSimulated"


def test_the_newest_events_are_kept() -> None:
    desk = LogsDesk()
    store = desk.service.store
    line = "x" * 1_000_000
    for number in range(40):
        store.writer("app", "s" if number % 2 else "t").line(f"{number}{line}")
    held = [event for stream in store.groups["app"].streams.values() for event in stream.events]
    assert sum(len(event.message) for event in held) <= HELD_BYTES_MAX
    assert max(event.id for event in held)[-2:] == "40"
    assert len(held) >= 30


def test_a_stream_knows_of_its_first_event_when_that_is_gone() -> None:
    desk = LogsDesk()
    store = desk.service.store
    writer = store.writer("app", "s")
    began = store.now_ms()
    for _ in range(40):
        writer.line("x" * 1_000_000)
        desk.world.kernel.now = Micros(desk.world.kernel.now + 1_000)
    stream = store.groups["app"].streams["s"]
    assert stream.dropped > 0
    assert (stream.first, stream.last, stream.ingested) == (began, began + 39, began + 39)
    assert stream.bytes == 40 * (1_000_000 + 26)
    assert stream.dropped + len(stream.events) == 40


def test_the_end_of_a_search_is_in_it_and_that_of_a_page_is_not() -> None:
    desk = LogsDesk()
    desk.logs("PutLogEvents", logEvents=[{"timestamp": 5, "message": "a"}])
    assert desk.messages("FilterLogEvents", startTime=5, endTime=5) == ["a"]
    assert desk.messages(startTime=5, endTime=5) == []
