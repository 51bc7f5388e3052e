"""What a service itself refuses in the parameters of a call: lengths, sizes, enumerations and patterns of its model.

botocore looks at types and at the least length before it sends; the rest is the service's own work, and all services
with AWS's common validator say it in the same words. Texts: recorded answers (kinesalite 3; fact sheet G).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from lambdalab.simulator.account import models
from lambdalab.simulator.vocabulary.errors import AwsError

SHOWN = 200  # characters of a wrong value
ERRORS_MAX = 10  # ours: told at once
TEXT_MAX = 100_000  # characters of a text that is held against a pattern


def violated(
    service: str, operation: str, params: dict[str, Any], code: str = "ValidationException"
) -> AwsError | None:
    """The service's refusal, or None when the parameters keep to its model."""
    shape = models.input_shape(service, operation)
    if shape is None:
        return None
    found = []
    for each in _structure(shape, params, ""):
        found.append(each)
        if len(found) == ERRORS_MAX:
            break
    if not found:
        return None
    noun = "error" if len(found) == 1 else "errors"
    return AwsError(code, f"{len(found)} validation {noun} detected: {'; '.join(found)}")


def _structure(shape: Any, value: dict[str, Any], path: str) -> Iterator[str]:
    for name, given in value.items():
        member = shape.members.get(name)
        if member is not None:
            yield from _violations(member, given, f"{path}{name[:1].lower()}{name[1:]}")


def _violations(shape: Any, value: Any, path: str) -> Iterator[str]:
    kind, rules = shape.type_name, shape.metadata
    most = rules.get("max")
    if kind == "structure":
        yield from _structure(shape, value, f"{path}.")
    elif kind == "list":
        if most is not None and len(value) > most:
            yield _told(path, None, f"Member must have length less than or equal to {most}")
        for number, each in enumerate(value, 1):
            yield from _violations(shape.member, each, f"{path}.{number}.member")
    elif kind == "map":
        for each in value.values():
            yield from _violations(shape.value, each, f"{path}.value")
    elif kind == "string" and isinstance(value, str):
        shown = None if rules.get("sensitive") else value
        if most is not None and len(value) > most:
            yield _told(path, shown, f"Member must have length less than or equal to {most}")
        elif shape.enum and value not in shape.enum:
            yield _told(path, shown, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
        elif _unlike(rules.get("pattern"), value):
            yield _told(path, shown, f"Member must satisfy regular expression pattern: {rules['pattern']}")
    elif kind in ("integer", "long") and most is not None and value > most:
        yield _told(path, str(value), f"Member must have value less than or equal to {most}")


def _told(path: str, value: str | None, wanted: str) -> str:
    shown = "" if value is None else f" '{value[:SHOWN]}'"
    return f"Value{shown} at '{path}' failed to satisfy constraint: {wanted}"


def _unlike(pattern: str | None, value: str) -> bool:
    compiled = _compiled(pattern) if pattern else None
    return compiled is not None and (len(value) > TEXT_MAX or not compiled.fullmatch(value))


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """A pattern of a model; None for one that only Java can read (``\\p{L}``)."""
    try:
        return re.compile(pattern)
    except re.error:
        return None
