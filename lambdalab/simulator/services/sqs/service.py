"""Amazon SQS behind the front door: the queues of the account. Source: botocore's sqs model; fact D.3 (limits)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import SECOND, Process
from lambdalab.simulator.services.sqs import refusals
from lambdalab.simulator.services.sqs.attributes import Attributes
from lambdalab.simulator.services.sqs.handling import Handling
from lambdalab.simulator.services.sqs.keeper import Keeper
from lambdalab.simulator.services.sqs.queue import Queue
from lambdalab.simulator.services.sqs.receiving import Receiving
from lambdalab.simulator.services.sqs.sending import Sending
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError

LIST_MAX = 1_000  # BC ListQueues


class SqsService:
    """The queues of the account."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.queues: dict[str, Queue] = {}
        self._keeper = Keeper(world)
        self._sending = Sending(world, self._keeper)
        self._receiving = Receiving(world, self._keeper, self.queues)
        handling = Handling(world, self._keeper)
        attributes = Attributes(world, self._keeper, self.queues)
        self._operations: Mapping[str, Callable[[Queue, dict[str, Any]], Answer | AwsError]] = {
            "DeleteMessage": handling.delete,
            "DeleteMessageBatch": handling.delete_batch,
            "ChangeMessageVisibility": handling.change_visibility,
            "ChangeMessageVisibilityBatch": handling.change_batch,
            "GetQueueAttributes": attributes.get,
            "SetQueueAttributes": attributes.set,
            "GetQueueUrl": lambda queue, params: Answer({"QueueUrl": queue.url}),
            "ListDeadLetterSourceQueues": self._sources,
            "PurgeQueue": lambda queue, params: handling.purge(queue),
        }
        world.api.register("sqs", self)

    def deploy(self, queue: Queue) -> None:
        """Add a queue."""
        queue.created_s = (self._world.epoch_us + self._world.kernel.now) // SECOND
        self.queues[queue.name] = queue

    def remove(self, name: str) -> None:
        """Take a queue away, with every message in it. Who waits for one waits until their time is over."""
        queue = self.queues.pop(name, None)
        if queue is not None:
            for message in list(queue.messages.values()):
                self._keeper.remove(queue, message, "purged")
            self._world.iam.set_policy(queue.arn, None)

    def source(self, queue_arn: str) -> Queue | None:
        """The queue that an event source mapping names."""
        queue = self.queues.get(name_of(queue_arn))
        return queue if queue is not None and queue.arn == queue_arn else None

    def watch(self, queue_arn: str, change: Literal[1, -1]) -> None:
        """An event source mapping begins or ends to poll a queue."""
        queue = self.source(queue_arn)
        if queue is not None:
            self._keeper.watch(queue, change)

    def lineage(self, queue_arn: str, message_id: str) -> Mapping[str, int] | None:
        """How often each function ran in the chain of requests that led to a message."""
        queue = self.source(queue_arn)
        message = queue.messages.get(message_id) if queue else None
        return message.lineage if message else None

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The queue that an operation acts on; ListQueues acts on all of them."""
        name = params.get("QueueName") or name_of(str(params.get("QueueUrl", "")))
        return (arn("sqs", "*"), "") if operation == "ListQueues" else (arn("sqs", name), name)

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        if request.operation == "ListQueues":
            return self._list(request.params)
        _, name = self.resource(request.operation, request.params)
        queue = self.queues.get(name)
        if queue is None:
            return refusals.no_queue()
        if request.operation == "ReceiveMessage":
            return (yield from self._receiving.receive(queue, request.params))
        if request.operation == "SendMessage":
            return self._sending.one(queue, request)
        if request.operation == "SendMessageBatch":
            return self._sending.batch(queue, request)
        operation = self._operations.get(request.operation)
        return operation(queue, request.params) if operation else unsupported(request)

    def _list(self, params: Mapping[str, Any]) -> Answer:
        prefix = params.get("QueueNamePrefix", "")
        names = sorted(name for name in self.queues if name.startswith(prefix))
        return _page("QueueUrls", [self.queues[name].url for name in names], params)

    def _sources(self, queue: Queue, params: Mapping[str, Any]) -> Answer:
        found = [each.url for each in self.queues.values() if each.dead_letter == queue.name]
        return _page("queueUrls", sorted(found), params)


def _page(member: str, urls: list[str], params: Mapping[str, Any]) -> Answer:
    """One page of a list. Without MaxResults there is one, of 1,000 at most. BC ListQueues"""
    token = str(params.get("NextToken") or "0")
    start = int(token) if token.isdecimal() and len(token) < 10 else 0
    end = start + min(params.get("MaxResults") or LIST_MAX, LIST_MAX)
    more = {"NextToken": str(end)} if params.get("MaxResults") and end < len(urls) else {}
    return Answer({member: urls[start:end]} | more)


def name_of(url: str) -> str:
    """The name of the queue with this URL, ARN or name."""
    return url.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]
