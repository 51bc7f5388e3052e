"""Checks that every resource type shares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lambdalab.simulator.lambda_.control.configuration import out_of_range_text
from lambdalab.simulator.project.nearest import either
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.template import Resource, Template


def unknown_properties(template: Template, resource: Resource, known: Iterable[str]) -> list[Problem]:
    """A property we do not know is reported, never ignored in silence."""
    return [
        template.problem(
            resource,
            name,
            f"the property {name} of {resource.type} has no effect in lambdalab yet.",
            either(
                template.source.meant(name, known),
                f"Remove it, or list {resource.logical_id} under Metadata: lambdalab: ignore:.",
            ),
            "unsupported",
        )
        for name in resource.properties
        if name not in known
    ]


def not_mappings(template: Template, resource: Resource, *props: str) -> list[Problem]:
    """Properties that must be mappings and are not."""
    return [
        template.problem(resource, prop, f"{prop} must be a mapping (key: value).")
        for prop in props
        if not isinstance(resource.properties.get(prop, {}), dict)
    ]


def out_of_range(template: Template, resource: Resource, prop: str, low: int, high: int, member: str) -> list[Problem]:
    """AWS's own sentence for a number outside its range."""
    return number_out_of_range(template, resource, prop, resource.properties.get(prop), low, high, member)


def number_out_of_range(
    template: Template, resource: Resource, prop: str, value: Any, low: int, high: int, member: str
) -> list[Problem]:
    """The same for a number somewhere inside the property ``prop``."""
    if value is None:
        return []
    if not isinstance(value, int) or isinstance(value, bool):
        return [template.problem(resource, prop, f"{prop} must be a whole number, not {value!r}.")]
    if low <= value <= high:
        return []
    text = out_of_range_text(value, member, low, high)
    return [template.problem(resource, prop, text, f"Choose {low} to {high}.")]


def whole_number(value: Any) -> int | None:
    """A whole number, also one written as a text, as CloudFormation takes it; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def event_problem(
    template: Template, resource: Resource, prop: str, text: str, fix: str = "", severity: Any = "error"
) -> Problem:
    """At its place: a resource of its own, or one that SAM makes of an entry under a function's Events."""
    if resource.origin == resource.logical_id:
        return template.problem(resource, prop, text, fix, severity)
    event = resource.logical_id.removeprefix(resource.origin)
    base = ("Resources", resource.origin, "Properties", "Events", event, "Properties")
    path = (*base, prop)
    where = path if path in template.source.places else base
    return template.source.problem(where, f"{resource.logical_id}: {text}", fix, severity)
