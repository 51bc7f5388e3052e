"""JSON that other people's code has written: what a function answers, what a caller sends.

Python reads more than it can write again: values nested a thousand deep, numbers beyond a double's range, half of a
surrogate pair. What comes in here can be written, measured and stored.
"""

from __future__ import annotations

import json
import math
from typing import Any

DEPTH_MAX = 200  # ours
_HALVES = ("\\ud", "\\uD")  # how half of a surrogate pair begins in JSON


def read_json(text: str, *, constants: bool = False) -> Any:
    """The value of a JSON text. Raises ``ValueError`` for a text that is none, or that nobody could write again.

    Half of a surrogate pair becomes a question mark: UTF-8 has no bytes for it. ``constants``: NaN and Infinity, which
    Python's own writer makes, are let through.
    """
    try:
        value = json.loads(text) if constants else json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if too_deep(value):
        raise ValueError("it is nested too deeply")
    if any(half in text for half in _HALVES):
        value = json.loads(written(value).encode("utf-8", "replace"))
    return value


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


def too_deep(value: Any) -> bool:
    """Whether a value is nested more than ``DEPTH_MAX`` deep. Takes no stack."""
    level = [value]
    for _ in range(DEPTH_MAX):
        inner = [each for each in level if isinstance(each, dict | list)]
        if not inner:
            return False
        level = [each for one in inner for each in (one.values() if isinstance(one, dict) else one)]
    return True
