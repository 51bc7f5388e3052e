"""Bringing a message to its subscribers: each by itself, until it accepts or is given up. Fact F.2.

Sources: Amazon SNS Developer Guide, "Amazon SNS message delivery retries", "Amazon SNS dead-letter queues", "Raw
message delivery" and "Fanout to HTTP/S endpoints", read 2026-11.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.account.client import may_pass
from lambdalab.simulator.kernel import SECOND, Micros, Process, Signal
from lambdalab.simulator.services.sns.publishing import identity_of, text_for
from lambdalab.simulator.services.sns.retries import AWS_ENDPOINTS, HTTP_DEFAULT
from lambdalab.simulator.services.sns.topic import Subscription, Topic
from lambdalab.simulator.trace.facts import TopicDelivered, TopicGivenUp, TopicRetried
from lambdalab.simulator.vocabulary.arns import queue_url
from lambdalab.simulator.vocabulary.assumptions.asynchronous import RETRY_JITTER
from lambdalab.simulator.vocabulary.assumptions.events import TOPIC_DELIVERY
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.events import sns as shapes
from lambdalab.simulator.vocabulary.quotas import QUEUE_ATTRIBUTES_MAX

BODY_SHOWN = 4_096


@dataclass(frozen=True, slots=True)
class Published:
    """One message that a topic has accepted."""

    topic: Topic
    message_id: str
    params: Mapping[str, Any]
    at: str
    accepted_at: Micros
    sequence: str | None
    trace_header: str | None
    lineage: Mapping[str, int] | None


class Delivery:
    """Sends what topics have accepted."""

    def __init__(self, world: World) -> None:
        self._world = world

    def send(self, published: Published, wanted: list[Subscription]) -> None:
        """Send a message to these subscribers. On a FIFO topic the messages of a group leave one after the other."""
        for subscription in wanted:
            before = None
            left = self._world.kernel.signal()
            if published.topic.fifo:
                group = str(published.params["MessageGroupId"])
                before = subscription.last.get(group)
                subscription.last[group] = left
            self._world.kernel.spawn(self._deliver(published, subscription, before, left))

    def _deliver(self, published: Published, to: Subscription, before: Signal | None, left: Signal) -> Process[None]:
        world, (low, high, usual) = self._world, TOPIC_DELIVERY
        if before is not None:
            yield from world.kernel.wait(before)
        yield from world.kernel.sleep(
            Micros(round(world.kernel.random_for("sns/delivery").triangular(low, high, usual)))
        )
        attempt, phases = 1, to.phases or (HTTP_DEFAULT if to.protocol in ("http", "https") else AWS_ENDPOINTS)
        body, attributes = self._body(published, to)
        while True:
            error = yield from self._attempt(published, to, body, attributes)
            if error is None:
                self._record_success(published, to, attempt, body)
                break
            delay = phases.delay(attempt) if _may_pass(error) else None
            if delay is None:
                yield from self._give_up(published, to, attempt, error, body, attributes)
                break
            jitter = world.kernel.random_for("sns/retry").uniform(-RETRY_JITTER, RETRY_JITTER)
            delay = Micros(round(delay * (1 + jitter)))
            told = f"{error.code}: {error.message}"[:1_000]
            world.trace.record(
                TopicRetried(published.topic.name, published.message_id, to.arn, to.endpoint, attempt, delay, told)
            )
            yield from world.kernel.sleep(delay)
            attempt += 1
        left.fire()

    def _record_success(self, published: Published, to: Subscription, attempts: int, body: str) -> None:
        age = Micros(self._world.kernel.now - published.accepted_at)
        shown = body[:BODY_SHOWN] if to.protocol in ("http", "https") else None
        self._world.trace.record(
            TopicDelivered(
                published.topic.name,
                published.message_id,
                to.arn,
                to.protocol,
                to.endpoint,
                attempts,
                age,
                shown,
            )
        )

    def _attempt(
        self, published: Published, to: Subscription, body: str, attributes: dict[str, Any]
    ) -> Process[AwsError | None]:
        if to.protocol in ("http", "https"):
            return (yield from post(self._world, to.endpoint, body))
        request = self._request(published, to, body, attributes)
        if isinstance(request, AwsError):
            return request
        answer = yield from self._world.api.call(request)
        return answer if isinstance(answer, AwsError) else None

    def _request(
        self, published: Published, to: Subscription, body: str, attributes: dict[str, Any]
    ) -> Request | AwsError:
        source = f"sns/{published.topic.name}"
        handed_on: dict[str, Any] = {"trace_header": published.trace_header, "lineage": published.lineage}
        caller = published.topic.caller
        if to.protocol == "lambda":
            invoke = {"FunctionName": to.endpoint, "InvocationType": "Event", "Payload": body.encode()}
            return Request(caller, "lambda", "Invoke", invoke, source, **handed_on)
        if len(attributes) > QUEUE_ATTRIBUTES_MAX:  # an error that stays. Guide, "Raw message delivery"
            text = f"A message with raw delivery has at most {QUEUE_ATTRIBUTES_MAX} attributes for a queue."
            return AwsError("InvalidParameterValue", text, 400)
        send: dict[str, Any] = {"QueueUrl": queue_url(to.endpoint.rsplit(":", 1)[-1]), "MessageBody": body}
        send |= {"MessageAttributes": attributes} if attributes else {}
        if to.endpoint.endswith(".fifo"):
            send["MessageGroupId"] = published.params["MessageGroupId"]
            send["MessageDeduplicationId"] = identity_of(published.params)
        elif published.params.get("MessageGroupId"):  # a standard queue takes it, too: a fair queue. Guide
            send["MessageGroupId"] = published.params["MessageGroupId"]
        return Request(caller, "sqs", "SendMessage", send, source, **handed_on)

    def _body(self, published: Published, to: Subscription) -> tuple[str, dict[str, Any]]:
        """The body that a subscriber gets, and the message attributes beside it."""
        params, topic = published.params, published.topic
        attributes: dict[str, Any] = params.get("MessageAttributes") or {}
        text = text_for(params, to.protocol)
        if to.raw:
            return text, dict(attributes) if to.protocol == "sqs" else {}
        told = shapes.notification(
            topic.arn, published.message_id, text, published.at, params.get("Subject"), attributes
        )
        told["SignatureVersion"] = topic.signature_version
        if to.protocol == "lambda":
            return json.dumps({"Records": [shapes.record(to.arn, told)]}), {}
        if published.sequence is not None:
            told["SequenceNumber"] = published.sequence
        return json.dumps(shapes.queue_body(to.arn, told)), {}

    def _give_up(
        self,
        published: Published,
        to: Subscription,
        attempts: int,
        error: AwsError,
        body: str,
        attributes: dict[str, Any],
    ) -> Process[None]:
        """Nothing more is tried; the subscription's dead-letter queue gets what the subscriber did not."""
        refused: AwsError | None = None
        if to.dead_letter is not None:
            params: dict[str, Any] = {"QueueUrl": queue_url(to.dead_letter.rsplit(":", 1)[-1]), "MessageBody": body}
            params |= {"MessageAttributes": attributes} if attributes else {}
            if to.dead_letter.endswith(".fifo") and published.params.get("MessageGroupId"):
                params["MessageGroupId"] = published.params["MessageGroupId"]
                params["MessageDeduplicationId"] = identity_of(published.params)
            source = f"sns/{published.topic.name}"
            answer: Answer | AwsError = yield from self._world.api.call(
                Request(published.topic.caller, "sqs", "SendMessage", params, source)
            )
            refused = answer if isinstance(answer, AwsError) else None
        kept = to.dead_letter is not None and refused is None
        self._world.trace.record(
            TopicGivenUp(
                published.topic.name,
                published.message_id,
                to.arn,
                to.endpoint,
                attempts,
                f"{error.code}: {error.message}"[:1_000],
                to.dead_letter if kept else None,
                f"{refused.code}: {refused.message}"[:1_000] if refused else None,
            )
        )


def _may_pass(error: AwsError) -> bool:
    """Throttles and 5xx pass, everything else stays."""
    return (may_pass(error) or error.status == 429) and error.code != "NotSimulated"


def post(world: World, url: str, body: str) -> Process[AwsError | None]:
    """POST a body to a host on the Internet; None when it answers 200 to 299, else an error that may pass or stays.

    5xx, 429, and an endpoint that cannot be reached may pass; other answers stay. Guide, "Message delivery retries".
    """
    page = world.internet.answer("POST", url, body.encode())
    yield from world.kernel.sleep(page.latency if page is not None else Micros(SECOND // 50))
    if page is None:
        return AwsError("Unreachable", f"nobody answers at {url}", 503)
    if page.fail is not None:
        return AwsError("Unreachable", f"{url} fails: {page.fail}", 503)
    if 200 <= page.status <= 299:
        return None
    return AwsError(f"Http{page.status}", f"{url} answers {page.status}", page.status)


def wanting(topic: Topic, params: Mapping[str, Any]) -> Iterator[tuple[Subscription, bool]]:
    """Each confirmed subscription, and whether its filter policy lets a message pass."""
    attributes = params.get("MessageAttributes") or {}
    for subscription in topic.subscriptions:
        if subscription.state == "confirmed":
            policy = subscription.filter
            yield subscription, policy is None or policy.passes(text_for(params, subscription.protocol), attributes)
