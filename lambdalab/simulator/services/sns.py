"""Amazon SNS standard topics: publish, and delivery to SQS queues and Lambda functions. Source: facts F.2, G.4."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import msgspec

from lambdalab.simulator.account import Answer, Principal, Request, World, service_principal
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.trace.facts import MessagePublished
from lambdalab.simulator.vocabulary.arns import arn, queue_url
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.events import sns as shapes

MESSAGE_BYTES_MAX = 262_144  # 256 KB by default. Fact E.1


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscriber: ``protocol`` is ``sqs`` or ``lambda``, ``endpoint`` its ARN."""

    protocol: str
    endpoint: str
    arn: str
    raw: bool = False


@dataclass(slots=True)
class Topic:
    """An SNS topic. ``caller`` is SNS on behalf of this topic: what it may reach, the subscribers' policies say."""

    name: str
    subscriptions: list[Subscription] = field(default_factory=list)
    caller: Principal = field(init=False)

    def __post_init__(self) -> None:
        self.caller = service_principal("sns.amazonaws.com", self.arn)

    @property
    def arn(self) -> str:
        """The topic's ARN."""
        return arn("sns", self.name)


class SnsService:
    """The topics of the account."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.topics: dict[str, Topic] = {}
        world.api.register("sns", self)

    def deploy(self, topic: Topic) -> None:
        """Add a topic."""
        self.topics[topic.name] = topic

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The topic a call acts on."""
        target = str(params.get("TopicArn") or params.get("TargetArn") or arn("sns", str(params.get("Name", ""))))
        return target, target.rsplit(":", 1)[-1]

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        if request.operation != "Publish":
            return unsupported(request)
        topic = self.topics.get(self.resource(request.operation, request.params)[1])
        if topic is None:
            return AwsError("NotFound", "Topic does not exist", 404)
        if len(request.params["Message"].encode()) > MESSAGE_BYTES_MAX:
            return AwsError("InvalidParameter", "Invalid parameter: Message too long", 400)
        return (yield from self._publish(topic, request))

    def _publish(self, topic: Topic, request: Request) -> Process[Answer | AwsError]:
        params = request.params
        message_id = self._world.new_uuid("sns")
        failed = 0
        for subscription in topic.subscriptions:
            delivery = self._delivery(topic, subscription, message_id, params)
            handed_on = {"trace_header": request.trace_header, "lineage": request.lineage}  # facts H.3 and K.9
            delivery = msgspec.structs.replace(delivery, **handed_on)
            answer = yield from self._world.api.call(delivery)
            failed += isinstance(answer, AwsError)
        delivered = len(topic.subscriptions) - failed
        self._world.trace.record(MessagePublished(topic.name, message_id, params["Message"], delivered, failed))
        return Answer({"MessageId": message_id})

    def _delivery(self, topic: Topic, to: Subscription, message_id: str, params: dict[str, Any]) -> Request:
        attributes = params.get("MessageAttributes", {})
        at, subject = self._world.timestamp(), params.get("Subject")
        told = shapes.notification(topic.arn, message_id, params["Message"], at, subject, attributes)
        source = f"sns/{topic.name}"
        if to.protocol == "lambda":
            payload = json.dumps({"Records": [shapes.record(to.arn, told)]}).encode()
            invoke = {"FunctionName": to.endpoint, "InvocationType": "Event", "Payload": payload}
            return Request(topic.caller, "lambda", "Invoke", invoke, source)
        body = params["Message"] if to.raw else json.dumps(shapes.queue_body(to.arn, told))
        send = {"QueueUrl": queue_url(to.endpoint.rsplit(":", 1)[-1]), "MessageBody": body}
        return Request(topic.caller, "sqs", "SendMessage", send, source)
