"""JSON as it travels through an execution: read with bounds."""

from __future__ import annotations

import json
from typing import Any

DATA_BYTES_MAX = 262_144  # documented: 256 KiB of input or output of a state
DEPTH_MAX = 200  # ours
UNREADABLE = object()


def loaded(text: str) -> Any:
    """The value of a JSON text; :data:`UNREADABLE` for one that is none, or that is nested too deeply."""
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return UNREADABLE
    return UNREADABLE if too_deep(value) else value


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def too_deep(value: Any) -> bool:
    """Whether a value is nested more than ``DEPTH_MAX`` deep. Takes no stack."""
    level = [value]
    for _ in range(DEPTH_MAX):
        inner = [each for each in level if isinstance(each, dict | list)]
        if not inner:
            return False
        level = [each for one in inner for each in (one.values() if isinstance(one, dict) else one)]
    return True
