"""What comes out of a run goes into databases and browsers, which refuse what Python's JSON lets pass.

A handler may return NaN, print a NUL or half of a surrogate pair. The trace keeps such text as it was; summary and
player must be JSON for everybody: PostgreSQL has no NUL in a text, and no browser reads NaN.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

DEPTH_MAX = 200  # of what has to be cleaned; far below what Python's own stack takes
TOO_DEEP = "(nested too deeply to be shown)"
_UNFIT = re.compile(r"[\x00\ud800-\udfff]")
_SUSPECT = re.compile(r"\\u0000|[\ud800-\udfff]|NaN|Infinity")


def storable(value: dict[str, Any]) -> dict[str, Any]:
    """``value`` with unfit characters replaced by U+FFFD and numbers that JSON has not by their names."""
    if not _SUSPECT.search(json.dumps(value, ensure_ascii=False)):
        return value
    cleaned: dict[str, Any] = _clean(value, DEPTH_MAX)
    return cleaned


def _clean(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _UNFIT.sub("\ufffd", value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict | list | tuple) and not depth:
        return TOO_DEEP
    if isinstance(value, dict):
        return {_UNFIT.sub("\ufffd", str(key)): _clean(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item, depth - 1) for item in value]
    return value
