import json
from typing import Any

import pytest

from lambdalab.simulator.trace.facts import AccessDenied, ApiCalled, EventPut, MessageSent
from tests.simulator.desk import output, refused
from tests.simulator.playing import arn_of, call, make_queue, make_template, play, steps
from tests.simulator.services.events.desk import EventsDesk
from tests.simulator.services.events.rules import BUS, bodies, lets_in, make_rule, put

INBOX = arn_of("sqs", "inbox")


def played_with(*entries: dict[str, Any], **rule: Any) -> Any:
    template = make_template(Bus=BUS, Rule=make_rule(INBOX, **rule), Inbox=make_queue("inbox"), Policy=lets_in("inbox"))
    return play(template, steps(*entries))


def test_an_event_that_meets_a_rule_reaches_its_target_as_aws_sends_it() -> None:
    played = played_with(put({"order": 7}, Resources=["arn:aws:s3:::x"]))
    (event,) = bodies(played, "inbox")
    assert event.pop("id") == played.of(EventPut)[0].event_id
    assert event == {
        "version": "0",
        "detail-type": "Order",
        "source": "shop",
        "account": "123456789012",
        "time": "2025-12-01T09:00:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:s3:::x"],
        "detail": {"order": 7},
    }
    assert played.summary["buses"]["shop"] == {"put": 1, "matched": 1, "delivered": 1, "failed": 0}


def test_an_event_that_meets_no_rule_is_counted_and_gone() -> None:
    played = played_with(put({}, Source="elsewhere"))
    assert played.of(MessageSent) == []
    assert played.summary["buses"]["shop"] == {"put": 1, "matched": 0, "delivered": 0, "failed": 0}


def test_rules_see_the_events_of_their_own_bus_only() -> None:
    played = played_with(put({}, EventBusName="default"))
    assert played.of(MessageSent) == []
    assert played.summary["buses"]["default"]["put"] == 1


def test_a_bus_may_be_called_by_its_arn() -> None:
    assert len(bodies(played_with(put({}, EventBusName=arn_of("events", "event-bus/shop"))), "inbox")) == 1


def test_the_time_of_an_entry_is_that_of_the_event() -> None:
    (event,) = bodies(played_with(put({}, Time="2025-11-30T23:59:59.900Z")), "inbox")
    assert event["time"] == "2025-11-30T23:59:59Z"


def test_a_bus_that_does_not_exist_takes_events_in_and_loses_them() -> None:
    """LS: the answer has an EventId and no error."""
    played = play(make_template(), steps(put({}, EventBusName="nowhere")))
    assert [fact.status for fact in played.of(ApiCalled)] == [200]
    assert [fact.lost for fact in played.of(EventPut)] == [True]
    assert "nowhere" not in played.summary["buses"]


@pytest.mark.parametrize(
    ("entry", "code", "text"),
    [
        ({"Source": ""}, "InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument."),
        (
            {"DetailType": ""},
            "InvalidArgument",
            "Parameter DetailType is not valid. Reason: DetailType is a required argument.",
        ),
        ({"Detail": ""}, "InvalidArgument", "Parameter Detail is not valid. Reason: Detail is a required argument."),
        ({"Detail": "no json"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": "[1]"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '{"a": NaN}'}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": '{"a":' + "[" * 600 + "]" * 600 + "}"}, "MalformedDetail", "Detail is malformed."),
        ({"Source": "aws.s3"}, "NotAuthorizedForSourceException", "Not authorized for the source."),
    ],
)
def test_an_entry_that_is_wrong_fails_and_the_others_do_not(entry: dict[str, Any], code: str, text: str) -> None:
    desk, good = EventsDesk(), {"Source": "shop", "DetailType": "Order", "Detail": "{}"}
    answer = output(desk.events("PutEvents", Entries=[good | entry, good]))
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0] == {"ErrorCode": code, "ErrorMessage": text}
    assert list(answer["Entries"][1]) == ["EventId"]


def test_a_request_has_ten_entries_and_less_than_a_megabyte() -> None:
    desk, entry = EventsDesk(), {"Source": "s", "DetailType": "d", "Detail": "{}"}
    assert refused(desk.events("PutEvents", Entries=[]))[1] == "ValidationException"
    assert output(desk.events("PutEvents", Entries=[entry] * 10))["FailedEntryCount"] == 0
    assert refused(desk.events("PutEvents", Entries=[entry] * 11))[1] == "ValidationException"

    def sized(size: int) -> dict[str, str]:
        return {"Source": "s", "DetailType": "d", "Detail": json.dumps({"x": "a" * (size - 11)})}

    assert output(desk.events("PutEvents", Entries=[sized(1_048_575)]))["FailedEntryCount"] == 0
    status, code, text = refused(desk.events("PutEvents", Entries=[sized(1_048_576)]))
    assert (status, code) == (400, "ValidationException")
    assert text == "Total size of the entries in the request is over the limit."


@pytest.mark.parametrize(("kilobytes", "events"), [(1, 1), (63, 1), (65, 2), (200, 4)])
def test_a_custom_event_is_charged_in_chunks_of_64_kilobytes(kilobytes: int, events: int) -> None:
    desk = EventsDesk()
    desk.put(Detail=json.dumps({"x": "a" * kilobytes * 1024}))
    assert [fact.chunks for fact in desk.of(EventPut)] == [events]


@pytest.mark.parametrize(("condition", "denied"), [({}, False), ({"StringEquals": {"events:source": "other"}}, True)])
def test_a_policy_may_ask_for_the_source_of_an_event(condition: dict[str, Any], denied: bool) -> None:
    statement = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": "*", "Condition": condition}
    user = {
        "Type": "AWS::IAM::User",
        "Properties": {"Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": statement}}]},
    }
    played = play(make_template(Bus=BUS, Ada=user), steps({**put({}), "as": "Ada"}))
    assert bool(played.of(AccessDenied)) is denied
    assert played.of(ApiCalled)[0].error == ("AccessDeniedException" if denied else None)


def test_another_account_needs_the_policy_of_the_bus() -> None:
    partner = {"as": "arn:aws:iam::999999999999:user/partner"}
    allowed = {
        "Type": "AWS::Events::EventBusPolicy",
        "Properties": {"EventBusName": {"Ref": "Bus"}, "StatementId": "partner", "Action": "events:PutEvents",
                       "Principal": "999999999999"},
    }  # fmt: skip
    for rights, error in (({}, "AccessDeniedException"), ({"Policy": allowed}, None)):
        played = play(make_template(Bus=BUS, **rights), steps({**put({}), **partner}))
        assert [fact.error for fact in played.of(ApiCalled)] == [error]


def test_events_are_charged_to_whoever_is_no_scenario() -> None:
    played = play(make_template(Bus=BUS), steps(put({})))
    assert played.summary["bill"]["total_usd"] == 0


def test_an_operation_that_is_not_simulated_says_so() -> None:
    assert refused(EventsDesk().events("ListArchives"))[1] == "NotSimulated"
    played = play(make_template(), steps(call("0s", "events.list_rules", EventBusName="nowhere")))
    assert played.of(ApiCalled)[0].error == "ResourceNotFoundException"
