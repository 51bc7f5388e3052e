"""Amazon EventBridge behind the front door. Source: botocore's events model; facts F.4, A.4 and G.4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lambdalab.simulator.account import Answer, Request, Right, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services.events.bus import DEFAULT, Bus, Rule, bus_arn, bus_name, rule_arn
from lambdalab.simulator.services.events.buses import Buses
from lambdalab.simulator.services.events.delivery import Delivery
from lambdalab.simulator.services.events.putting import (
    chunks_of,
    event_of,
    refused_entry,
    refused_request,
    seconds,
)
from lambdalab.simulator.services.events.rules import Rules
from lambdalab.simulator.services.targets import Assume, nobody
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.events.eventbridge import envelope

_ON_RULE = {
    "PutRule": "Name", "DeleteRule": "Name", "DescribeRule": "Name", "EnableRule": "Name", "DisableRule": "Name",
    "PutTargets": "Rule", "RemoveTargets": "Rule", "ListTargetsByRule": "Rule",
}  # fmt: skip
_ON_ALL = ("ListEventBuses", "TestEventPattern")


class EventsService:
    """The buses of the account. There is always the default bus."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.buses: dict[str, Bus] = {DEFAULT: Bus(DEFAULT)}
        self.assume: Assume = nobody
        self.delivery = Delivery(world, self.buses, lambda: self.assume)
        self.bus_api = Buses(world, self.buses)
        self.rule_api = Rules(world, self.buses, self.delivery.follow)
        self._operations = {**self.bus_api.operations, **self.rule_api.operations}
        world.api.register("events", self, self)

    @property
    def has_schedule(self) -> bool:
        """Whether a rule is due by the clock."""
        return any(rule.enabled and rule.schedule for bus in self.buses.values() for rule in bus.rules.values())

    def deploy_rule(self, rule: Rule) -> None:
        """Add a rule with its targets, which have been checked."""
        self.buses[rule.bus].rules[rule.name] = rule
        self.rule_api.tell(rule)

    def clear(self) -> None:
        """Nothing stays but the default bus."""
        for bus in self.buses.values():
            for rule in bus.rules.values():
                rule.enabled = False
            bus.rules.clear()
        self.buses.clear()
        self.buses[DEFAULT] = Bus(DEFAULT)

    def publish(self, source: str, detail_type: str, resources: Sequence[str], detail: Mapping[str, Any],
                put_by: str, trace_header: str | None = None) -> None:  # fmt: skip
        """An AWS service tells the default bus of something, which costs nothing."""
        event_id = self._world.new_uuid("events")
        at = seconds(self._world.wall_clock())
        event = envelope(event_id, detail_type, source, at, resources, dict(detail))
        self.delivery.put(DEFAULT, event, put_by, trace_header=trace_header)

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The rule or bus that a call acts on."""
        if operation == "PutEvents":
            name = bus_name((params["Entries"] or [{}])[0].get("EventBusName"))
            return bus_arn(name), name
        if operation in _ON_RULE:
            bus, name = bus_name(params.get("EventBusName")), str(params[_ON_RULE[operation]])
            return rule_arn(bus, name), name
        if operation in _ON_ALL:
            return arn("events", "*"), ""
        name = bus_name(params.get("EventBusName") or params.get("Name"))
        return bus_arn(name), name

    def rights(self, operation: str, params: dict[str, Any]) -> Iterable[Right]:
        """PutEvents needs the bus of every entry; conditions may ask for its source and detail-type.

        Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon EventBridge".
        """
        if operation != "PutEvents":
            resource, _ = self.resource(operation, params)
            return [Right(f"events:{operation}", resource)]
        return [
            Right("events:PutEvents", bus_arn(bus_name(entry.get("EventBusName"))), _keys(entry))
            for entry in params["Entries"][:10]
        ]

    def refusal(self, operation: str, error: AwsError) -> AwsError:
        """As IAM says it."""
        return error

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        yield from ()  # a generator, like every service
        if request.operation == "PutEvents":
            return self._put(request)
        operation = self._operations.get(request.operation)
        return operation(request.params) if operation else unsupported(request)

    def _put(self, request: Request) -> Answer | AwsError:
        entries = request.params["Entries"]
        refusal = refused_request(entries)
        if refusal:
            return refusal
        results = [self._put_one(entry, request) for entry in entries]
        return Answer({"FailedEntryCount": sum("ErrorCode" in each for each in results), "Entries": results})

    def _put_one(self, entry: Mapping[str, Any], request: Request) -> dict[str, str]:
        forwarded = request.source.startswith("events/")
        refused = refused_entry(entry, trusted=forwarded)
        if refused:
            return {"ErrorCode": refused[0], "ErrorMessage": refused[1]}
        event_id = self._world.new_uuid("events")
        header = entry.get("TraceHeader") or request.trace_header
        event, bus = event_of(self._world, entry, event_id), bus_name(entry.get("EventBusName"))
        self.delivery.put(bus, event, request.source, chunks_of(entry), header)
        return {"EventId": event_id}


def _keys(entry: Mapping[str, Any]) -> dict[str, str]:
    named = {"events:source": entry.get("Source"), "events:detail-type": entry.get("DetailType")}
    return {key: str(value) for key, value in named.items() if value}
