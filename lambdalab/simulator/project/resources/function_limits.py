"""Lengths, patterns and choices that CreateFunction keeps, told before the run. Source: botocore's lambda model; LS."""

from __future__ import annotations

import re

from lambdalab.simulator.account.constraints import violated
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.template import Resource, Template

NAME_CHARACTERS_MAX = 64  # BC CreateFunction: "If you specify only the function name, it is limited to 64 characters"
_NAME = re.compile(r"[a-zA-Z0-9-_]+")
_TEXTS = ("Description", "Handler")


def check(template: Template, resource: Resource) -> list[Problem]:
    """What is too long, has a character that it must not have, or is none of the choices."""
    problems = _check_name(template, resource)
    for name in _TEXTS:
        value = resource.properties.get(name)
        if isinstance(value, str):
            problems += _check_member(template, resource, name, value)
    architectures = resource.properties.get("Architectures")
    if architectures is None:
        return problems
    if not isinstance(architectures, list) or not architectures:
        text = "Architectures is a list of one: x86_64 or arm64."
        return [*problems, template.problem(resource, "Architectures", text, "Write Architectures: [arm64].")]
    return problems + _check_member(template, resource, "Architectures", list(map(str, architectures)))


def _check_name(template: Template, resource: Resource) -> list[Problem]:
    name = resource.properties.get("FunctionName")
    if not isinstance(name, str):
        return []
    wrong = ""
    if len(name) > NAME_CHARACTERS_MAX:
        wrong = f"have length less than or equal to {NAME_CHARACTERS_MAX}"
    elif not _NAME.fullmatch(name):
        wrong = f"satisfy regular expression pattern: {_NAME.pattern}"
    if not wrong:
        return []
    text = f"1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: Member must "
    fix = f"Use 1 to {NAME_CHARACTERS_MAX} letters, digits, hyphens and underscores."
    return [template.problem(resource, "FunctionName", text + wrong, fix)]


def _check_member(template: Template, resource: Resource, name: str, value: str | list[str]) -> list[Problem]:
    refusal = violated("lambda", "CreateFunction", {name: value})
    return [] if refusal is None else [template.problem(resource, name, refusal.message)]
