"""What stands in the fields of a log event that a filter pattern names: ``$.latency`` of JSON, ``$bytes`` of columns.

Source: Amazon CloudWatch Logs User Guide, "Creating metrics from log events using filters", read 2026-11.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from lambdalab.simulator.vocabulary.log_columns import column_names, columns_of
from lambdalab.simulator.vocabulary.log_patterns import values_at
from lambdalab.simulator.vocabulary.log_values import LogPatternError

Field = Callable[[str], Any]
"""The value of one field in a message; None where it has none."""
_SELECTOR = re.compile(r"\$(?:\.[A-Za-z0-9_\-@]+|\.?\[[^\]]{1,200}\])+")


def has_fields(pattern: str) -> bool:
    """Whether a pattern is of a kind that names fields: JSON, or columns."""
    return pattern.strip()[:1] in ("{", "[")


def field_of(pattern: str, selector: str) -> Field:
    """How to find what a selector means with a pattern. Raises :class:`LogPatternError`."""
    text = pattern.strip()
    if text.startswith("{") and _SELECTOR.fullmatch(selector):
        return lambda message: _in_document(message, selector)
    if text.startswith("[") and selector.startswith("$"):
        return _column(text[1:-1], selector[1:])
    raise LogPatternError(f"{selector} is no field of the filter pattern")


def _in_document(message: str, selector: str) -> Any:
    try:
        found = values_at(json.loads(message), selector)
    except (ValueError, RecursionError):
        return None
    return found[0] if found else None


def _column(inside: str, name: str) -> Field:
    """A column by its name; behind ``...`` columns are counted from the end."""
    names = column_names(inside)
    if name not in names:
        raise LogPatternError(f"${name} is no field of the filter pattern")
    place = names.index(name)
    if "..." in names[:place]:
        place -= len(names)

    def value(message: str) -> str | None:
        columns = columns_of(message)
        return columns[place] if -len(columns) <= place < len(columns) else None

    return value
