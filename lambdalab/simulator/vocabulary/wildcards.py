"""Texts with anything between their parts: what a star in a pattern of logs, events or state machines stands for."""

from __future__ import annotations

from collections.abc import Sequence


def fits(parts: Sequence[str], text: str) -> bool:
    """Whether a text is these parts with anything between them, in time that grows with its length only."""
    first, *middle = parts
    if not middle:
        return text == first
    last = middle.pop()
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
