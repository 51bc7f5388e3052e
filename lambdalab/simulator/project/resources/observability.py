"""How a function is watched: LoggingConfig and TracingConfig. Source: botocore's lambda model, facts B.4 and H.3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.lambda_.log_settings import wrong_logging
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.template import Resource, Template

TRACING_MODES = ("Active", "PassThrough")


def tracing_mode(props: Mapping[str, Any]) -> str:
    """The TracingConfig's mode of checked properties. Default: fact H.3."""
    return str((props.get("TracingConfig") or {}).get("Mode", "PassThrough"))


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with it."""
    found = wrong_logging(resource.properties.get("LoggingConfig") or {})
    problems = [template.problem(resource, "LoggingConfig", text) for text in found]
    mode = tracing_mode(resource.properties)
    if mode not in TRACING_MODES:
        text = f"Mode must be Active or PassThrough, not {mode!r}."
        problems.append(template.problem(resource, "TracingConfig", text))
    return problems
