"""Which resources an update changes, and how: in place, by replacing them, or not at all yet."""

from __future__ import annotations

from collections.abc import Iterator

from lambdalab.simulator.project.names import NAME_PROPERTY
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.project.updating.table import KINDS, has_kind

CUSTOM_NAMED = (
    "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename {} and update the "
    "stack again."
)


def differing(before: Resource, after: Resource) -> frozenset[str]:
    """The names of the properties in which two resources differ."""
    names = {*before.properties, *after.properties}
    return frozenset(name for name in names if before.properties.get(name) != after.properties.get(name))


def is_replaced(before: Resource, after: Resource) -> bool:
    """Whether CloudFormation makes a new resource in the place of the old one."""
    return before.type != after.type or bool(differing(before, after) & KINDS[after.type].replacing)


def name_in_the_way(old: Template, before: Resource, new: Template, after: Resource) -> str | None:
    """The name that a new resource would share with the one that it replaces; None where names are no matter."""
    if before.type != after.type or after.type not in NAME_PROPERTY or not is_replaced(before, after):
        return None
    return new.name(after) if old.name(before) == new.name(after) else None


def refused(old: Template, new: Template) -> Iterator[Problem]:
    """What an update of these resources cannot do here yet, each at its place."""
    for after in new.resources.values():
        before = old.resources.get(after.logical_id)
        if before is None or not has_kind(after.type) or before.type != after.type:
            continue
        kept = KINDS[after.type].keeps(before, after)
        for prop in sorted(differing(before, after) & (KINDS[after.type].unchangeable | {kept})):
            text = f"a deploy step cannot change {prop} of {after.type} yet."
            yield new.problem(after, prop, text, "Keep it as it is.", "unsupported")
        name = NAME_PROPERTY.get(after.type, "")
        if name_in_the_way(old, before, new, after) and name not in after.properties:
            text = f"this change replaces {after.logical_id}, whose generated name would change: not here yet."
            yield new.problem(
                after, name, text, f"Give it a {name} in both templates, another one in this.", "unsupported"
            )
