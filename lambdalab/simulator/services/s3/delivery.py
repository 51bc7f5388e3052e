"""Bringing notifications to functions, queues, topics and EventBridge: at least once, usually within seconds, in no
order. Fact F.1."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from lambdalab.simulator.account import Principal, Request, World, service_principal
from lambdalab.simulator.kernel import Micros, Process
from lambdalab.simulator.services.s3.configuration import Notification
from lambdalab.simulator.services.s3.names import bucket_arn
from lambdalab.simulator.services.s3.records import BusEvent, Happened, bus_event_of, event_of, test_event
from lambdalab.simulator.trace.facts import FaultApplied, NotificationLost, NotificationSent
from lambdalab.simulator.vocabulary.arns import queue_url
from lambdalab.simulator.vocabulary.assumptions.storage import (
    S3_COLLAPSE_WINDOW,
    S3_DELIVERY,
    S3_LATE,
    S3_REORDER_WINDOW,
)
from lambdalab.simulator.vocabulary.errors import AwsError

SUBJECT = "Amazon S3 Notification"  # of what S3 publishes to a topic. S3 User Guide, "Event message structure"


class Delivery:
    """Sends what buckets have to tell. Each event of each configuration is on its way by itself."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._underway: dict[tuple[str, str, str], str] = {}  # bucket, key, configuration: the newest sequencer
        self._callers: dict[str, Principal] = {}
        self.bus: Callable[[BusEvent], None] = lambda event: None  # EventBridge's default bus, once there is one

    def tell(self, happened: Happened, notifications: Iterable[Notification]) -> None:
        """Send one event to everybody who wants to know of it."""
        for notification in notifications:
            if notification.wants(f"s3:{happened.name}", happened.key):
                self._send(happened, notification)
                if self._strikes("duplicate", "s3"):
                    self._send(happened, notification)

    def greet(self, bucket: str, notification: Notification) -> None:
        """A queue or topic that has become a target gets a test event."""
        if not notification.target.startswith("arn:aws:lambda:"):
            request = self._request(bucket, notification, test_event(self._world, bucket))
            self._world.kernel.spawn(self._world.api.call(request))

    def tell_bus(self, happened: Happened, operation: str) -> None:
        """Tell EventBridge, which is told of everything that happens in the bucket."""
        self._world.kernel.spawn(self._deliver_to_bus(bus_event_of(self._world, happened, operation)))

    def _deliver_to_bus(self, event: BusEvent) -> Process[None]:
        yield from self._world.kernel.sleep(self._delay())
        self.bus(event)

    def _send(self, happened: Happened, notification: Notification) -> None:
        self._world.kernel.spawn(self._deliver(happened, notification, self._delay()))

    def _delay(self) -> Micros:
        random, (low, high, usual) = self._world.kernel.random_for("s3/delivery"), S3_DELIVERY
        delay = round(random.triangular(low, high, usual))
        if self._strikes("s3", "delay"):
            delay += S3_LATE
        if self._strikes("s3", "reorder"):
            delay += random.randint(0, S3_REORDER_WINDOW)
        return Micros(delay)

    def _strikes(self, kind: str, target: str) -> bool:
        return self._world.faults.striking(kind, target) is not None  # type: ignore[arg-type]

    def _deliver(self, happened: Happened, notification: Notification, delay: Micros) -> Process[None]:
        world = self._world
        about = (happened.bucket, happened.key, notification.id)
        collapses = self._strikes("s3", "collapse")
        if collapses:
            self._underway[about] = happened.sequencer
            delay = Micros(max(delay, S3_COLLAPSE_WINDOW))
        yield from world.kernel.sleep(delay)
        if collapses and self._underway[about] != happened.sequencer:
            world.trace.record(FaultApplied("s3 collapse", "strikes", happened.bucket))
            world.trace.record(
                NotificationLost(
                    happened.bucket, happened.key, happened.name, notification.id, happened.sequencer
                )
            )
            return
        text = event_of(world, happened, notification.id)
        request = self._request(happened.bucket, notification, text)
        handed_on = {"trace_header": happened.trace_header, "lineage": happened.lineage}  # facts H.3 and K.9
        request = msgspec.structs.replace(request, label=happened.key, **handed_on)
        answer = yield from world.api.call(request)
        error = f"{answer.code}: {answer.message}" if isinstance(answer, AwsError) else None
        world.trace.record(
            NotificationSent(
                happened.bucket,
                happened.key,
                happened.name,
                notification.id,
                notification.target,
                happened.sequencer,
                delay,
                error,
            )
        )

    def _request(self, bucket: str, notification: Notification, text: str) -> Request:
        """The call that brings ``text`` to the target, as S3 on behalf of the bucket."""
        caller, source = self._caller(bucket), f"s3/{bucket}"
        service, resource = notification.target.split(":")[2], notification.target.split(":", 5)[5]
        if service == "lambda":
            name = resource.removeprefix("function:")
            params = {"FunctionName": name, "InvocationType": "Event", "Payload": text.encode()}
            return Request(caller, "lambda", "Invoke", params, source)
        if service == "sqs":
            params = {"QueueUrl": queue_url(resource), "MessageBody": text}
            return Request(caller, "sqs", "SendMessage", params, source)
        params = {"TopicArn": notification.target, "Message": text, "Subject": SUBJECT}
        return Request(caller, "sns", "Publish", params, source)

    def _caller(self, bucket: str) -> Principal:
        if bucket not in self._callers:
            self._callers[bucket] = service_principal("s3.amazonaws.com", bucket_arn(bucket))
        return self._callers[bucket]
