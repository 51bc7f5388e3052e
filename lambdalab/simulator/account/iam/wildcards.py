"""Wildcards of policies: ``*`` for any characters, ``?`` for one, ``${variable}`` for a value of the request.

Policies are students' input. A pattern becomes a regular expression of atomic groups, which never goes back over what a
``*`` has passed: matching takes at most the length of the pattern times that of the value. Source: IAM User Guide, "IAM
JSON policy elements: Resource" and "Variables and tags", read 2026-10.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_COLON = re.compile(r":(?![^{}]*\})")
_LITERALS = {"*": "*", "?": "?", "$": "$"}  # ${*}, ${?} and ${$} stand for the character itself
ARN_PARTS = 6

Lookup = Callable[[str], str | None]
"""The value of a variable of the request, or None when the request has none."""


def like(pattern: str, value: str, *, ignore_case: bool = False) -> bool:
    """Whether ``value`` is what ``pattern`` describes. No variables."""
    return bool(_compiled(((pattern, True),), ignore_case).fullmatch(value))


def like_with_variables(pattern: str, value: str, lookup: Lookup | None, *, ignore_case: bool = False) -> bool:
    """The same, with the pattern's variables replaced; the replacement's own ``*`` and ``?`` mean themselves.

    ``lookup`` is None where a policy's version has no variables. A variable without a value matches nothing.
    """
    pieces = _pieces(pattern, lookup)
    return pieces is not None and bool(_compiled(pieces, ignore_case).fullmatch(value))


def replaced(text: str, lookup: Lookup | None) -> str | None:
    """``text`` with its variables replaced and no wildcards; None when one has no value."""
    pieces = _pieces(text, lookup)
    return None if pieces is None else "".join(piece for piece, _ in pieces)


def arn_like(pattern: str, value: str, lookup: Lookup | None = None) -> bool:
    """Compare two ARNs part by part: a wildcard never reaches over one of the five colons.

    Parts that a pattern leaves out at its end are completed with ``*``. Source: as above, "Resource" (incomplete ARNs).
    """
    if pattern == "*":
        return True
    wanted, given = _parts(pattern), value.split(":", ARN_PARTS - 1)
    if len(given) < ARN_PARTS:
        return False
    return all(like_with_variables(p, v, lookup) for p, v in zip(wanted, given, strict=False))


@lru_cache(maxsize=4096)
def _parts(pattern: str) -> tuple[str, ...]:
    return tuple(_COLON.split(pattern, ARN_PARTS - 1))


def _pieces(pattern: str, lookup: Lookup | None) -> tuple[tuple[str, bool], ...] | None:
    """The pattern as (text, whether its wildcards are wildcards)."""
    if lookup is None or "${" not in pattern:
        return ((pattern, True),)
    pieces: list[tuple[str, bool]] = []
    for number, part in enumerate(_VARIABLE.split(pattern)):
        if number % 2 == 0:
            pieces.append((part, True))
            continue
        value = _value(part, lookup)
        if value is None:
            return None
        pieces.append((value, False))
    return tuple(pieces)


def _value(name: str, lookup: Lookup) -> str | None:
    if name in _LITERALS:
        return _LITERALS[name]
    key, comma, default = name.partition(",")
    found = lookup(key.strip())
    return default.strip().strip("'") if found is None and comma else found


@lru_cache(maxsize=4096)
def _compiled(pieces: tuple[tuple[str, bool], ...], ignore_case: bool) -> re.Pattern[str]:
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    runs: list[str] = [""]  # what stands between the stars
    for text, wild in pieces:
        for character in text:
            if wild and character == "*":
                runs.append("")
            else:
                runs[-1] += "." if wild and character == "?" else re.escape(character)
    if len(runs) == 1:
        return re.compile(runs[0], flags)
    middle = "".join(f"(?>.*?{run})" for run in runs[1:-1] if run)
    return re.compile(f"{runs[0]}{middle}.*{runs[-1]}", flags)
