"""Amazon SNS behind the front door. Sources: botocore's sns model; facts F.2 and G.4."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services.sns.delivery import Delivery, Published, post, wanting
from lambdalab.simulator.services.sns.publishing import identity_of, refused, refused_batch
from lambdalab.simulator.services.sns.subscribing import KNOWN, invalid, read_subscription, set_attribute
from lambdalab.simulator.services.sns.topic import Subscription, Topic
from lambdalab.simulator.trace.facts import (
    MessageAccepted,
    TopicDeduplicated,
    TopicFiltered,
    TopicSubscribed,
)
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, arn
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.events import sns as shapes
from lambdalab.simulator.vocabulary.events.plain import compact

PENDING = "PendingConfirmation"
_ON_SUBSCRIPTION = ("Unsubscribe", "GetSubscriptionAttributes", "SetSubscriptionAttributes")
_ON_ALL = ("ListTopics", "ListSubscriptions")


class SnsService:
    """The topics of the account."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.topics: dict[str, Topic] = {}
        self._delivery = Delivery(world)
        self._on_topic: Mapping[str, Callable[[Topic, Request], Answer | AwsError]] = {
            "Publish": self._publish,
            "PublishBatch": self._publish_batch,
            "Subscribe": self._subscribe,
            "ConfirmSubscription": self._confirm,
            "ListSubscriptionsByTopic": lambda topic, request: self._listed([topic], request.params),
            "GetTopicAttributes": lambda topic, request: Answer({"Attributes": _topic_attributes(topic)}),
        }
        self._on_subscription: Mapping[str, Callable[[Topic, Subscription, Request], Answer | AwsError]] = {
            "Unsubscribe": self._unsubscribe,
            "GetSubscriptionAttributes": lambda topic, found, request: Answer({"Attributes": _shown(topic, found)}),
            "SetSubscriptionAttributes": self._set_attribute,
        }
        world.api.register("sns", self)

    def deploy(self, topic: Topic) -> None:
        """Add a topic; its HTTP subscribers are asked to confirm."""
        self.topics[topic.name] = topic
        for subscription in topic.subscriptions:
            self._ask(topic, subscription)

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The topic a call acts on."""
        if operation in _ON_ALL:
            return arn("sns", "*"), ""
        if operation in _ON_SUBSCRIPTION:
            topic = str(params.get("SubscriptionArn", "")).rpartition(":")[0]
            return topic, topic.rsplit(":", 1)[-1]
        target = str(params.get("TopicArn") or params.get("TargetArn") or arn("sns", str(params.get("Name", ""))))
        return target, target.rsplit(":", 1)[-1]

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        yield from ()  # a generator, like every service
        operation = request.operation
        if operation == "ListTopics":
            return _page("Topics", [{"TopicArn": topic.arn} for topic in self.topics.values()], request.params)
        if operation == "ListSubscriptions":
            return self._listed(list(self.topics.values()), request.params)
        topic = self.topics.get(self.resource(operation, request.params)[1])
        if operation in self._on_subscription:
            found = _find(topic, request.params["SubscriptionArn"])
            if topic is None or found is None:
                return AwsError("NotFound", "Subscription does not exist", 404)
            return self._on_subscription[operation](topic, found, request)
        if operation not in self._on_topic:
            return unsupported(request)
        if topic is None:
            return AwsError("NotFound", "Topic does not exist", 404)
        return self._on_topic[operation](topic, request)

    def _publish(self, topic: Topic, request: Request) -> Answer | AwsError:
        refusal = refused(topic, request.params)
        return refusal or Answer(self._accept(topic, request.params, request))

    def _publish_batch(self, topic: Topic, request: Request) -> Answer | AwsError:
        entries = request.params["PublishBatchRequestEntries"]
        refusal = refused_batch(entries)
        if refusal:
            return refusal
        done: list[dict[str, Any]] = []
        failed: list[dict[str, Any]] = []
        for entry in entries:
            wrong = refused(topic, entry)
            if wrong is None:
                done.append({"Id": entry["Id"], **self._accept(topic, entry, request)})
            else:
                failed.append({"Id": entry["Id"], "Code": wrong.code, "Message": wrong.message, "SenderFault": True})
        return Answer({"Successful": done, "Failed": failed})

    def _accept(self, topic: Topic, params: Mapping[str, Any], request: Request) -> dict[str, Any]:
        """Take a message in: the caller has its answer, and what follows is SNS's work."""
        world, now = self._world, self._world.kernel.now
        sequence, identity = None, ""
        if topic.fifo:
            identity = identity_of(params)
            before = topic.copy_of(params, identity, now)
            if before is not None:
                world.trace.record(TopicDeduplicated(topic.name, before[0], identity))
                return {"MessageId": before[0], "SequenceNumber": before[1]}
            sequence = topic.next_sequence()
        message_id = world.new_uuid("sns")
        if topic.fifo and sequence is not None:
            topic.remember(params, identity, now, message_id, sequence)
        wanted = []
        world.trace.record(
            MessageAccepted(topic.name, message_id, params["Message"], params.get("MessageGroupId"), request.source)
        )
        for subscription, passes in wanting(topic, params):
            if passes:
                wanted.append(subscription)
            else:
                world.trace.record(TopicFiltered(topic.name, message_id, subscription.arn, subscription.endpoint))
        published = Published(
            topic, message_id, params, world.timestamp(), now, sequence, request.trace_header, request.lineage
        )
        self._delivery.send(published, wanted)
        return {"MessageId": message_id} | ({"SequenceNumber": sequence} if sequence else {})

    def _subscribe(self, topic: Topic, request: Request) -> Answer | AwsError:
        params = request.params
        topic.made += 1
        made = read_subscription(
            topic,
            str(params["Protocol"]),
            str(params.get("Endpoint", "")),
            params.get("Attributes") or {},
            f"{topic.arn}:{self._world.new_uuid('sns-subscriptions')}",
        )
        if isinstance(made, AwsError):
            return made
        for before in topic.subscriptions:
            if (before.protocol, before.endpoint) == (made.protocol, made.endpoint):  # it is there: BC Subscribe
                return Answer({"SubscriptionArn": before.arn})
        topic.subscriptions.append(made)
        self._ask(topic, made)
        wants_arn = params.get("ReturnSubscriptionArn") or made.state == "confirmed"
        return Answer({"SubscriptionArn": made.arn if wants_arn else "pending confirmation"})

    def _ask(self, topic: Topic, made: Subscription) -> None:
        """Record a subscription; an HTTP endpoint gets a request to confirm it, and does when it answers 200."""
        self._tell(topic, made)
        if made.state == "pending":
            made.token = self._world.new_uuid("sns-tokens").replace("-", "") * 8
            self._world.kernel.spawn(self._confirmation(topic, made))

    def _confirmation(self, topic: Topic, made: Subscription) -> Process[None]:
        """Whoever answers has confirmed: the scenario's hosts cannot visit the URL themselves (A-115)."""
        message_id = self._world.new_uuid("sns")
        body = compact(shapes.confirmation(topic.arn, message_id, self._world.timestamp(), made.token))
        error = yield from post(self._world, made.endpoint, body)
        if error is None and made.state == "pending":
            made.state = "confirmed"
            self._tell(topic, made)

    def _tell(self, topic: Topic, made: Subscription) -> None:
        policy = made.filter.pattern.text if made.filter else None
        self._world.trace.record(
            TopicSubscribed(topic.name, made.arn, made.protocol, made.endpoint, made.state, made.raw, policy)
        )

    def _confirm(self, topic: Topic, request: Request) -> Answer | AwsError:
        for each in topic.subscriptions:
            if each.token and each.token == request.params["Token"]:
                each.state = "confirmed"
                self._tell(topic, each)
                return Answer({"SubscriptionArn": each.arn})
        return invalid("Token")

    def _unsubscribe(self, topic: Topic, found: Subscription, request: Request) -> Answer | AwsError:
        topic.subscriptions.remove(found)
        self._world.trace.record(
            TopicSubscribed(topic.name, found.arn, found.protocol, found.endpoint, "gone", found.raw, None)
        )
        return Answer()

    def _set_attribute(self, topic: Topic, found: Subscription, request: Request) -> Answer | AwsError:
        name, value = request.params["AttributeName"], request.params.get("AttributeValue", "")
        if name not in KNOWN:
            return invalid("AttributeName")
        refusal = set_attribute(found, name, value)
        if refusal is None:
            self._tell(topic, found)
        return refusal or Answer()

    def _listed(self, topics: list[Topic], params: Mapping[str, Any]) -> Answer:
        shown = [
            {
                "SubscriptionArn": each.arn if each.state == "confirmed" else PENDING,
                "Owner": ACCOUNT_ID,
                "Protocol": each.protocol,
                "Endpoint": each.endpoint,
                "TopicArn": topic.arn,
            }
            for topic in topics
            for each in topic.subscriptions
        ]
        return _page("Subscriptions", shown, params)


def _find(topic: Topic | None, arn_: str) -> Subscription | None:
    return next((each for each in topic.subscriptions if each.arn == arn_), None) if topic else None


def _topic_attributes(topic: Topic) -> dict[str, str]:
    confirmed = sum(each.state == "confirmed" for each in topic.subscriptions)
    shown = {
        "TopicArn": topic.arn,
        "Owner": ACCOUNT_ID,
        "DisplayName": topic.display_name,
        "SubscriptionsConfirmed": str(confirmed),
        "SubscriptionsPending": str(len(topic.subscriptions) - confirmed),
        "SubscriptionsDeleted": "0",
    }
    if topic.fifo:
        shown |= {"FifoTopic": "true", "ContentBasedDeduplication": str(topic.content_deduplication).lower()}
    return shown


def _shown(topic: Topic, found: Subscription) -> dict[str, str]:
    shown = {
        "SubscriptionArn": found.arn,
        "TopicArn": topic.arn,
        "Protocol": found.protocol,
        "Endpoint": found.endpoint,
        "Owner": ACCOUNT_ID,
        "RawMessageDelivery": str(found.raw).lower(),
        "PendingConfirmation": str(found.state == "pending").lower(),
        "ConfirmationWasAuthenticated": "true" if found.state == "confirmed" else "false",
    }
    if found.filter is not None:
        scope = "MessageBody" if found.filter.on_body else "MessageAttributes"
        shown |= {"FilterPolicy": found.filter.pattern.text, "FilterPolicyScope": scope}
    if found.dead_letter is not None:
        shown["RedrivePolicy"] = compact({"deadLetterTargetArn": found.dead_letter})
    return shown


def _page(member: str, shown: list[Any], params: Mapping[str, Any]) -> Answer:
    """One page of a hundred. BC ListTopics"""
    token = str(params.get("NextToken") or "0")
    start = int(token) if token.isdecimal() and len(token) < 10 else 0
    more = {"NextToken": str(start + 100)} if start + 100 < len(shown) else {}
    return Answer({member: shown[start : start + 100]} | more)
