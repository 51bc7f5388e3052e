"""SNS at a desk: one topic, calls are answered at once."""

from typing import Any

from lambdalab.simulator.account.faults import Fault, Faults
from lambdalab.simulator.account.iam import read_policy
from lambdalab.simulator.account.internet import Internet, Page
from lambdalab.simulator.services.sns import SnsService, Topic
from lambdalab.simulator.services.sqs import Queue, SqsService
from lambdalab.simulator.trace.facts import MessageSent
from tests.simulator.desk import Desk, output
from tests.simulator.playing import arn_of

NEWS = arn_of("sns", "news")


class SnsDesk(Desk):
    """One account with the topic ``news`` and queues that let everybody in."""

    def __init__(self, *faults: Fault, pages: dict[str, Page] | None = None, fifo: bool = False, **topic: Any) -> None:
        super().__init__()
        self.world.faults = Faults(self.kernel, faults)
        self.world.internet = Internet(pages or {})
        self.sqs = SqsService(self.world)
        everybody = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}
        for queue in (Queue("inbox"), Queue("dlq"), Queue("in.fifo", fifo=True)):
            self.sqs.deploy(queue)
            self.world.iam.set_policy(queue.arn, read_policy(everybody, "p", "resource-based"))
        self.world.iam.set_policy(arn_of("lambda", "function:work"), read_policy(everybody, "p", "resource-based"))
        self.service = SnsService(self.world)
        self.topic = Topic("news.fifo" if fifo else "news", fifo=fifo, **topic)
        self.service.deploy(self.topic)

    def sns(self, operation: str, **params: Any) -> Any:
        return self.ask("sns", operation, params)

    def subscribe(self, protocol: str = "sqs", endpoint: str = arn_of("sqs", "inbox"), **attributes: str) -> Any:
        return self.sns(
            "Subscribe", TopicArn=self.topic.arn, Protocol=protocol, Endpoint=endpoint, Attributes=attributes
        )

    def publish(self, message: str = "hello", **params: Any) -> Any:
        answer = self.sns("Publish", TopicArn=self.topic.arn, Message=message, **params)
        self.wait(1)
        return answer

    def bodies(self, queue: str = "inbox") -> list[str]:
        return [fact.body for fact in self.of(MessageSent) if fact.queue == queue]


def text(**values: str) -> dict[str, Any]:
    """Message attributes of type String."""
    return {name: {"DataType": "String", "StringValue": value} for name, value in values.items()}


def number(**values: str) -> dict[str, Any]:
    return {name: {"DataType": "Number", "StringValue": value} for name, value in values.items()}


__all__ = ["NEWS", "SnsDesk", "number", "output", "text"]
