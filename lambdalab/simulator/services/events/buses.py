"""Changing and reading buses and their policies. Source: botocore's events model; texts in ``refusals``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer, World
from lambdalab.simulator.account.iam import PolicyError, read_policy
from lambdalab.simulator.services.events import refusals
from lambdalab.simulator.services.events.bus import BUSES_MAX, DEFAULT, Bus, bus_name
from lambdalab.simulator.trace.facts import BusCreated, BusDeleted
from lambdalab.simulator.vocabulary.errors import AwsError

POLICY_CHARACTERS_MAX = 10_240  # User Guide, "Amazon EventBridge quotas"
Operation = Callable[[Mapping[str, Any]], Answer | AwsError]


class Buses:
    """The buses of the account."""

    def __init__(self, world: World, buses: dict[str, Bus]) -> None:
        self._world = world
        self._buses = buses
        self.operations: Mapping[str, Operation] = {
            "CreateEventBus": self._create_bus,
            "DeleteEventBus": self._delete_bus,
            "DescribeEventBus": self._describe_bus,
            "ListEventBuses": self._list_buses,
            "PutPermission": self._put_permission,
            "RemovePermission": self._remove_permission,
        }

    def add_bus(self, bus: Bus, shown_as: str) -> None:
        """A new bus."""
        self._buses[bus.name] = bus
        self._world.trace.record(BusCreated(bus.name, shown_as, bus.arn))

    def set_policy(self, bus: Bus) -> None:
        """Let a bus's statements be its resource policy. Raises :class:`PolicyError`."""
        policy = None
        if bus.statements:
            name, document = f"the policy of the event bus {bus.name}", _document(bus)
            policy = read_policy(document, name, "resource-based", size_max=POLICY_CHARACTERS_MAX)
        self._world.iam.set_policy(bus.arn, policy)

    def _create_bus(self, params: Mapping[str, Any]) -> Answer | AwsError:
        name = params["Name"]
        if name in self._buses:
            return refusals.bus_exists(name)
        if "/" in name:
            return refusals.validation("Event bus name must not contain '/'.")
        if len(self._buses) >= BUSES_MAX:
            return refusals.too_many()
        bus = Bus(name, description=params.get("Description"))
        self.add_bus(bus, name)
        return Answer({"EventBusArn": bus.arn} | ({"Description": bus.description} if bus.description else {}))

    def _delete_bus(self, params: Mapping[str, Any]) -> Answer | AwsError:
        name = bus_name(params["Name"])
        if name == DEFAULT:
            return refusals.validation("Cannot delete event bus default.")
        bus = self._buses.get(name)
        if bus is None:
            return Answer()  # deleting twice is no error (LS)
        if bus.rules:
            return refusals.validation(f"EventBus {name} can't be deleted since it has rules.")
        del self._buses[name]
        self._world.iam.set_policy(bus.arn, None)
        self._world.trace.record(BusDeleted(name))
        return Answer()

    def _describe_bus(self, params: Mapping[str, Any]) -> Answer | AwsError:
        bus = self._bus(params.get("Name"))
        if isinstance(bus, AwsError):
            return bus
        policy = {"Policy": json.dumps(_document(bus), separators=(",", ":"))} if bus.statements else {}
        return Answer({"Name": bus.name, "Arn": bus.arn} | policy)

    def _list_buses(self, params: Mapping[str, Any]) -> Answer:
        prefix = params.get("NamePrefix", "")
        shown = [{"Name": b.name, "Arn": b.arn} for b in self._buses.values() if b.name.startswith(prefix)]
        return page_of("EventBuses", shown, params)

    def _put_permission(self, params: Mapping[str, Any]) -> Answer | AwsError:
        bus = self._bus(params.get("EventBusName"))
        if isinstance(bus, AwsError):
            return bus
        before = dict(bus.statements)
        if params.get("Policy"):
            try:
                listed = json.loads(params["Policy"])["Statement"]
                listed = listed if isinstance(listed, list) else [listed]
                bus.statements = {str(each.get("Sid", number)): each for number, each in enumerate(listed)}
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                return refusals.validation("This policy contains invalid Json")
        elif not all(params.get(name) for name in ("Action", "Principal", "StatementId")):
            return refusals.validation("Parameter EventBusName or Policy, or Action, Principal and StatementId needed.")
        else:
            bus.statements[params["StatementId"]] = _statement(bus, params)
        try:
            self.set_policy(bus)
        except PolicyError as error:
            bus.statements = before
            return refusals.validation(f"This policy is not valid: {error}")
        return Answer()

    def _remove_permission(self, params: Mapping[str, Any]) -> Answer | AwsError:
        bus = self._bus(params.get("EventBusName"))
        if isinstance(bus, AwsError):
            return bus
        if params.get("RemoveAllPermissions"):
            bus.statements.clear()
        elif bus.statements.pop(str(params.get("StatementId")), None) is None:
            return AwsError("ResourceNotFoundException", "Statement with the provided id does not exist.", 400)
        self.set_policy(bus)
        return Answer()

    def _bus(self, reference: str | None) -> Bus | AwsError:
        name = bus_name(reference)
        return self._buses.get(name) or refusals.no_bus(name)


def _statement(bus: Bus, params: Mapping[str, Any]) -> dict[str, Any]:
    who = params["Principal"]
    principal: Any = who if who == "*" else {"AWS": f"arn:aws:iam::{who}:root"}
    made = {"Sid": params["StatementId"], "Effect": "Allow", "Principal": principal, "Action": params["Action"],
            "Resource": bus.arn}  # fmt: skip
    condition = params.get("Condition")
    if condition:
        made["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    return made


def _document(bus: Bus) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(bus.statements.values())}


def page_of(member: str, shown: list[Any], params: Mapping[str, Any]) -> Answer:
    """One page of a list."""
    token = str(params.get("NextToken") or "0")
    start = int(token) if token.isdecimal() and len(token) < 10 else 0
    end = start + (params.get("Limit") or 100)
    return Answer({member: shown[start:end]} | ({"NextToken": str(end)} if end < len(shown) else {}))
