"""JSON as it travels through an execution: read with bounds, measured without being written, written compactly."""

from __future__ import annotations

import json
import math
from typing import Any

DATA_BYTES_MAX = 262_144  # documented: 256 KiB of input or output of a state, as UTF-8
DEPTH_MAX = 200  # ours
UNREADABLE = object()
_HALVES = ("\\ud", "\\uD")  # how half of a surrogate pair begins in JSON


def loaded(text: str) -> Any:
    """The value of a JSON text; :data:`UNREADABLE` for one that is none, or that is nested too deeply.

    Numbers beyond a double's range are refused, since nobody could write them again. Half of a surrogate pair becomes
    a question mark: UTF-8 has no bytes for it.
    """
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        if any(half in text for half in _HALVES):
            value = json.loads(written(value).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return UNREADABLE
    return UNREADABLE if too_deep(value) else value


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        _refuse(text[:40])
    return number


def written(value: Any) -> str:
    """A value as compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def too_large(value: Any, limit: int = DATA_BYTES_MAX) -> bool:
    """Whether a value takes more than ``limit`` bytes as compact JSON. Stops as soon as it is known to: a value may
    hold the same large part a thousand times."""
    size, left = 0, [value]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            size += 2 + max(0, len(each) - 1)
            for key, inner in each.items():
                size += len(written(key).encode()) + 1
                left.append(inner)
        elif isinstance(each, list):
            size += 2 + max(0, len(each) - 1)
            left.extend(each[: limit + 1])
        else:
            size += len(written(each).encode("utf-8", "replace"))
        if size > limit:
            return True
    return False


def too_deep(value: Any) -> bool:
    """Whether a value is nested more than ``DEPTH_MAX`` deep. Takes no stack."""
    level = [value]
    for _ in range(DEPTH_MAX):
        inner = [each for each in level if isinstance(each, dict | list)]
        if not inner:
            return False
        level = [each for one in inner for each in (one.values() if isinstance(one, dict) else one)]
    return True
