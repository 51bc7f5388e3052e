"""What is wrong inside an API's definition, before it is known where in the author's file it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.project.problems import Problem, Severity
from lambdalab.simulator.project.resources.http.common import problem
from lambdalab.simulator.project.template import Resource, Template


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about a property of a resource; ``path`` leads on from there."""

    resource: Resource
    prop: str
    text: str
    fix: str = ""
    severity: Severity = "error"
    path: tuple[str | int, ...] = ()


def told(template: Template, findings: Iterable[Finding]) -> Iterator[Problem]:
    """Findings with their places; what SAM has made stands where it came from."""
    for one in findings:
        if one.resource.origin == one.resource.logical_id:
            place = ("Resources", one.resource.origin, "Properties", one.prop, *one.path)
            yield template.source.problem(place, f"{one.resource.logical_id}: {one.text}", one.fix, one.severity)
        else:
            yield problem(template, one.resource, one.prop, one.text, one.fix, one.severity)


def mapping(value: Any) -> dict[str, Any]:
    """A mapping as it is; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def listing(value: Any) -> list[Any]:
    """A list as it is; anything else is an empty one."""
    return value if isinstance(value, list) else []
