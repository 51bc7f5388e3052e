"""The rules of a Choice state. Source: Amazon States Language specification, "Choice State", read 2026-11."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from lambdalab.simulator.services.stepfunctions.language import paths
from lambdalab.simulator.services.stepfunctions.language.errors import RUNTIME, StateError
from lambdalab.simulator.vocabulary import wildcards

BOOLEAN = ("And", "Or", "Not")
_KINDS: dict[str, Callable[[Any], bool]] = {
    "String": lambda value: isinstance(value, str),
    "Numeric": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "Boolean": lambda value: isinstance(value, bool),
    "Timestamp": lambda value: moment(value) is not None,
}
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda one, other: bool(one == other),
    "LessThan": lambda one, other: bool(one < other),
    "GreaterThan": lambda one, other: bool(one > other),
    "LessThanEquals": lambda one, other: bool(one <= other),
    "GreaterThanEquals": lambda one, other: bool(one >= other),
}
COMPARISONS: dict[str, tuple[str, str]] = {
    f"{kind}{how}": (kind, how) for kind in ("String", "Numeric", "Timestamp") for how in _COMPARED
} | {"BooleanEquals": ("Boolean", "Equals")}
TESTS = {"IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp"}
OPERATORS = {*COMPARISONS, *(f"{name}Path" for name in COMPARISONS), "StringMatches", *TESTS}


def holds(rule: dict[str, Any], data: Any, context: Any) -> bool:
    """Whether a rule, checked before, holds for this input. Raises :class:`StateError` for a path to nothing."""
    if "And" in rule:
        return all(holds(each, data, context) for each in rule["And"])
    if "Or" in rule:
        return any(holds(each, data, context) for each in rule["Or"])
    if "Not" in rule:
        return not holds(rule["Not"], data, context)
    (operator,) = OPERATORS & rule.keys()
    if operator == "IsPresent":
        return paths.exists(rule["Variable"], data, context) is rule[operator]
    value = _named(rule["Variable"], data, context)
    if operator in TESTS:
        return _is(operator, value) is rule[operator]
    if operator == "StringMatches":
        return isinstance(value, str) and like(rule[operator], value)
    wanted = rule[operator]
    if operator.endswith("Path"):
        wanted, operator = _named(wanted, data, context), operator.removesuffix("Path")
    kind, how = COMPARISONS[operator]
    if not (_KINDS[kind](value) and _KINDS[kind](wanted)):
        return False
    if kind == "Timestamp":
        value, wanted = moment(value), moment(wanted)
    return _COMPARED[how](value, wanted)


def _named(path: str, data: Any, context: Any) -> Any:
    try:
        return paths.select(path, data, context)
    except paths.MissingError:
        why = "The choice state's condition path references an invalid value."
        raise StateError(RUNTIME, f"Invalid path '{path}': {why}") from None


def _is(operator: str, value: Any) -> bool:
    return value is None if operator == "IsNull" else _KINDS[operator.removeprefix("Is")](value)


def fits(operator: str, wanted: Any) -> bool:
    """Whether a definition may compare with this value."""
    if operator in TESTS:
        return isinstance(wanted, bool)
    if operator.endswith("Path") or operator == "StringMatches":
        return isinstance(wanted, str)
    return _KINDS[COMPARISONS[operator][0]](wanted)


def like(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern in which ``*`` stands for anything and ``\\*`` for itself."""
    parts = re.split(r"(\\[*\\]|\*)", pattern)
    pieces = [""]
    for part in parts:  # literal pieces between the stars
        if part == "*":
            pieces.append("")
        else:
            pieces[-1] += part[1:] if part in ("\\*", "\\\\") else part
    return wildcards.fits(pieces, text)


_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})")


def moment(value: Any) -> dt.datetime | None:
    """A timestamp of RFC 3339 with a capital T and Z, as the language wants it."""
    if not isinstance(value, str) or not _TIMESTAMP.fullmatch(value):
        return None
    try:
        return dt.datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value))
    except ValueError:
        return None
