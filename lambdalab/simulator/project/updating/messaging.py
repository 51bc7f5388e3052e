"""Queues, topics and subscriptions. Source: the update requirement of each property in the
CloudFormation Template Reference, read 2026-11."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from lambdalab.simulator.kernel import Process
from lambdalab.simulator.project.resources import messaging, topics
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.project.updating.kind import Failed, Kind, only
from lambdalab.simulator.services.sns.topic import Topic
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.arns import queue_url


class Queue(Kind):
    """AWS::SQS::Queue. Messages in it stay when its attributes change."""

    replacing = frozenset({"QueueName", "FifoQueue"})
    usual: ClassVar[dict[str, str]] = {
        "VisibilityTimeout": str(quotas.QUEUE_VISIBILITY_S_DEFAULT),
        "DelaySeconds": "0",
        "MessageRetentionPeriod": str(quotas.QUEUE_RETENTION_S_DEFAULT),
        "ReceiveMessageWaitTimeSeconds": "0",
        "MaximumMessageSize": str(quotas.QUEUE_MESSAGE_BYTES_MAX),
        "ContentBasedDeduplication": "false",
        "DeduplicationScope": "queue",
        "FifoThroughputLimit": "perQueue",
        "RedrivePolicy": "",
        "RedriveAllowPolicy": "",
    }  # what an attribute is when the template does not say: BC SetQueueAttributes

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """A new, empty queue."""
        yield from ()
        name = template.name(resource)
        if name in self.deployment.sqs.queues:
            raise self.exists(resource, name)
        messaging.deploy_queues(self.world, only(template, resource), self.deployment.sqs)

    def update(self, old: Template, before: Resource, new: Template, after: Resource) -> Process[None]:
        """The attributes that differ."""
        changed = {
            name: _text(after.properties.get(name, usual))
            for name, usual in self.usual.items()
            if before.properties.get(name) != after.properties.get(name)
        }
        if changed:
            url = queue_url(new.name(after))
            yield from self.ask("sqs", "SetQueueAttributes", QueueUrl=url, Attributes=changed)

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """The queue, with every message in it."""
        yield from ()
        self.deployment.sqs.remove(template.name(resource))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)


class SnsTopic(Kind):
    """AWS::SNS::Topic, with the subscriptions that stand in it."""

    replacing = frozenset({"TopicName", "FifoTopic"})

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """A new topic."""
        yield from ()
        if template.name(resource) in self.deployment.sns.topics:
            raise self.exists(resource, template.name(resource))
        topics.deploy_topics(self.world, only(template, resource), self.deployment.sns)

    def update(self, old: Template, before: Resource, new: Template, after: Resource) -> Process[None]:
        """Its attributes, and the subscriptions of its own list."""
        topic, wanted = self._topic(new, after), topics.topic_of(new, after)
        topic.content_deduplication, topic.group_scope = wanted.content_deduplication, wanted.group_scope
        topic.display_name, topic.signature_version = wanted.display_name, wanted.signature_version
        was, now = (_entries(each) for each in (before, after))
        for entry in now:
            if entry not in was:
                yield from self.ask(
                    "sns", "Subscribe", TopicArn=topic.arn, Protocol=entry["Protocol"], Endpoint=entry["Endpoint"]
                )
        for entry in was:
            if entry not in now:
                yield from Subscription(self.deployment).gone(topic.arn, entry["Protocol"], entry["Endpoint"])

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """The topic, with its subscriptions."""
        yield from ()
        self.deployment.sns.topics.pop(template.name(resource), None)

    def _topic(self, template: Template, resource: Resource) -> Topic:
        topic = self.deployment.sns.topics.get(template.name(resource))
        if topic is None:
            raise Failed("Topic does not exist (Service: SNS, Status Code: 404)")
        return topic


def _entries(resource: Resource) -> list[dict[str, str]]:
    listed = resource.properties.get("Subscription") or []
    return [{"Protocol": str(each["Protocol"]), "Endpoint": str(each["Endpoint"])} for each in listed]


class Subscription(Kind):
    """AWS::SNS::Subscription. Other ends are other subscriptions; what a subscription is like may change."""

    replacing = frozenset({"TopicArn", "Protocol", "Endpoint"})
    usual: ClassVar[dict[str, str]] = {
        "FilterPolicy": "{}",
        "FilterPolicyScope": "MessageAttributes",
        "RawMessageDelivery": "false",
        "RedrivePolicy": "{}",
        "DeliveryPolicy": "{}",
    }

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """Subscribe, as CloudFormation does: with all attributes at once."""
        props = resource.properties
        attributes = {name: _text(props[name]) for name in self.usual if props.get(name) is not None}
        yield from self.ask("sns", "Subscribe", TopicArn=str(props["TopicArn"]), Protocol=str(props["Protocol"]),
                            Endpoint=str(props["Endpoint"]), Attributes=attributes)  # fmt: skip

    def update(self, old: Template, before: Resource, new: Template, after: Resource) -> Process[None]:
        """The attributes that differ."""
        arn = self._arn(*_ends(after))
        if arn is None:
            raise Failed("Subscription does not exist (Service: SNS, Status Code: 404)")
        for name, usual in self.usual.items():
            if before.properties.get(name) != after.properties.get(name):
                value = _text(after.properties.get(name, usual))
                yield from self.ask(
                    "sns", "SetSubscriptionAttributes", SubscriptionArn=arn, AttributeName=name, AttributeValue=value
                )

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """Unsubscribe; what went with its topic is gone already."""
        yield from self.gone(*_ends(resource))

    def gone(self, topic: str, protocol: str, endpoint: str) -> Process[None]:
        """Unsubscribe whoever has these ends."""
        arn = self._arn(topic, protocol, endpoint)
        if arn is not None:
            yield from self.ask("sns", "Unsubscribe", SubscriptionArn=arn)

    def _arn(self, topic: str, protocol: str, endpoint: str) -> str | None:
        known = self.deployment.sns.topics.get(topic.rsplit(":", 1)[-1])
        found = (
            e.arn for e in (known.subscriptions if known else ()) if (e.protocol, e.endpoint) == (protocol, endpoint)
        )
        return next(found, None)


def _ends(resource: Resource) -> tuple[str, str, str]:
    props = resource.properties
    return str(props["TopicArn"]), str(props["Protocol"]), str(props["Endpoint"])
