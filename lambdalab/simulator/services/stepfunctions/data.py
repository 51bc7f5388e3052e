"""JSON as it travels through an execution: read with bounds, and measured without being written."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.vocabulary.json_values import DEPTH_MAX, read_json, too_deep, written

__all__ = ["DATA_BYTES_MAX", "DEPTH_MAX", "UNREADABLE", "loaded", "too_deep", "too_large", "written"]
DATA_BYTES_MAX = 262_144  # documented: 256 KiB of input or output of a state, as UTF-8
UNREADABLE = object()


def loaded(text: str) -> Any:
    """The value of a JSON text; :data:`UNREADABLE` for one that is none, or that nobody could write again."""
    try:
        return read_json(text)
    except ValueError:
        return UNREADABLE


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
