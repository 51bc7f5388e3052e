"""Two versions of a question side by side, as lines that were added or removed."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a difference; ``change`` is ``added``, ``removed`` or nothing."""

    text: str
    change: str = ""


def lines_of(value: Any, path: str = "") -> Iterator[str]:
    """JSON as lines of ``path: value``, long texts line by line."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from lines_of(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, part in enumerate(value, start=1):
            yield from lines_of(part, f"{path} {index}")
    else:
        for line in str(value).splitlines() or [""]:
            yield f"{path}: {line}"


def difference(before: dict[str, Any], after: dict[str, Any]) -> list[Line]:
    """The lines of both, those of one only marked."""
    changes = {"+ ": "added", "- ": "removed", "  ": ""}
    compared = difflib.ndiff(list(lines_of(before)), list(lines_of(after)))
    return [Line(line[2:], changes[line[:2]]) for line in compared if line[:2] in changes]
