"""What the resources in front of functions share: places in the author's file, functions by reference, CORS."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.policies import functions
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.vocabulary.arns import split_name


def problem(
    template: Template, resource: Resource, prop: str, text: str, fix: str = "", severity: Any = "error", sam: str = ""
) -> Problem:
    """At its place: a resource of the author's own, or the property ``sam`` of the one that SAM made it of."""
    if resource.origin == resource.logical_id:
        return template.problem(resource, prop, text, fix, severity)
    body = template.source.value["Resources"].get(resource.origin)
    given = (body or {}).get("Properties") or {}
    path = ("Resources", resource.origin, "Properties", sam or prop)
    place = path if (sam or prop) in given else path[:2]
    return template.source.problem(place, f"{resource.logical_id}: {text}", fix, severity)


def is_function(template: Template, reference: Any) -> bool:
    """Whether a name or ARN is that of a function, version or alias of this template."""
    return isinstance(reference, str) and split_name(reference) in functions(template)


def is_one_of(value: Any, known: Collection[str]) -> bool:
    """Whether a reference is a text that names one of these."""
    return isinstance(value, str) and value in known


def shown(template: Template, function: str, qualifier: str | None = None) -> str:
    """What people call a function, with its qualifier."""
    called = (template.shown_as(r) for r in template.of_type("AWS::Lambda::Function") if template.name(r) == function)
    return next(called, function) + (f":{qualifier}" if qualifier else "")


CORS_KEYS = frozenset({"AllowOrigins", "AllowMethods", "AllowHeaders", "ExposeHeaders", "AllowCredentials", "MaxAge"})


def wrong_cors(given: Any) -> str | None:
    """What is wrong with such a configuration, in a sentence."""
    if not isinstance(given, dict):
        return "Cors must be a mapping (key: value)."
    unknown = sorted(set(map(str, given)) - CORS_KEYS)
    if unknown:
        return f"{unknown[0]} is nothing that CORS knows; it knows {', '.join(sorted(CORS_KEYS))}."
    age = given.get("MaxAge")
    if age is not None and (not isinstance(age, int) or isinstance(age, bool) or not 0 <= age <= 86_400):
        return f"MaxAge is a number of seconds from 0 to 86400, not {age!r}."
    for key in CORS_KEYS - {"MaxAge", "AllowCredentials"}:
        listed = given.get(key)
        if listed is not None and (not isinstance(listed, list) or not all(isinstance(one, str) for one in listed)):
            return f"{key} must be a list of texts."
    return None
