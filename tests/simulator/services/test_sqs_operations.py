import json
from typing import Any

import pytest

from lambdalab.simulator.account import Fault
from lambdalab.simulator.kernel import HOUR, Micros, Process
from lambdalab.simulator.services.sqs import Queue
from lambdalab.simulator.trace.facts import MessageDuplicated, MessageReceived, MessageSent, MessageVisibilityChanged
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.errors import AwsError
from tests.simulator.services.queues import QueueDesk, bodies, refusal


def answer(desk: QueueDesk, operation: str, **params: Any) -> Any:
    answers: list[Any] = []

    def caller() -> Process[None]:
        answers.append((yield from desk.call(operation, **params)))

    desk.play(caller())
    return answers[0]


def test_a_consumer_may_hide_its_message_longer_or_shorter() -> None:
    desk = QueueDesk(Queue("q", visibility_timeout_s=10))

    def consumer() -> Process[None]:
        yield from desk.call("SendMessage", MessageBody="a")
        (message,) = yield from desk.receive()
        yield from desk.wait(5)
        yield from desk.call("ChangeMessageVisibility", ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=20)
        yield from desk.wait(19)
        assert (yield from desk.receive()) == []
        yield from desk.wait(2)
        assert bodies((yield from desk.receive())) == ["a"]

    desk.play(consumer())
    assert [fact.hidden_us for fact in desk.of(MessageVisibilityChanged)] == [20_000_000]


def test_a_message_that_nobody_holds_has_no_visibility_to_change() -> None:
    desk = QueueDesk(Queue("q", visibility_timeout_s=1))

    def consumer() -> Process[None]:
        yield from desk.call("SendMessage", MessageBody="a")
        (message,) = yield from desk.receive()
        yield from desk.wait(2)
        handle = message["ReceiptHandle"]
        late = yield from desk.call("ChangeMessageVisibility", ReceiptHandle=handle, VisibilityTimeout=5)
        assert late.message.endswith("Message does not exist or is not available for visibility timeout change.")
        wrong = yield from desk.call("ChangeMessageVisibility", ReceiptHandle="x", VisibilityTimeout=5)
        assert wrong.code == "ReceiptHandleIsInvalid"

    desk.play(consumer())


def test_nobody_hides_a_message_for_more_than_twelve_hours_in_all() -> None:
    desk = QueueDesk(Queue("q", visibility_timeout_s=20_000))

    def consumer() -> Process[None]:
        yield from desk.call("SendMessage", MessageBody="a")
        (message,) = yield from desk.receive()
        yield from desk.wait(10_000)
        handle = message["ReceiptHandle"]
        error = yield from desk.call("ChangeMessageVisibility", ReceiptHandle=handle, VisibilityTimeout=40_000)
        assert "beyond the limit [43200 seconds]" in error.message

    desk.play(consumer())


def test_a_batch_that_is_wrong_as_a_whole_is_refused_as_a_whole() -> None:
    many = [{"Id": str(n), "MessageBody": "x"} for n in range(11)]
    twins = [{"Id": "a", "MessageBody": "x"}] * 2
    odd = [{"Id": "a b", "MessageBody": "x"}]
    large = [{"Id": str(n), "MessageBody": "x" * 600_000} for n in range(2)]
    for entries, code in (
        ([], "EmptyBatchRequest"),
        (many, "TooManyEntriesInBatchRequest"),
        (twins, "BatchEntryIdsNotDistinct"),
        (odd, "InvalidBatchEntryId"),
        (large, "BatchRequestTooLong"),
    ):
        error = answer(QueueDesk(Queue("q")), "SendMessageBatch", Entries=entries)
        assert error.code == f"AWS.SimpleQueueService.{code}"


def test_entries_of_a_batch_fail_each_on_its_own() -> None:
    desk = QueueDesk(Queue("q"))

    def consumer() -> Process[None]:
        yield from desk.call("SendMessage", MessageBody="a")
        (message,) = yield from desk.receive()
        handles = [{"Id": "good", "ReceiptHandle": message["ReceiptHandle"]}, {"Id": "bad", "ReceiptHandle": "x"}]
        found = yield from desk.call("DeleteMessageBatch", Entries=handles)
        assert found["Successful"] == [{"Id": "good"}]
        assert [(entry["Id"], entry["Code"]) for entry in found["Failed"]] == [("bad", "ReceiptHandleIsInvalid")]

    desk.play(consumer())


def test_attributes_come_only_when_they_are_asked_for() -> None:
    desk = QueueDesk(Queue("q", visibility_timeout_s=0))
    colour = {"colour.a": {"DataType": "String", "StringValue": "red"}}

    def consumer() -> Process[None]:
        sent = yield from desk.call("SendMessage", MessageBody="a", MessageAttributes=colour)
        (bare,) = yield from desk.receive()
        assert {"Attributes", "MessageAttributes"} & bare.keys() == set()
        (full,) = yield from desk.receive(MessageSystemAttributeNames=["All"], MessageAttributeNames=["colour.*"])
        assert full["MessageAttributes"] == colour
        assert full["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
        assert set(full["Attributes"]) == {
            "ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"
        }  # fmt: skip

    desk.play(consumer())


def test_digests_are_those_that_aws_computes() -> None:
    attributes = {"timestamp": {"DataType": "Number", "StringValue": "1493147359900"}}  # recorded in moto's tests
    found = answer(QueueDesk(Queue("q")), "SendMessage", MessageBody="this is a test", MessageAttributes=attributes)
    assert found["MD5OfMessageBody"] == "54b0c58c7ce9f2a8b551351102ee0938"
    assert found["MD5OfMessageAttributes"] == "235c5c510d26fb653d073faed50ae77c"


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"MaxNumberOfMessages": 11}, "Value 11 for parameter MaxNumberOfMessages is invalid."),
        ({"WaitTimeSeconds": 21}, "Value 21 for parameter WaitTimeSeconds is invalid."),
        ({"VisibilityTimeout": 43_201}, "Value 43201 for parameter VisibilityTimeout is invalid."),
    ],
)
def test_a_receive_beyond_its_bounds_is_refused(params: dict[str, Any], said: str) -> None:
    error = answer(QueueDesk(Queue("q")), "ReceiveMessage", **params)
    assert error.message.startswith(said)


def test_a_message_with_a_forbidden_character_is_refused() -> None:
    assert refusal(Queue("q"), MessageBody="a\x00b").code == "InvalidMessageContents"


def test_a_short_poll_over_the_limit_of_messages_in_flight_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "QUEUE_IN_FLIGHT_MAX", 2)
    desk = QueueDesk(Queue("q"))

    def consumer() -> Process[None]:
        for _ in range(3):
            yield from desk.call("SendMessage", MessageBody="x")
        assert len((yield from desk.receive(MaxNumberOfMessages=10))) == 2
        assert (yield from desk.call("ReceiveMessage")).code == "OverLimit"
        assert (yield from desk.receive(WaitTimeSeconds=1)) == []

    desk.play(consumer())


def test_settings_of_a_queue_can_be_changed_and_read_again() -> None:
    desk = QueueDesk(Queue("q"), Queue("dlq"))
    redrive = {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dlq", "maxReceiveCount": "5"}
    wanted = {"VisibilityTimeout": "90", "RedrivePolicy": json.dumps(redrive)}
    assert answer(desk, "SetQueueAttributes", Attributes=wanted) == {}
    found = answer(desk, "GetQueueAttributes", AttributeNames=["VisibilityTimeout", "RedrivePolicy"])["Attributes"]
    assert found["VisibilityTimeout"] == "90"
    assert json.loads(found["RedrivePolicy"]) == redrive | {"maxReceiveCount": 5}
    assert answer(desk, "ListDeadLetterSourceQueues", queue="dlq") == {
        "queueUrls": ["https://sqs.us-east-1.amazonaws.com/123456789012/q"]
    }


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"VisibilityTimeout": "43201"}, "InvalidAttributeValue"),
        ({"Colour": "red"}, "InvalidAttributeName"),
        ({"ContentBasedDeduplication": "true"}, "InvalidAttributeName"),
        ({"RedrivePolicy": "{"}, "InvalidAttributeValue"),
        ({"RedrivePolicy": '{"maxReceiveCount": 3}'}, "InvalidParameterValue"),
        ({"RedrivePolicy": '{"maxReceiveCount": 3, "deadLetterTargetArn": "arn:x:none"}'}, "InvalidParameterValue"),
    ],
)
def test_a_setting_that_cannot_be_changes_nothing(attributes: dict[str, str], code: str) -> None:
    desk = QueueDesk(Queue("q"))
    error = answer(desk, "SetQueueAttributes", Attributes={"DelaySeconds": "7", **attributes})
    assert isinstance(error, AwsError)
    assert error.code == code
    assert desk.sqs.queues["q"].delay_s == 0


def test_a_dead_letter_queue_may_choose_its_sources() -> None:
    desk = QueueDesk(Queue("q"), Queue("dlq", allowed=()))
    policy = '{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dlq", "maxReceiveCount": 3}'
    error = answer(desk, "SetQueueAttributes", Attributes={"RedrivePolicy": policy})
    assert "does not allow" in error.message


def test_a_shorter_retention_period_counts_for_the_messages_that_are_there() -> None:
    desk = QueueDesk(Queue("q"))

    def producer() -> Process[None]:
        yield from desk.call("SendMessage", MessageBody="old")
        yield from desk.call("SetQueueAttributes", Attributes={"MessageRetentionPeriod": "60"})
        yield from desk.wait(61)
        assert desk.sqs.queues["q"].messages == {}

    desk.play(producer())


def test_queues_are_listed_by_prefix_a_page_at_a_time() -> None:
    desk = QueueDesk(Queue("orders"), Queue("orders-dlq"), Queue("mail"))
    first = answer(desk, "ListQueues", queue="", QueueNamePrefix="orders", MaxResults=1)
    assert [url.rsplit("/", 1)[-1] for url in first["QueueUrls"]] == ["orders"]
    rest = answer(desk, "ListQueues", queue="", QueueNamePrefix="orders", MaxResults=1, NextToken=first["NextToken"])
    assert [url.rsplit("/", 1)[-1] for url in rest["QueueUrls"]] == ["orders-dlq"]
    assert "NextToken" not in rest


def test_a_purge_a_minute() -> None:
    desk = QueueDesk(Queue("q"))

    def caller() -> Process[None]:
        assert (yield from desk.call("PurgeQueue")) == {}
        assert (yield from desk.call("PurgeQueue")).code == "AWS.SimpleQueueService.PurgeQueueInProgress"
        yield from desk.wait(60)
        assert (yield from desk.call("PurgeQueue")) == {}

    desk.play(caller())


def test_a_fault_lets_a_message_be_received_twice() -> None:
    desk = QueueDesk(Queue("q"), faults=(Fault("duplicate", "sqs", Micros(0), None),))

    def consumer() -> Process[None]:
        yield from desk.call("SendMessage", MessageBody="a")
        for expected in (["a"], ["a"], []):
            assert bodies((yield from desk.receive())) == expected

    desk.play(consumer())
    assert len(desk.of(MessageDuplicated)) == 1
    assert [fact.receive_count for fact in desk.of(MessageReceived)] == [1, 2]


def test_retention_takes_one_process_a_queue_however_many_messages_there_are() -> None:
    desk = QueueDesk(Queue("q", retention_s=3_600))

    def producer() -> Process[None]:
        for number in range(500):
            yield from desk.call("SendMessage", MessageBody=str(number))
        assert desk.kernel.waiting < 10
        yield from desk.kernel.sleep(HOUR)
        yield from desk.wait(10)
        assert desk.sqs.queues["q"].messages == {}

    desk.play(producer())
    assert len(desk.of(MessageSent)) == 500
