"""Buses, rules and schedules. Source: the update requirement of each property in the
CloudFormation Template Reference, read 2026-11."""

from __future__ import annotations

import json
from typing import Any

from lambdalab.simulator.kernel import SECOND, Micros, Process
from lambdalab.simulator.project.resources import buses
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.project.updating.kind import Failed, Kind, only
from lambdalab.simulator.services.events.bus import bus_name

PATIENCE = Micros(SECOND)  # between two looks at something that is changing


class EventBus(Kind):
    """AWS::Events::EventBus."""

    replacing = frozenset({"Name"})

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """A new bus."""
        yield from ()
        if template.name(resource) in self.deployment.events.buses:
            raise self.exists(resource, template.name(resource))
        buses.deploy_buses(self.world, only(template, resource), self.deployment.events)

    def update(self, old: Template, before: Resource, new: Template, after: Resource) -> Process[None]:
        """Its policy."""
        yield from ()
        buses.give_statements(new, self.deployment.events, new.name(after))

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """The bus, which has no rules any more."""
        yield from self.ask("events", "DeleteEventBus", Name=template.name(resource))


class BusPolicy(Kind):
    """AWS::Events::EventBusPolicy: one statement of a bus."""

    replacing = frozenset({"EventBusName", "StatementId"})

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """The bus lets in whom the template names."""
        yield from ()
        buses.put_statement(resource, self.deployment.events)

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """One statement less."""
        yield from ()
        buses.remove_statement(resource, self.deployment.events)


class Rule(Kind):
    """AWS::Events::Rule, with its targets."""

    replacing = frozenset({"Name", "EventBusName"})

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """A new rule."""
        bus = self.deployment.events.buses.get(bus_name(resource.properties.get("EventBusName")))
        if bus is not None and template.name(resource) in bus.rules:
            raise self.exists(resource, template.name(resource))
        try:
            yield from self._put(template, resource)
        except Failed:  # half of it is there
            yield from self.delete(template, resource)
            raise

    def update(self, old: Template, before: Resource, new: Template, after: Resource) -> Process[None]:
        """Another pattern, schedule or state; targets come and go."""
        yield from self._put(new, after)
        gone = sorted(_targets(before).keys() - _targets(after).keys())
        if gone:
            yield from self.ask("events", "RemoveTargets", Rule=new.name(after), Ids=gone, **_bus(after))

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """The targets first: EventBridge keeps a rule that has some."""
        name, listed = template.name(resource), sorted(_targets(resource))
        if listed:
            yield from self.ask("events", "RemoveTargets", Rule=name, Ids=listed, **_bus(resource))
        yield from self.ask("events", "DeleteRule", Name=name, **_bus(resource))

    def _put(self, template: Template, resource: Resource) -> Process[None]:
        props, name = resource.properties, template.name(resource)
        pattern = props.get("EventPattern")
        given: dict[str, Any] = {
            key: props[key] for key in ("ScheduleExpression", "State", "Description", "RoleArn") if key in props
        }
        if pattern is not None:
            given["EventPattern"] = pattern if isinstance(pattern, str) else json.dumps(pattern)
        yield from self.ask("events", "PutRule", Name=name, **given, **_bus(resource))
        if _targets(resource):
            yield from self.ask(
                "events", "PutTargets", Rule=name, Targets=list(_targets(resource).values()), **_bus(resource)
            )


def _targets(resource: Resource) -> dict[str, dict[str, Any]]:
    return {str(each["Id"]): each for each in resource.properties.get("Targets") or []}


def _bus(resource: Resource) -> dict[str, str]:
    name = resource.properties.get("EventBusName")
    return {} if name is None else {"EventBusName": str(name)}


class Schedule(Kind):
    """AWS::Scheduler::Schedule. A schedule of another group is another schedule."""

    replacing = frozenset({"Name", "GroupName"})

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """A new schedule."""
        yield from self.ask("scheduler", "CreateSchedule", **{**resource.properties, "Name": template.name(resource)})

    def update(self, old: Template, before: Resource, new: Template, after: Resource) -> Process[None]:
        """All of it at once: what the template does not say gets its usual value. BC UpdateSchedule"""
        yield from self.ask("scheduler", "UpdateSchedule", **{**after.properties, "Name": new.name(after)})

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """It is due no more."""
        group = {"GroupName": resource.properties["GroupName"]} if "GroupName" in resource.properties else {}
        yield from self.ask("scheduler", "DeleteSchedule", Name=template.name(resource), **group)


class ScheduleGroup(Kind):
    """AWS::Scheduler::ScheduleGroup."""

    replacing = frozenset({"Name"})

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """A new group."""
        yield from self.ask("scheduler", "CreateScheduleGroup", Name=template.name(resource))

    def update(self, old: Template, before: Resource, new: Template, after: Resource) -> Process[None]:
        """Only tags can change."""
        yield from ()

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """With every schedule in it."""
        yield from self.ask("scheduler", "DeleteScheduleGroup", Name=template.name(resource))
