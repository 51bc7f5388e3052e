"""Numbers, and yes and no, that a template writes as text: CloudFormation takes them wherever a property is one.

``Timeout: "30"`` is usual where a value comes from a parameter of type String. Which properties are numbers AWS's own
schemas of resource types say (scripts/write_property_types.py); only by them can a text be told from a number.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)


def typed(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    """The properties of a resource of this type, texts of numbers as numbers; what is no number stays as it is."""
    result: dict[str, Any] = _typed(_types().get(kind, {}), properties)
    return result


@lru_cache(maxsize=1)
def _types() -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(Path(__file__).with_name("property_types.json").read_bytes())
    return found


def _typed(types: Any, value: Any) -> Any:
    if isinstance(value, list):
        return [_typed(types, each) for each in value]
    if isinstance(types, dict):
        if not isinstance(value, dict):
            return value
        return {name: _typed(types[name], each) if name in types else each for name, each in value.items()}
    return _read(types, value) if isinstance(value, str) else value


def _read(kind: str, text: str) -> Any:
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if kind == "number" and _NUMBER.fullmatch(text) else text
