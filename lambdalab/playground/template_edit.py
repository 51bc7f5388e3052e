"""Reads and changes a few settings of a SAM template in place: comments, order and quotes stay. Pure."""

import io
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

SERVERLESS = "AWS::Serverless::Function"
FUNCTION_TYPES = (SERVERLESS, "AWS::Lambda::Function")
Setting = Literal["memory_mb", "timeout_s", "retries", "reserved"]

PROPERTIES: Mapping[Setting, str] = {
    "memory_mb": "MemorySize",
    "timeout_s": "Timeout",
    "reserved": "ReservedConcurrentExecutions",
}
DEFAULTS: Mapping[Setting, int | None] = {"memory_mb": 128, "timeout_s": 3, "retries": 2, "reserved": None}
LIMITS: Mapping[Setting, tuple[int, int]] = {
    "memory_mb": (128, 10_240),
    "timeout_s": (1, 900),
    "retries": (0, 2),
    "reserved": (0, 1_000),
}


class TemplateUnreadable(Exception):
    """The template is no YAML of resources; `line` is where it stops making sense, from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class FunctionSettings:
    """The settings of one function. `None` is a value that the template computes, or no limit."""

    logical_id: str
    memory_mb: int | None
    timeout_s: int | None
    retries: int | None
    reserved: int | None
    on_failure: str
    can_retry: bool


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _load(text: str) -> Any:
    try:
        data = _yaml().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        raise TemplateUnreadable(str(error.problem), mark.line + 1 if mark else 1) from None
    except (YAMLError, ValueError) as error:
        raise TemplateUnreadable(str(error), 1) from None
    if not isinstance(data, MutableMapping) or not isinstance(data.get("Resources"), MutableMapping):
        raise TemplateUnreadable("There is no Resources section", 1)
    return data


def _functions(data: Mapping[str, Any]) -> dict[str, MutableMapping[str, Any]]:
    return {
        name: resource
        for name, resource in data["Resources"].items()
        if isinstance(resource, MutableMapping) and resource.get("Type") in FUNCTION_TYPES
    }


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _destination(properties: Mapping[str, Any], invoke: Mapping[str, Any]) -> str:
    if properties.get("DeadLetterQueue") or properties.get("DeadLetterConfig"):
        return "DLQ"
    destinations = invoke.get("DestinationConfig")
    on_failure = destinations.get("OnFailure") if isinstance(destinations, Mapping) else None
    return str(on_failure.get("Type", "Destination")) if isinstance(on_failure, Mapping) else ""


def _of_function(name: str, resource: Mapping[str, Any], common: Mapping[str, Any]) -> FunctionSettings:
    own = resource.get("Properties")
    properties = {**common, **(own if isinstance(own, Mapping) else {})}
    raw_invoke = properties.get("EventInvokeConfig")
    invoke = raw_invoke if isinstance(raw_invoke, Mapping) else {}
    memory = properties.get(PROPERTIES["memory_mb"], DEFAULTS["memory_mb"])
    timeout = properties.get(PROPERTIES["timeout_s"], DEFAULTS["timeout_s"])
    return FunctionSettings(
        logical_id=name,
        memory_mb=_whole(memory),
        timeout_s=_whole(timeout),
        retries=_whole(invoke.get("MaximumRetryAttempts", DEFAULTS["retries"])),
        reserved=_whole(properties.get(PROPERTIES["reserved"])),
        on_failure=_destination(properties, invoke),
        can_retry=resource.get("Type") == SERVERLESS,
    )


def settings_of(text: str) -> tuple[FunctionSettings, ...]:
    """The settings of every function in the template, with AWS's defaults where it says nothing."""
    data = _load(text)
    globals_ = data.get("Globals")
    common = globals_.get("Function") if isinstance(globals_, Mapping) else None
    found = _functions(data)
    return tuple(
        _of_function(name, resource, common if isinstance(common, Mapping) else {}) for name, resource in found.items()
    )


def with_settings(text: str, function: str, changes: Mapping[Setting, int | None]) -> str:
    """The template with `changes` made to one function; `None` takes a setting out.

    Values that already hold change nothing, so a template nobody touched stays byte for byte.
    """
    data = _load(text)
    before = {each.logical_id: each for each in settings_of(text)}
    if function not in before:
        raise TemplateUnreadable(f"There is no function {function}", 1)
    wanted = {key: value for key, value in changes.items() if getattr(before[function], key) != value}
    if not wanted:
        return text
    resource = data["Resources"][function]
    if not isinstance(resource.get("Properties"), MutableMapping):
        resource["Properties"] = {}
    for key, value in wanted.items():
        _put(resource["Properties"], key, value)
    out = io.StringIO()
    _yaml_like(text).dump(data, out)
    return out.getvalue()


def _put(properties: MutableMapping[str, Any], key: Setting, value: int | None) -> None:
    place, name = properties, PROPERTIES.get(key, "")
    if key == "retries":
        if not isinstance(properties.get("EventInvokeConfig"), MutableMapping):
            properties["EventInvokeConfig"] = {}
        place, name = properties["EventInvokeConfig"], "MaximumRetryAttempts"
    if value is None:
        place.pop(name, None)
    else:
        place[name] = value


def _yaml_like(text: str) -> YAML:
    """A writer that indents lists as the text does, so that nothing but the setting changes."""
    yaml = _yaml()
    lines = text.splitlines()
    for above, below in pairwise(lines):
        if above.rstrip().endswith(":") and below.lstrip().startswith("- "):
            inner, outer = len(below) - len(below.lstrip()), len(above) - len(above.lstrip())
            offset = max(inner - outer, 0)
            yaml.indent(mapping=2, sequence=offset + 2, offset=offset)
            break
    return yaml
