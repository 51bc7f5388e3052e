"""Subscription filters: what they want goes to a function in batches, gzipped and in base64. Facts F.8 and G.4.

Source: Amazon CloudWatch Logs User Guide, "Subscription filters with AWS Lambda", read 2026-11: what cannot be
delivered is tried again for up to 24 hours. How long events are collected is A-117.
"""

from __future__ import annotations

import base64
import gzip
import json

from lambdalab.simulator.account import Principal, World, service_principal
from lambdalab.simulator.kernel import Micros, Process
from lambdalab.simulator.services.logs.store import LogEvent, LogGroup, LogStream, SubscriptionFilter
from lambdalab.simulator.services.targets import EVENT_AGE_S_MAX, RetryPolicy, Shipment, call_for, ship
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, REGION
from lambdalab.simulator.vocabulary.assumptions.observing import LOG_BATCH_EVENTS, LOG_BATCH_WINDOW
from lambdalab.simulator.vocabulary.events.plain import compact

NAMES = ("logs.amazonaws.com", f"logs.{REGION}.amazonaws.com")  # a function's policy may name either

Key = tuple[str, str, str]  # group, stream, filter


class Subscriptions:
    """Collects events for each filter and stream, and sends them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._waiting: dict[Key, list[LogEvent]] = {}

    def see(self, group: LogGroup, stream: LogStream, events: list[LogEvent]) -> None:
        """New events of a group with filters."""
        for each in group.filters.values():
            wanted = [event for event in events if each.wants(event.message)]
            if wanted and each.reaches:
                self._collect(group, stream, each, wanted)

    def _collect(self, group: LogGroup, stream: LogStream, to: SubscriptionFilter, events: list[LogEvent]) -> None:
        key = (group.name, stream.name, to.name)
        waiting = self._waiting.get(key)
        if waiting is None:
            self._waiting[key] = list(events)
            self._world.kernel.spawn(self._send(group, stream, to, key))
        else:
            waiting.extend(events)

    def _send(self, group: LogGroup, stream: LogStream, to: SubscriptionFilter, key: Key) -> Process[None]:
        low, high = LOG_BATCH_WINDOW
        delay = self._world.kernel.random_for("logs/subscriptions").randint(low, high)
        yield from self._world.kernel.sleep(Micros(delay))
        events = self._waiting.pop(key)
        for start in range(0, len(events), LOG_BATCH_EVENTS):
            batch = events[start : start + LOG_BATCH_EVENTS]
            yield from self._ship(group, stream, to, batch)

    def _ship(
        self, group: LogGroup, stream: LogStream, to: SubscriptionFilter, events: list[LogEvent]
    ) -> Process[None]:
        text = payload(group.name, stream.name, to.name, events)
        shipment = Shipment(
            event_id=events[0].id,
            bus=None,
            via=f"filter/{to.name}",
            target=to.target,
            call=lambda attempt: call_for(to.target, text),
            caller=lambda: self.caller(group, to.target),
            source=f"logs/{to.name}",
            accepted_at=self._world.kernel.now,
            retry=RetryPolicy(age_s=EVENT_AGE_S_MAX),
        )
        yield from ship(self._world, shipment)

    def caller(self, group: LogGroup, target: str) -> Principal:
        """CloudWatch Logs on behalf of a group, under the name that the function's policy lets in."""
        callers = [service_principal(name, group.arn) for name in NAMES]
        allowed = (each for each in callers if self._world.iam.denied(each, "lambda:InvokeFunction", target) is None)
        return next(allowed, callers[0])


def payload(group: str, stream: str, name: str, events: list[LogEvent]) -> str:
    """What the function gets: ``{"awslogs": {"data": …}}``. Its shape: fact F.8."""
    document = {
        "messageType": "DATA_MESSAGE",
        "owner": ACCOUNT_ID,
        "logGroup": group,
        "logStream": stream,
        "subscriptionFilters": [name],
        "logEvents": [{"id": each.id, "timestamp": each.timestamp, "message": each.message} for each in events],
    }
    packed = gzip.compress(compact(document).encode("utf-8", "replace"), mtime=0)
    return json.dumps({"awslogs": {"data": base64.b64encode(packed).decode()}})
