"""Amazon SQS standard queues in virtual time. Source: botocore's sqs model; fact D.3 (queue limits)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import SECOND, Micros, Process, Signal
from lambdalab.simulator.trace.facts import MessageDeleted, MessageReceived, MessageSent
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.arns import arn, queue_url
from lambdalab.simulator.vocabulary.errors import AwsError


@dataclass(slots=True)
class Message:
    """One message. ``visible_at`` is when a consumer may receive it (again)."""

    id: str
    body: str
    attributes: dict[str, Any]
    sent_at: Micros
    visible_at: Micros
    receive_count: int = 0
    first_received_at: Micros | None = None
    receipt: str = ""
    group: str | None = None
    trace_header: str | None = None


@dataclass(slots=True)
class Queue:
    """An SQS queue. ``dead_letter`` is the name of its redrive target, after ``max_receive_count`` receives."""

    name: str
    visibility_timeout_s: int = quotas.QUEUE_VISIBILITY_S_DEFAULT
    delay_s: int = 0
    retention_s: int = quotas.QUEUE_RETENTION_S_DEFAULT
    wait_s: int = 0
    fifo: bool = False
    dead_letter: str | None = None
    max_receive_count: int | None = None
    messages: dict[str, Message] = field(default_factory=dict)
    arrived: Signal | None = None

    @property
    def arn(self) -> str:
        """The queue's ARN."""
        return arn("sqs", self.name)

    def receivable(self, now: Micros) -> list[Message]:
        """Messages that may be received now, oldest first."""
        return [m for m in self.messages.values() if m.visible_at <= now]


class SqsService:
    """The queues of the account."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.queues: dict[str, Queue] = {}
        self._operations: dict[str, Callable[[Queue, dict[str, Any]], Answer | AwsError]] = {
            "DeleteMessage": self._delete_message,
            "DeleteMessageBatch": self._delete_batch,
            "ChangeMessageVisibility": self._change_visibility,
            "GetQueueAttributes": self._attributes,
            "PurgeQueue": self._purge,
        }
        world.api.register("sqs", self)

    def deploy(self, queue: Queue) -> None:
        """Add a queue."""
        self.queues[queue.name] = queue

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """Every operation we have acts on one queue."""
        name = params.get("QueueName") or _name_of(str(params.get("QueueUrl", "")))
        return arn("sqs", name), name

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        _, name = self.resource(request.operation, request.params)
        queue = self.queues.get(name)
        if queue is None:
            return AwsError("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.", 400)
        if request.operation == "GetQueueUrl":
            return Answer({"QueueUrl": queue_url(queue.name)})
        if request.operation == "ReceiveMessage":
            return (yield from self._receive(queue, request.params))
        if request.operation == "SendMessage":
            return self._send_message(queue, request.params, request.trace_header)
        if request.operation == "SendMessageBatch":
            return self._send_batch(queue, request.params, request.trace_header)
        operation = self._operations.get(request.operation)
        return operation(queue, request.params) if operation else unsupported(request)

    def put(
        self,
        queue: Queue,
        body: str,
        *,
        attributes: dict[str, Any] | None = None,
        delay: Micros | None = None,
        group: str | None = None,
        trace_header: str | None = None,
    ) -> Message:
        """Put a message into a queue, now. ``trace_header`` becomes its system attribute AWSTraceHeader."""
        now = self._world.kernel.now
        wait = Micros(queue.delay_s * SECOND) if delay is None else delay
        message = Message(self._world.new_uuid("message"), body, attributes or {}, now, Micros(now + wait), group=group)
        message.trace_header = trace_header
        self._enter(queue, message, wait, None)
        return message

    def _enter(self, queue: Queue, message: Message, delay: Micros, moved_from: str | None) -> None:
        queue.messages[message.id] = message
        plain = {name: _plain(value) for name, value in message.attributes.items()}
        self._world.trace.record(
            MessageSent(queue.name, message.id, message.body, plain, message.group, delay, moved_from)
        )
        if queue.retention_s * SECOND < quotas.RUN_UNTIL_MAX:
            self._world.kernel.spawn(self._expire(queue, message), background=True)
        _wake(queue)

    def _expire(self, queue: Queue, message: Message) -> Process[None]:
        """A message goes when its retention period is over, counted from when it was first sent. BC CreateQueue"""
        kernel = self._world.kernel
        yield from kernel.sleep(Micros(max(0, message.sent_at + queue.retention_s * SECOND - kernel.now)))
        if queue.messages.pop(message.id, None) is not None:
            self._world.trace.record(MessageDeleted(queue.name, message.id, "expired"))

    def _send_message(self, queue: Queue, params: dict[str, Any], trace_header: str | None) -> Answer | AwsError:
        refusal = _refuse_message(queue, params)
        if refusal:
            return refusal
        delay = params.get("DelaySeconds")
        message = self.put(
            queue,
            params["MessageBody"],
            attributes=params.get("MessageAttributes", {}),
            delay=None if delay is None else Micros(delay * SECOND),
            group=params.get("MessageGroupId"),
            trace_header=_trace_of(params, trace_header),
        )
        return Answer({"MessageId": message.id, "MD5OfMessageBody": _md5(message.body)})

    def _send_batch(self, queue: Queue, params: dict[str, Any], trace_header: str | None) -> Answer | AwsError:
        sent: list[dict[str, Any]] = []
        failed: list[dict[str, Any]] = []
        for entry in params["Entries"]:
            answer = self._send_message(queue, entry, trace_header)
            if isinstance(answer, AwsError):
                failed.append({"Id": entry["Id"], "SenderFault": True, "Code": answer.code, "Message": answer.message})
            else:
                sent.append({"Id": entry["Id"], **answer.output})
        return Answer({"Successful": sent} | ({"Failed": failed} if failed else {}))

    def _receive(self, queue: Queue, params: dict[str, Any]) -> Process[Answer | AwsError]:
        """Short or long polling: at most 10 messages, each hidden for the visibility timeout."""
        if queue.fifo:
            return AwsError("NotSimulated", "lambdalab does not simulate receiving from FIFO queues yet.", 501)
        kernel = self._world.kernel
        wait_until = Micros(kernel.now + params.get("WaitTimeSeconds", queue.wait_s) * SECOND)
        while not queue.receivable(kernel.now) and kernel.now < wait_until:
            queue.arrived = queue.arrived or kernel.signal()
            due = [m.visible_at for m in queue.messages.values()]
            yield from kernel.wait_until(queue.arrived, Micros(min([wait_until, *due])))
        hidden = Micros(params.get("VisibilityTimeout", queue.visibility_timeout_s) * SECOND)
        limit = min(params.get("MaxNumberOfMessages", 1), quotas.QUEUE_RECEIVE_MAX)
        taken = [m for m in queue.receivable(kernel.now) if not self._redrive(queue, m)][:limit]
        for message in taken:
            self._hide(queue, message, hidden)
        return Answer({"Messages": [self._shown(queue, m) for m in taken]} if taken else {})

    def _redrive(self, queue: Queue, message: Message) -> bool:
        """Move a message that has been received too often to the queue's dead-letter queue. Fact D.3, redrive."""
        if queue.dead_letter is None or message.receive_count < (queue.max_receive_count or 0):
            return False
        target = self.queues.get(queue.dead_letter)
        if target is None:
            return False
        del queue.messages[message.id]
        self._world.trace.record(MessageDeleted(queue.name, message.id, "moved"))
        message.visible_at = self._world.kernel.now
        self._enter(target, message, Micros(0), queue.name)
        return True

    def _hide(self, queue: Queue, message: Message, hidden: Micros) -> None:
        message.receive_count += 1
        message.first_received_at = message.first_received_at or self._world.kernel.now
        message.visible_at = Micros(self._world.kernel.now + hidden)
        message.receipt = self._world.new_uuid("receipt")
        self._world.trace.record(MessageReceived(queue.name, message.id, message.receive_count, hidden))

    def _shown(self, queue: Queue, message: Message) -> dict[str, Any]:
        wall_ms = (self._world.epoch_us + message.sent_at) // 1000
        first_ms = (self._world.epoch_us + (message.first_received_at or message.sent_at)) // 1000
        shown: dict[str, Any] = {
            "MessageId": message.id,
            "ReceiptHandle": message.receipt,
            "MD5OfBody": _md5(message.body),
            "Body": message.body,
            "Attributes": {
                "ApproximateReceiveCount": str(message.receive_count),
                "SentTimestamp": str(wall_ms),
                "ApproximateFirstReceiveTimestamp": str(first_ms),
            },
        }
        if message.trace_header is not None:
            shown["Attributes"]["AWSTraceHeader"] = message.trace_header
        return shown | ({"MessageAttributes": message.attributes} if message.attributes else {})

    def _delete_message(self, queue: Queue, params: dict[str, Any]) -> Answer | AwsError:
        message = _by_receipt(queue, params["ReceiptHandle"])
        if message is not None:
            del queue.messages[message.id]
            self._world.trace.record(MessageDeleted(queue.name, message.id, "deleted"))
        return Answer()  # deleting twice is no error: BC DeleteMessage

    def _delete_batch(self, queue: Queue, params: dict[str, Any]) -> Answer | AwsError:
        for entry in params["Entries"]:
            self._delete_message(queue, entry)
        return Answer({"Successful": [{"Id": entry["Id"]} for entry in params["Entries"]]})

    def _change_visibility(self, queue: Queue, params: dict[str, Any]) -> Answer | AwsError:
        message = _by_receipt(queue, params["ReceiptHandle"])
        if message is None:
            return AwsError("ReceiptHandleIsInvalid", "The input receipt handle is invalid.", 400)
        message.visible_at = Micros(self._world.kernel.now + params["VisibilityTimeout"] * SECOND)
        _wake(queue)
        return Answer()

    def _attributes(self, queue: Queue, params: dict[str, Any]) -> Answer | AwsError:
        now = self._world.kernel.now
        hidden = [m for m in queue.messages.values() if m.visible_at > now]
        delayed = [m for m in hidden if m.receive_count == 0]
        every = {
            "QueueArn": queue.arn,
            "VisibilityTimeout": str(queue.visibility_timeout_s),
            "DelaySeconds": str(queue.delay_s),
            "ApproximateNumberOfMessages": str(len(queue.messages) - len(hidden)),
            "ApproximateNumberOfMessagesNotVisible": str(len(hidden) - len(delayed)),
            "ApproximateNumberOfMessagesDelayed": str(len(delayed)),
        }
        wanted = params.get("AttributeNames", [])
        return Answer({"Attributes": {k: v for k, v in every.items() if "All" in wanted or k in wanted}})

    def _purge(self, queue: Queue, params: dict[str, Any]) -> Answer | AwsError:
        for message_id in list(queue.messages):
            del queue.messages[message_id]
            self._world.trace.record(MessageDeleted(queue.name, message_id, "purged"))
        return Answer()


def _trace_of(params: dict[str, Any], header: str | None) -> str | None:
    """AWSTraceHeader: the system attribute that was given (BC SendMessage), else a sampled caller's own header."""
    given = params.get("MessageSystemAttributes", {}).get("AWSTraceHeader", {}).get("StringValue")
    return given or (header if header and header.endswith("Sampled=1") else None)


def _wake(queue: Queue) -> None:
    """Let waiting consumers look again: a message came, or one may be received at another time than they thought."""
    if queue.arrived is not None:
        queue.arrived.fire()
        queue.arrived = None


def _refuse_message(queue: Queue, params: dict[str, Any]) -> AwsError | None:
    body = params["MessageBody"]
    size = len(body.encode())
    if size > quotas.QUEUE_MESSAGE_BYTES_MAX:
        reason = f"Message must be shorter than {quotas.QUEUE_MESSAGE_BYTES_MAX} bytes."
        return AwsError("InvalidParameterValue", f"One or more parameters are invalid. Reason: {reason}", 400)
    if not body:
        return AwsError("MissingParameter", "The request must contain the parameter MessageBody.", 400)
    if queue.fifo and not params.get("MessageGroupId"):
        return AwsError("MissingParameter", "The request must contain the parameter MessageGroupId.", 400)
    return None


def _by_receipt(queue: Queue, receipt: str) -> Message | None:
    return next((m for m in queue.messages.values() if m.receipt == receipt), None)


def _name_of(url: str) -> str:
    return url.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def _md5(body: str) -> str:
    return hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()


def _plain(attribute: Any) -> str:
    value = attribute.get("StringValue", attribute.get("BinaryValue", "")) if isinstance(attribute, dict) else attribute
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
