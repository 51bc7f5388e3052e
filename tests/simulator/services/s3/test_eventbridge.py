"""Buckets that notify EventBridge. Source: Amazon S3 User Guide, "EventBridge event message structure"."""

from typing import Any

import pytest

from lambdalab.simulator.trace.facts import EventPut
from tests.simulator.playing import Played, arn_of, call, make_queue, make_template, play, steps
from tests.simulator.services.events.rules import bodies, lets_in, make_rule
from tests.simulator.services.s3.buckets import make_bucket, versioned

ON: dict[str, Any] = {"NotificationConfiguration": {"EventBridgeConfiguration": {}}}
PUT = call("0s", "s3.put_object", Bucket="photos", Key="my cat.jpg", Body="meow")


def played_with(*entries: dict[str, Any], bucket: dict[str, Any] | None = None, pattern: Any = None) -> Played:
    rule = make_rule(arn_of("sqs", "inbox"), EventBusName=None, EventPattern=pattern or {"source": ["aws.s3"]})
    template = make_template(
        Photos=bucket or make_bucket(**ON), Rule=rule, Inbox=make_queue("inbox"), Policy=lets_in("inbox")
    )
    return play(template, steps(*entries))


def test_a_new_object_is_an_event_on_the_default_bus() -> None:
    (event,) = bodies(played_with(PUT), "inbox")
    assert (event["source"], event["detail-type"]) == ("aws.s3", "Object Created")
    assert event["resources"] == ["arn:aws:s3:::photos"]
    detail = event["detail"]
    assert len(detail.pop("request-id")) == 16
    assert len(detail["object"].pop("sequencer")) == 18
    assert detail == {
        "version": "0",
        "bucket": {"name": "photos"},
        "object": {"key": "my cat.jpg", "size": 4, "etag": "4a4be40c96ac6314e91d93f38043a634"},
        "requester": "123456789012",
        "source-ip-address": "198.51.100.10",
        "reason": "PutObject",
    }


@pytest.mark.parametrize(
    ("step", "kind", "more"),
    [
        (call("5s", "s3.delete_object", Bucket="photos", Key="my cat.jpg"), "Object Deleted", "Permanently Deleted"),
        (
            call(
                "5s",
                "s3.put_object_tagging",
                Bucket="photos",
                Key="my cat.jpg",
                Tagging={"TagSet": [{"Key": "a", "Value": "b"}]},
            ),
            "Object Tags Added",
            None,
        ),
        (call("5s", "s3.delete_object_tagging", Bucket="photos", Key="my cat.jpg"), "Object Tags Deleted", None),
    ],
)
def test_what_happens_to_an_object_later_is_an_event_too(step: Any, kind: str, more: str | None) -> None:
    event = bodies(played_with(PUT, step), "inbox")[-1]
    assert event["detail-type"] == kind
    assert event["detail"].get("deletion-type") == more


def test_a_delete_marker_says_so() -> None:
    bucket = versioned(**ON)
    played = played_with(PUT, call("9s", "s3.delete_object", Bucket="photos", Key="my cat.jpg"), bucket=bucket)
    event = next(each for each in bodies(played, "inbox") if each["detail-type"] == "Object Deleted")
    assert event["detail"]["deletion-type"] == "Delete Marker Created"
    assert event["detail"]["object"]["version-id"]


def test_a_pattern_may_choose_by_the_key() -> None:
    wanted = {"detail": {"object": {"key": [{"suffix": ".png"}]}}}
    played = played_with(PUT, pattern=wanted)
    assert bodies(played, "inbox") == []
    assert len(played.of(EventPut)) == 1


@pytest.mark.parametrize("given", [{"EventBridgeEnabled": False}, None])
def test_a_bucket_that_does_not_say_so_tells_eventbridge_nothing(given: Any) -> None:
    configured = {"NotificationConfiguration": {"EventBridgeConfiguration": given} if given else {}}
    assert played_with(PUT, bucket=make_bucket(**configured)).of(EventPut) == []


def test_a_call_can_switch_it_on_and_reads_it_back() -> None:
    switch = call("0s", "s3.put_bucket_notification_configuration", Bucket="photos",
                  NotificationConfiguration={"EventBridgeConfiguration": {}})  # fmt: skip
    played = played_with(switch, PUT | {"at": "1s"}, bucket=make_bucket())
    assert len(played.of(EventPut)) == 1


def test_an_event_of_s3_costs_nothing() -> None:
    assert [fact.chunks for fact in played_with(PUT).of(EventPut)] == [0]
