"""Which route or resource a path belongs to.

Source: Amazon API Gateway Developer Guide, "Create routes for HTTP APIs" (routing API requests): a full match before a
greedy path variable before $default. Of two that match the more specific wins, segment by segment: a text before a
variable before a greedy one; then a method before ANY. That REST APIs choose their resource alike is assumption A-106.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import unquote

from lambdalab.simulator.services.http.api.model import DEFAULT_ROUTE

Value = TypeVar("Value")
TEXT, VARIABLE, GREEDY = range(3)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A path with variables, ``/orders/{id}`` or ``/files/{proxy+}``, cut at its slashes."""

    segments: tuple[tuple[int, str], ...]

    @classmethod
    def of(cls, path: str) -> Pattern:
        """The pattern of a path as an API writes it."""
        return cls(tuple(_segment(text) for text in path.removeprefix("/").split("/")))

    def match(self, parts: list[str]) -> dict[str, str] | None:
        """The variables of a path that is cut at its slashes, as they were sent; None where it does not match."""
        found: dict[str, str] = {}
        for index, (kind, text) in enumerate(self.segments):
            if kind == GREEDY:
                rest = "/".join(parts[index:])
                return found | {text: rest} if rest else None
            if index >= len(parts):
                return None
            if kind == TEXT and unquote(parts[index]) != text:
                return None
            if kind == VARIABLE:
                if not parts[index]:
                    return None
                found[text] = parts[index]
        return found if len(parts) == len(self.segments) else None

    @property
    def rank(self) -> tuple[int, ...]:
        """Lower is more specific."""
        return tuple(kind for kind, _ in self.segments)


def _segment(text: str) -> tuple[int, str]:
    if text.startswith("{") and text.endswith("+}"):
        return GREEDY, text[1:-2]
    if text.startswith("{") and text.endswith("}"):
        return VARIABLE, text[1:-1]
    return TEXT, text


class Paths(Generic[Value]):
    """Values by patterns of paths, the most specific first."""

    def __init__(self, entries: Iterable[tuple[str, str, Value]]) -> None:
        """``entries``: method (``ANY`` for every one), path, and what they lead to."""
        ranked = [(Pattern.of(path), method, value) for method, path, value in entries if path != DEFAULT_ROUTE]
        self._entries = sorted(ranked, key=lambda entry: (entry[0].rank, entry[1] == "ANY"))

    def find(self, method: str, path: str) -> tuple[Value, dict[str, str]] | None:
        """The most specific entry for a method and a path, with the variables of the path."""
        parts = path.removeprefix("/").split("/")
        for pattern, wanted, value in self._entries:
            if wanted in (method, "ANY"):
                found = pattern.match(parts)
                if found is not None:
                    return value, found
        return None
