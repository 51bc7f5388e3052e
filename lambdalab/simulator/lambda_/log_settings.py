"""What a LoggingConfig may say. Source: botocore's lambda model; facts B.4 and H.2."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.lambda_.function import LoggingConfig

FORMATS = ("Text", "JSON")
APPLICATION_LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
SYSTEM_LEVELS = ("DEBUG", "INFO", "WARN")
GROUP = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")
USUAL = LoggingConfig()
_CHOICES = (
    ("LogFormat", FORMATS),
    ("ApplicationLogLevel", APPLICATION_LEVELS),
    ("SystemLogLevel", SYSTEM_LEVELS),
)


def wrong_logging(given: Mapping[str, Any], before: LoggingConfig = USUAL) -> list[str]:
    """Everything wrong with a LoggingConfig, a sentence each; ``before`` is the one that it changes."""
    found = [
        f"{name} must be {', '.join(choices[:-1])} or {choices[-1]}, not {given[name]!r}."
        for name, choices in _CHOICES
        if name in given and given[name] not in choices
    ]
    if given.get("LogFormat", before.format) == "Text" and {"ApplicationLogLevel", "SystemLogLevel"} & given.keys():
        found.append("log levels need LogFormat: JSON.")
    group = given.get("LogGroup")
    if group is not None and not (isinstance(group, str) and GROUP.fullmatch(group)):
        found.append(f"LogGroup must be 1 to 512 letters, digits or . - _ / #, not {group!r}.")
    elif isinstance(group, str) and group.startswith("aws/"):
        found.append("LogGroup must not begin with aws/: Lambda could not create it.")
    return found


def logging_config(given: Mapping[str, Any], before: LoggingConfig = USUAL) -> LoggingConfig:
    """``before`` with what a checked LoggingConfig changes. A change of the format begins with the usual levels."""
    name = given.get("LogFormat", before.format)
    usual = before if name == before.format else USUAL
    return LoggingConfig(
        name,
        given.get("ApplicationLogLevel", usual.application_level),
        given.get("SystemLogLevel", usual.system_level),
        given.get("LogGroup", before.group),
    )
