"""From an event on a bus to its targets, and the clocks of scheduled rules. Facts F.4 and A.4."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Principal, World
from lambdalab.simulator.kernel import Micros, Process
from lambdalab.simulator.services.events.bus import DEFAULT, Bus, Rule, Target
from lambdalab.simulator.services.events.inputs import input_of, text_at
from lambdalab.simulator.services.events.putting import seconds
from lambdalab.simulator.services.targets import Assume, Call, Shipment, call_for, service_of, ship
from lambdalab.simulator.trace.facts import EventDuplicated, EventPut, RuleFired, TargetGivenUp
from lambdalab.simulator.vocabulary.assumptions.events import EVENT_DELIVERY, RULE_SECOND_MAX
from lambdalab.simulator.vocabulary.events.eventbridge import envelope
from lambdalab.simulator.vocabulary.events.plain import compact
from lambdalab.simulator.vocabulary.patterns.matching import read_event

SHOWN_MAX = 4_096  # characters of a detail in the trace


class Delivery:
    """Matches events with rules and sends them on."""

    def __init__(self, world: World, buses: Mapping[str, Bus], assume: Callable[[], Assume]) -> None:
        self._world = world
        self._buses = buses
        self._assume = assume

    def put(
        self, bus: str, event: Mapping[str, Any], put_by: str, chunks: int = 0, trace_header: str | None = None
    ) -> None:
        """An event has reached a bus: every rule that it meets gets it."""
        world, there = self._world, self._buses.get(bus)
        seen = read_event(compact(event))
        met = [
            rule
            for rule in (there.rules.values() if there else ())
            if rule.enabled and rule.pattern is not None and rule.pattern.meets(seen)
        ]
        detail = compact(event["detail"])[:SHOWN_MAX]
        names = tuple(rule.name for rule in met)
        world.trace.record(
            EventPut(
                bus, event["id"], event["source"], event["detail-type"], detail, put_by, names, chunks, there is None
            )
        )
        for rule in met:
            self._send(rule, event, trace_header)
            if world.faults.striking("duplicate", "eventbridge"):
                world.trace.record(EventDuplicated(rule.bus, rule.name, event["id"]))
                self._send(rule, event, trace_header)

    def _send(self, rule: Rule, event: Mapping[str, Any], trace_header: str | None) -> None:
        received, accepted = self._world.timestamp(), self._world.kernel.now
        for target in list(rule.targets.values()):
            self._world.kernel.spawn(self._deliver(rule, target, event, received, accepted, trace_header))

    def _deliver(
        self,
        rule: Rule,
        target: Target,
        event: Mapping[str, Any],
        received: str,
        accepted: Micros,
        trace_header: str | None,
    ) -> Process[None]:
        world, (low, high, usual) = self._world, EVENT_DELIVERY
        yield from world.kernel.sleep(
            Micros(round(world.kernel.random_for("events/delivery").triangular(low, high, usual)))
        )
        via = f"rule/{rule.name}"
        try:
            call = self._call(rule, target, event, received)
        except ValueError as error:  # a template that this event does not fill
            late = world.kernel.now - accepted
            world.trace.record(
                TargetGivenUp(
                    event["id"], rule.bus, via, target.arn, 0, late, "INVALID_JSON", str(error), None, None, None
                )
            )
            return
        yield from ship(
            world,
            Shipment(
                event_id=event["id"],
                bus=rule.bus,
                via=via,
                target=target.arn,
                call=lambda attempt: call,
                caller=lambda: self._caller(rule, target),
                source=f"events/{rule.name}",
                accepted_at=accepted,
                retry=target.retry,
                dead_letter=target.dead_letter,
                sender=lambda: rule.caller,
                undelivered=compact(event),
                attributes={"RULE_ARN": rule.arn, "TARGET_ARN": target.arn},
                trace_header=trace_header,
            ),
        )

    def _call(self, rule: Rule, target: Target, event: Mapping[str, Any], received: str) -> Call:
        """Raises ``ValueError`` when the target's template does not become JSON."""
        if service_of(target.arn) == "events":
            entry = {
                "EventBusName": target.arn,
                "Source": event["source"],
                "DetailType": event["detail-type"],
                "Detail": compact(event["detail"]),
                "Resources": list(event["resources"]),
                "Time": event["time"],
            }
            return "events", "PutEvents", {"Entries": [entry]}
        text = input_of(target.settings, event, rule.arn, received)
        group = (target.settings.get("SqsParameters") or {}).get("MessageGroupId")
        if service_of(target.arn) == "kinesis":  # BC KinesisParameters: without a path the id of the event
            path = (target.settings.get("KinesisParameters") or {}).get("PartitionKeyPath")
            group = text_at(event, str(path)) if path else str(event["id"])
        return call_for(target.arn, text, group)

    def _caller(self, rule: Rule, target: Target) -> Principal | None:
        """EventBridge on behalf of the rule, or the role that the target names."""
        role = target.settings.get("RoleArn")
        return self._assume()(str(role), rule.caller) if role else rule.caller

    def follow(self, rule: Rule) -> None:
        """Begin the clock of a scheduled rule; an older one of the same rule stops by itself."""
        if rule.schedule is not None and rule.enabled:
            self._world.kernel.spawn(self._tick(rule, rule.version), background=True)

    def _tick(self, rule: Rule, version: int) -> Process[None]:
        world, schedule = self._world, rule.schedule
        assert schedule is not None
        second = world.kernel.random_for(f"events/second/{rule.name}").randint(0, RULE_SECOND_MAX)
        late = second if str(rule.expression).startswith("cron") else 0
        moment = world.wall_clock()
        while True:
            due = schedule.next_after(moment)
            if due is None:
                return
            at = Micros(round(due.timestamp() * 1_000_000) - world.epoch_us)
            yield from world.kernel.sleep(Micros(max(0, at + late - world.kernel.now)))
            if rule.version != version or not rule.enabled:
                return
            moment = due
            event_id = world.new_uuid("events")
            world.trace.record(RuleFired(rule.bus, rule.name, event_id, at))
            event = envelope(event_id, "Scheduled Event", "aws.events", seconds(due), (rule.arn,), {})
            self._send(rule, event, None)
            if world.faults.striking("duplicate", "eventbridge"):
                world.trace.record(EventDuplicated(DEFAULT, rule.name, event_id))
                self._send(rule, event, None)
