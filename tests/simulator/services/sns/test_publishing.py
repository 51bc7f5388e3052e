import json
from typing import Any

import pytest

from lambdalab.simulator.trace.facts import AsyncEventReceived, MessageSent, TopicDeduplicated, TopicGivenUp
from tests.simulator.desk import output, refused
from tests.simulator.playing import arn_of
from tests.simulator.services.sns.desk import NEWS, SnsDesk, number, text

FIFO = arn_of("sqs", "in.fifo")
WORK = arn_of("lambda", "function:work")


def test_raw_delivery_keeps_the_message_attributes() -> None:
    desk = SnsDesk()
    desk.subscribe(RawMessageDelivery="true")
    desk.publish("hello", MessageAttributes=text(kind="new") | number(n="1"))
    (sent,) = desk.of(MessageSent)
    assert (sent.body, sent.attributes) == ("hello", {"kind": "new", "n": "1"})


def test_raw_delivery_of_more_than_ten_attributes_to_a_queue_fails_for_good() -> None:
    desk = SnsDesk()
    desk.subscribe(RawMessageDelivery="true")
    desk.publish(MessageAttributes=text(**{f"k{n}": "v" for n in range(11)}))
    assert desk.bodies() == []
    assert [fact.attempts for fact in desk.of(TopicGivenUp)] == [1]


def test_without_raw_delivery_the_attributes_are_in_the_body() -> None:
    desk = SnsDesk()
    desk.subscribe()
    desk.publish(MessageAttributes=text(kind="new") | {"raw": {"DataType": "Binary", "BinaryValue": b"\x00\x01"}})
    body = json.loads(desk.bodies()[0])
    assert body["MessageAttributes"] == {
        "kind": {"Type": "String", "Value": "new"},
        "raw": {"Type": "Binary", "Value": "AAE="},
    }
    assert desk.of(MessageSent)[0].attributes == {}


def test_each_protocol_may_get_a_text_of_its_own() -> None:
    desk = SnsDesk()
    desk.subscribe(RawMessageDelivery="true")
    desk.subscribe("lambda", WORK)
    desk.publish(json.dumps({"default": "all", "sqs": "queues"}), MessageStructure="json")
    assert desk.bodies() == ["queues"]
    (event,) = desk.of(AsyncEventReceived)
    assert json.loads(event.payload)["Records"][0]["Sns"]["Message"] == "all"


@pytest.mark.parametrize(
    ("params", "code", "text_"),
    [
        ({"Message": ""}, "InvalidParameter", "Invalid parameter: Empty message"),
        ({"Message": "x" * 262_145}, "InvalidParameter", "Invalid parameter: Message too long"),
        ({"Subject": "x" * 101}, "InvalidParameter", "Invalid parameter: Subject"),
        (
            {"MessageStructure": "json"},
            "InvalidParameter",
            "Invalid parameter: Message Structure - JSON message body failed to parse",
        ),
        (
            {"MessageStructure": "json", "Message": "{}"},
            "InvalidParameter",
            "Invalid parameter: Message Structure - No default entry in JSON message body",
        ),
        ({"MessageDeduplicationId": "1"}, "InvalidParameter", "Invalid parameter: The MessageDeduplicationId"),
        (
            {"MessageAttributes": {"a": {"DataType": "Text", "StringValue": "x"}}},
            "ParameterValueInvalid",
            "The message",
        ),
        ({"MessageAttributes": {"a": {"DataType": "String"}}}, "ParameterValueInvalid", "The message attribute 'a'"),
        (
            {"MessageAttributes": {".a": {"DataType": "String", "StringValue": "x"}}},
            "ParameterValueInvalid",
            "The mess",
        ),
    ],
)
def test_a_message_that_is_wrong_is_refused(params: dict[str, Any], code: str, text_: str) -> None:
    _, found, message = refused(SnsDesk().sns("Publish", **{"TopicArn": NEWS, "Message": "m"} | params))
    assert found == code
    assert message.startswith(text_)


def test_a_batch_publishes_its_messages_one_by_one() -> None:
    desk = SnsDesk()
    desk.subscribe(RawMessageDelivery="true")
    entries = [{"Id": "a", "Message": "1"}, {"Id": "b", "Message": ""}, {"Id": "c", "Message": "3"}]
    answer = output(desk.sns("PublishBatch", TopicArn=NEWS, PublishBatchRequestEntries=entries))
    desk.wait(1)
    assert [each["Id"] for each in answer["Successful"]] == ["a", "c"]
    assert answer["Failed"] == [
        {"Id": "b", "Code": "InvalidParameter", "Message": "Invalid parameter: Empty message", "SenderFault": True}
    ]
    assert sorted(desk.bodies()) == ["1", "3"]


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([], "EmptyBatchRequest"),
        ([{"Id": str(n), "Message": "m"} for n in range(11)], "TooManyEntriesInBatchRequest"),
        ([{"Id": "a", "Message": "m"}] * 2, "BatchEntryIdsNotDistinct"),
        ([{"Id": "a b", "Message": "m"}], "InvalidBatchEntryId"),
        ([{"Id": str(n), "Message": "m" * 140_000} for n in range(2)], "BatchRequestTooLong"),
    ],
)
def test_a_batch_that_is_wrong_is_refused_as_a_whole(entries: list[dict[str, str]], code: str) -> None:
    assert refused(SnsDesk().sns("PublishBatch", TopicArn=NEWS, PublishBatchRequestEntries=entries))[1] == code


def test_a_fifo_topic_keeps_the_order_of_a_group() -> None:
    desk = SnsDesk(fifo=True, content_deduplication=True)
    desk.subscribe(endpoint=FIFO, RawMessageDelivery="true")
    answers = [desk.publish(str(n), MessageGroupId="g") for n in range(10)]
    numbers = [output(answer)["SequenceNumber"] for answer in answers]
    assert numbers == sorted(numbers)
    assert all(len(each) == 20 for each in numbers)
    assert desk.bodies("in.fifo") == [str(n) for n in range(10)]
    assert {fact.group for fact in desk.of(MessageSent)} == {"g"}


def test_a_fifo_topic_drops_copies_for_five_minutes() -> None:
    desk = SnsDesk(fifo=True)
    desk.subscribe(endpoint=FIFO)
    first = output(desk.publish("a", MessageGroupId="g", MessageDeduplicationId="1"))
    second = output(desk.publish("b", MessageGroupId="h", MessageDeduplicationId="1"))
    assert second == first
    assert len(desk.of(TopicDeduplicated)) == 1
    desk.wait(300)
    desk.publish("c", MessageGroupId="g", MessageDeduplicationId="1")
    assert len(desk.bodies("in.fifo")) == 2


def test_a_fifo_topic_may_look_for_copies_in_one_group_only() -> None:
    desk = SnsDesk(fifo=True, group_scope=True)
    desk.publish("a", MessageGroupId="g", MessageDeduplicationId="1")
    desk.publish("a", MessageGroupId="h", MessageDeduplicationId="1")
    assert desk.of(TopicDeduplicated) == []


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({}, "The MessageGroupId parameter is required for FIFO topics"),
        ({"MessageGroupId": "g"}, "The topic should either have ContentBasedDeduplication enabled"),
        ({"MessageGroupId": "a b", "MessageDeduplicationId": "1"}, "The MessageGroupId parameter can only include"),
    ],
)
def test_a_fifo_topic_wants_a_group_and_a_deduplication_id(params: dict[str, str], reason: str) -> None:
    assert reason in refused(SnsDesk(fifo=True).publish(**params))[2]


def test_a_fifo_topic_reaches_a_standard_queue_too() -> None:
    desk = SnsDesk(fifo=True, content_deduplication=True)
    output(desk.subscribe())
    desk.publish(MessageGroupId="g")
    body = json.loads(desk.bodies()[0])
    assert len(body["SequenceNumber"]) == 20
