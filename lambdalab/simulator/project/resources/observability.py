"""How a function is watched: LoggingConfig and TracingConfig. Source: botocore's lambda model, facts B.4 and H.3."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.lambda_.function import LoggingConfig
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.template import Resource, Template

FORMATS = ("Text", "JSON")
APPLICATION_LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
SYSTEM_LEVELS = ("DEBUG", "INFO", "WARN")
TRACING_MODES = ("Active", "PassThrough")
GROUP = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")


def logging_config(props: Mapping[str, Any]) -> LoggingConfig:
    """The LoggingConfig of checked properties."""
    given = props.get("LoggingConfig") or {}
    usual = LoggingConfig()
    return LoggingConfig(
        given.get("LogFormat", usual.format),
        given.get("ApplicationLogLevel", usual.application_level),
        given.get("SystemLogLevel", usual.system_level),
        given.get("LogGroup"),
    )


def tracing_mode(props: Mapping[str, Any]) -> str:
    """The TracingConfig's mode of checked properties. Default: fact H.3."""
    return str((props.get("TracingConfig") or {}).get("Mode", "PassThrough"))


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with it."""
    config = resource.properties.get("LoggingConfig") or {}
    found = [
        f"{name} must be {', '.join(choices[:-1])} or {choices[-1]}, not {config[name]!r}."
        for name, choices in (
            ("LogFormat", FORMATS),
            ("ApplicationLogLevel", APPLICATION_LEVELS),
            ("SystemLogLevel", SYSTEM_LEVELS),
        )
        if name in config and config[name] not in choices
    ]
    if config.get("LogFormat", "Text") == "Text" and {"ApplicationLogLevel", "SystemLogLevel"} & config.keys():
        found.append("log levels need LogFormat: JSON.")
    group = config.get("LogGroup")
    if group is not None and not (isinstance(group, str) and GROUP.fullmatch(group)):
        found.append(f"LogGroup must be 1 to 512 letters, digits or . - _ / #, not {group!r}.")
    elif isinstance(group, str) and group.startswith("aws/"):
        found.append("LogGroup must not begin with aws/: Lambda could not create it.")
    problems = [template.problem(resource, "LoggingConfig", text) for text in found]
    mode = tracing_mode(resource.properties)
    if mode not in TRACING_MODES:
        text = f"Mode must be Active or PassThrough, not {mode!r}."
        problems.append(template.problem(resource, "TracingConfig", text))
    return problems
