"""What comes out of a run goes into databases and browsers, which refuse what Python's JSON lets pass.

A handler may return NaN, print a NUL or half of a surrogate pair. The trace keeps such text as it was; summary and
player must be JSON for everybody: PostgreSQL has no NUL in a text, and no browser reads NaN.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

_UNFIT = re.compile(r"[\x00\ud800-\udfff]")
_SUSPECT = re.compile(r"\\u0000|[\ud800-\udfff]|NaN|Infinity")


def storable(value: dict[str, Any]) -> dict[str, Any]:
    """``value`` with unfit characters replaced by U+FFFD and numbers that JSON has not by their names."""
    if not _SUSPECT.search(json.dumps(value, ensure_ascii=False)):
        return value
    cleaned: dict[str, Any] = _clean(value)
    return cleaned


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _UNFIT.sub("\ufffd", value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {_clean(str(key)): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value
