"""What somebody may have meant by a word that nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LENGTH_MAX = 128  # of words that are compared at all: the comparison takes the square of it
LIKENESS = 0.7


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``Did you mean Timeout?`` with the known word that is most like ``word``, or nothing where none is like it."""
    if len(word) > LENGTH_MAX:
        return ""
    words = sorted({each for each in known if len(each) <= LENGTH_MAX})
    lower: dict[str, str] = {}
    for each in words:
        lower.setdefault(each.lower(), each)
    found = difflib.get_close_matches(word.lower(), lower, n=1, cutoff=LIKENESS)
    return f"Did you mean {lower[found[0]]}?" if found else ""


def either(suggestion: str, fix: str) -> str:
    """A suggestion before the usual fix."""
    return f"{suggestion} {fix}".strip()
