from typing import Any

import pytest

from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services.sqs import Queue
from lambdalab.simulator.trace.facts import MessageDeduplicated, MessageSent
from tests.simulator.services.queues import QueueDesk, bodies, refusal


def fifo(**more: Any) -> Queue:
    return Queue("q", **{"fifo": True, "content_deduplication": True, "visibility_timeout_s": 30, **more})


def send(desk: QueueDesk, group: str, *texts: str) -> Process[None]:
    for text in texts:
        yield from desk.call("SendMessage", MessageBody=text, MessageGroupId=group)


def test_messages_of_a_group_come_in_order_and_wait_while_one_is_in_flight() -> None:
    desk = QueueDesk(fifo())

    def consumer() -> Process[None]:
        yield from send(desk, "a", "a1", "a2", "a3")
        (first,) = yield from desk.receive()
        assert first["Body"] == "a1"
        assert (yield from desk.receive(MaxNumberOfMessages=10)) == []
        yield from desk.call("DeleteMessage", ReceiptHandle=first["ReceiptHandle"])
        assert bodies((yield from desk.receive(MaxNumberOfMessages=10))) == ["a2", "a3"]

    desk.play(consumer())


def test_other_groups_go_on_while_one_is_blocked() -> None:
    desk = QueueDesk(fifo())

    def consumer() -> Process[None]:
        yield from send(desk, "a", "a1", "a2")
        yield from send(desk, "b", "b1")
        assert bodies((yield from desk.receive())) == ["a1"]
        assert bodies((yield from desk.receive())) == ["b1"]
        assert (yield from desk.receive()) == []

    desk.play(consumer())


def test_a_message_that_comes_back_is_still_before_the_later_ones_of_its_group() -> None:
    desk = QueueDesk(fifo(visibility_timeout_s=5))

    def consumer() -> Process[None]:
        yield from send(desk, "a", "a1", "a2")
        assert bodies((yield from desk.receive())) == ["a1"]
        yield from desk.wait(6)
        assert bodies((yield from desk.receive(MaxNumberOfMessages=10))) == ["a1", "a2"]

    desk.play(consumer())


def test_a_waiting_consumer_hears_that_a_group_goes_on() -> None:
    desk = QueueDesk(fifo())
    heard: list[list[str]] = []

    def holder() -> Process[None]:
        yield from send(desk, "a", "a1", "a2")
        (first,) = yield from desk.receive()
        yield from desk.wait(5)
        yield from desk.call("DeleteMessage", ReceiptHandle=first["ReceiptHandle"])

    def waiter() -> Process[None]:
        yield from desk.wait(1)
        heard.append(bodies((yield from desk.receive(WaitTimeSeconds=10))))

    desk.play(holder(), waiter())
    assert heard == [["a2"]]


@pytest.mark.parametrize(("after", "delivered"), [(299.0, 1), (301.0, 2)])
def test_a_copy_within_five_minutes_is_accepted_and_not_delivered(after: float, delivered: int) -> None:
    desk = QueueDesk(fifo())
    answers: list[Any] = []

    def producer() -> Process[None]:
        for pause in (0.0, after):
            yield from desk.wait(pause)
            answers.append((yield from desk.call("SendMessage", MessageBody="same", MessageGroupId="a")))

    desk.play(producer())
    assert len(desk.of(MessageSent)) == delivered
    assert len(desk.of(MessageDeduplicated)) == 2 - delivered
    assert (answers[0]["MessageId"] == answers[1]["MessageId"]) == (delivered == 1)


def test_a_deduplication_id_counts_before_the_body_and_over_all_groups() -> None:
    desk = QueueDesk(fifo())

    def producer() -> Process[None]:
        for group, body, identity in (("a", "x", "1"), ("b", "y", "1"), ("b", "x", "2")):
            params = {"MessageBody": body, "MessageGroupId": group, "MessageDeduplicationId": identity}
            yield from desk.call("SendMessage", **params)

    desk.play(producer())
    assert [fact.body for fact in desk.of(MessageSent)] == ["x", "x"]


def test_with_the_scope_of_a_group_each_group_has_its_own_deduplication_ids() -> None:
    desk = QueueDesk(fifo(deduplication_scope="messageGroup"))

    def producer() -> Process[None]:
        yield from send(desk, "a", "x")
        yield from send(desk, "b", "x")

    desk.play(producer())
    assert len(desk.of(MessageSent)) == 2


def test_a_message_tells_its_group_its_deduplication_id_and_a_growing_sequence_number() -> None:
    desk = QueueDesk(fifo())

    def consumer() -> Process[None]:
        yield from send(desk, "a", "a1", "a2")
        found = yield from desk.receive(MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"])
        first, second = (message["Attributes"] for message in found)
        assert first["MessageGroupId"] == "a"
        assert len(first["MessageDeduplicationId"]) == 64
        assert len(first["SequenceNumber"]) == 20
        assert first["SequenceNumber"] < second["SequenceNumber"]

    desk.play(consumer())


def test_a_receipt_that_has_expired_deletes_nothing() -> None:
    desk = QueueDesk(fifo(visibility_timeout_s=1))

    def consumer() -> Process[None]:
        yield from send(desk, "a", "a1")
        (message,) = yield from desk.receive()
        yield from desk.wait(2)
        error = yield from desk.call("DeleteMessage", ReceiptHandle=message["ReceiptHandle"])
        assert error.message.endswith("Reason: The receipt handle has expired.")

    desk.play(consumer())
    assert len(desk.sqs.queues["q"].messages) == 1


def test_a_poisonous_message_goes_to_the_dead_letter_queue_and_its_group_goes_on() -> None:
    queue = fifo(visibility_timeout_s=1, dead_letter="dlq", max_receive_count=1)
    desk = QueueDesk(queue, Queue("dlq", fifo=True))

    def consumer() -> Process[None]:
        yield from send(desk, "a", "poison", "good")
        assert bodies((yield from desk.receive())) == ["poison"]
        yield from desk.wait(2)
        assert bodies((yield from desk.receive())) == ["good"]

    desk.play(consumer())
    assert [message.body for message in desk.sqs.queues["dlq"].messages.values()] == ["poison"]


def test_a_fifo_queue_wants_something_to_tell_copies_by() -> None:
    error = refusal(Queue("q", fifo=True), MessageGroupId="a")
    assert error.message.startswith("The queue should either have ContentBasedDeduplication enabled")


def test_a_single_message_of_a_fifo_queue_cannot_be_delayed() -> None:
    assert "DelaySeconds" in refusal(fifo(), MessageGroupId="a", DelaySeconds=5).message
