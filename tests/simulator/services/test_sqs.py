from typing import Any

import pytest

from lambdalab.simulator.kernel import SECOND, Micros, Process
from lambdalab.simulator.services.sqs import Queue
from lambdalab.simulator.trace.facts import MessageDeleted, MessageReceived, MessageSent
from tests.simulator.services.queues import QueueDesk, bodies, refusal


def test_a_received_message_is_hidden_until_its_visibility_timeout_ends() -> None:
    desk = QueueDesk(Queue("q", visibility_timeout_s=30))

    def consumer() -> Process[None]:
        yield from desk.call("SendMessage", MessageBody="a")
        assert bodies((yield from desk.receive())) == ["a"]
        yield from desk.wait(29)
        assert (yield from desk.receive()) == []
        yield from desk.wait(1)
        (again,) = yield from desk.receive(MessageSystemAttributeNames=["ApproximateReceiveCount"])
        assert again["Attributes"]["ApproximateReceiveCount"] == "2"

    desk.play(consumer())
    assert [fact.receive_count for fact in desk.of(MessageReceived)] == [1, 2]


def test_a_deleted_message_is_gone_and_deleting_again_is_no_error() -> None:
    desk = QueueDesk(Queue("q", visibility_timeout_s=0))

    def consumer() -> Process[None]:
        yield from desk.call("SendMessage", MessageBody="a")
        (message,) = yield from desk.receive()
        for _ in range(2):
            assert (yield from desk.call("DeleteMessage", ReceiptHandle=message["ReceiptHandle"])) == {}
        assert (yield from desk.receive()) == []

    desk.play(consumer())
    assert [fact.reason for fact in desk.of(MessageDeleted)] == ["deleted"]


def test_an_old_receipt_deletes_nothing_after_the_message_was_received_again() -> None:
    desk = QueueDesk(Queue("q", visibility_timeout_s=1))

    def consumer() -> Process[None]:
        yield from desk.call("SendMessage", MessageBody="a")
        (first,) = yield from desk.receive()
        yield from desk.wait(2)
        yield from desk.receive()
        yield from desk.call("DeleteMessage", ReceiptHandle=first["ReceiptHandle"])

    desk.play(consumer())
    assert len(desk.sqs.queues["q"].messages) == 1


def test_a_message_received_too_often_moves_to_the_dead_letter_queue() -> None:
    desk = QueueDesk(Queue("q", visibility_timeout_s=1, dead_letter="dlq", max_receive_count=2), Queue("dlq"))

    def consumer() -> Process[None]:
        yield from desk.call("SendMessage", MessageBody="poison")
        for expected in (["poison"], ["poison"], [], []):
            assert bodies((yield from desk.receive())) == expected
            yield from desk.wait(2)

    desk.play(consumer())
    assert [fact.reason for fact in desk.of(MessageDeleted)] == ["moved"]
    assert [(fact.queue, fact.moved_from) for fact in desk.of(MessageSent)] == [("q", None), ("dlq", "q")]
    assert [message.body for message in desk.sqs.queues["dlq"].messages.values()] == ["poison"]


def test_at_most_ten_messages_come_at_once_oldest_first() -> None:
    desk = QueueDesk(Queue("q"))

    def consumer() -> Process[None]:
        for number in range(12):
            yield from desk.call("SendMessage", MessageBody=str(number))
        assert bodies((yield from desk.receive(MaxNumberOfMessages=10))) == [str(n) for n in range(10)]
        assert bodies((yield from desk.receive(MaxNumberOfMessages=10))) == ["10", "11"]

    desk.play(consumer())


@pytest.mark.parametrize(("sent_after", "body", "took"), [(3.0, ["a"], 3.0), (30.0, [], 20.0)])
def test_long_polling_waits_for_a_message_but_not_for_ever(sent_after: float, body: list[str], took: float) -> None:
    desk = QueueDesk(Queue("q"))
    heard: list[Any] = []

    def consumer() -> Process[None]:
        messages = yield from desk.receive(WaitTimeSeconds=20)
        heard.append((bodies(messages), desk.kernel.now / SECOND))

    def producer() -> Process[None]:
        yield from desk.wait(sent_after)
        yield from desk.call("SendMessage", MessageBody="a")

    desk.play(consumer(), producer())
    assert heard == [(body, pytest.approx(took, abs=0.03))]


def test_long_polling_hears_a_message_that_becomes_visible_again() -> None:
    desk = QueueDesk(Queue("q", visibility_timeout_s=30))
    heard: list[float] = []

    def holder() -> Process[None]:
        yield from desk.call("SendMessage", MessageBody="a")
        (message,) = yield from desk.receive()
        yield from desk.wait(5)
        yield from desk.call("ChangeMessageVisibility", ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)

    def waiter() -> Process[None]:
        yield from desk.wait(1)
        yield from desk.receive(WaitTimeSeconds=20)
        heard.append(desk.kernel.now / SECOND)

    desk.play(holder(), waiter())
    assert heard == [pytest.approx(5, abs=0.05)]


def test_a_message_goes_to_one_of_several_waiting_consumers() -> None:
    desk = QueueDesk(Queue("q"))
    heard: list[list[str]] = []

    def waiter() -> Process[None]:
        heard.append(bodies((yield from desk.receive(WaitTimeSeconds=5))))

    def producer() -> Process[None]:
        yield from desk.wait(1)
        yield from desk.call("SendMessage", MessageBody="a")

    desk.play(waiter(), waiter(), waiter(), producer())
    assert sorted(heard) == [[], [], ["a"]]


def test_a_delayed_message_is_not_to_be_had_before_its_time() -> None:
    desk = QueueDesk(Queue("q", delay_s=10))

    def consumer() -> Process[None]:
        yield from desk.call("SendMessage", MessageBody="slow")
        yield from desk.call("SendMessage", MessageBody="quick", DelaySeconds=0)
        assert bodies((yield from desk.receive(MaxNumberOfMessages=10))) == ["quick"]
        yield from desk.wait(10)
        assert bodies((yield from desk.receive(MaxNumberOfMessages=10))) == ["slow"]

    desk.play(consumer())


def test_the_numbers_of_a_queue_are_told_apart() -> None:
    desk = QueueDesk(Queue("q"))
    found: dict[str, str] = {}

    def consumer() -> Process[None]:
        for number in range(3):
            yield from desk.call("SendMessage", MessageBody=str(number))
        yield from desk.call("SendMessage", MessageBody="late", DelaySeconds=60)
        yield from desk.receive()
        output = yield from desk.call("GetQueueAttributes", AttributeNames=["All"])
        found.update(output["Attributes"])

    desk.play(consumer())
    assert found["ApproximateNumberOfMessages"] == "2"
    assert found["ApproximateNumberOfMessagesNotVisible"] == "1"
    assert found["ApproximateNumberOfMessagesDelayed"] == "1"
    assert found["QueueArn"] == "arn:aws:sqs:us-east-1:123456789012:q"


def test_a_batch_says_which_of_its_messages_were_refused() -> None:
    desk = QueueDesk(Queue("q"))
    answers: list[Any] = []
    entries = [{"Id": "good", "MessageBody": "x"}, {"Id": "empty", "MessageBody": ""}]

    def producer() -> Process[None]:
        answers.append((yield from desk.call("SendMessageBatch", Entries=entries)))

    desk.play(producer())
    assert [entry["Id"] for entry in answers[0]["Successful"]] == ["good"]
    assert [(entry["Id"], entry["SenderFault"]) for entry in answers[0]["Failed"]] == [("empty", True)]


def test_a_fifo_queue_refuses_a_message_without_a_group() -> None:
    error = refusal(Queue("q", fifo=True))
    assert (error.code, error.status) == ("MissingParameter", 400)
    assert error.message == "The request must contain the parameter MessageGroupId."


def test_a_message_may_have_a_mebibyte_and_no_byte_more() -> None:
    assert refusal(Queue("q"), MessageBody="x" * 1_048_577).code == "InvalidParameterValue"
    desk = QueueDesk(Queue("q"))
    desk.play(desk.call("SendMessage", MessageBody="x" * 1_048_576))
    assert len(desk.of(MessageSent)) == 1


def test_a_queue_that_does_not_exist_says_so() -> None:
    assert refusal(Queue("other")).code == "AWS.SimpleQueueService.NonExistentQueue"


def test_a_purged_queue_is_empty() -> None:
    desk = QueueDesk(Queue("q"))

    def caller() -> Process[None]:
        for _ in range(3):
            yield from desk.call("SendMessage", MessageBody="x")
        yield from desk.call("PurgeQueue")

    desk.play(caller())
    assert desk.sqs.queues["q"].messages == {}
    assert [fact.reason for fact in desk.of(MessageDeleted)] == ["purged"] * 3


def test_a_message_older_than_the_retention_period_is_gone() -> None:
    desk = QueueDesk(Queue("q", retention_s=60))

    def consumer() -> Process[None]:
        yield from desk.call("SendMessage", MessageBody="old")
        yield from desk.wait(30)
        yield from desk.call("SendMessage", MessageBody="young")
        yield from desk.wait(31)
        assert bodies((yield from desk.receive(MaxNumberOfMessages=10))) == ["young"]

    desk.play(consumer())
    assert [fact.reason for fact in desk.of(MessageDeleted)] == ["expired"]
    assert desk.kernel.now < Micros(2 * 60 * SECOND)
