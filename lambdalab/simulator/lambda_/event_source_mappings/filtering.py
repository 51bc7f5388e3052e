"""Filter criteria: which records a function gets to see. Source: fact D.2 (DG26 "Control which events Lambda sends to
your function", read 2026-11-23)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lambdalab.simulator.vocabulary.errors import AwsError, invalid

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_WORDS = ("prefix", "suffix", "equals-ignore-case")
_MISSING = object()


class Number(str):
    """A JSON number as it is written: 300, 300.0 and 3.0e2 are three different values to a filter."""

    __slots__ = ()


class NotJson(ValueError):
    """A text that is no JSON, or nested beyond all reason."""


def read(text: str) -> Any:
    """JSON with numbers as they are written. Raises :class:`NotJson`."""
    try:
        return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from None


def wrong(pattern: str) -> AwsError | None:
    """AWS's answer to a pattern that is none."""
    try:
        document = read(pattern)
    except NotJson:
        document = None
    return None if isinstance(document, dict) and document and _is_pattern(document) else refused()


def refused() -> AwsError:
    """The text of every pattern that Lambda does not take. Fact X.3 (LS)"""
    return invalid("Invalid filter pattern definition.")


class Filter:
    """One or more patterns, any of which lets a record pass. ``data`` names the member with the record's own data."""

    def __init__(self, patterns: Sequence[str], data: str) -> None:
        self._patterns = [read(pattern) for pattern in patterns]
        self._data = data

    def passes(self, record: Mapping[str, Any]) -> bool:
        """Whether the function gets to see the record. Without patterns it sees all of them."""
        return not self._patterns or any(self._matches(pattern, record) for pattern in self._patterns)

    def _matches(self, pattern: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
        """Data that is JSON meets a pattern that is an object, a plain text one that is a list; others never."""
        seen = dict(record)
        if isinstance(pattern.get(self._data), dict):
            try:
                seen[self._data] = read(str(record[self._data]))
            except NotJson:
                return False
        return _object_matches(pattern, seen)


def _refuse(text: str) -> Any:
    raise ValueError(text)  # NaN and the infinities are no JSON


def _is_pattern(pattern: Any) -> bool:
    if not isinstance(pattern, dict):
        return False
    for name, rule in pattern.items():
        if name == "$or":
            if not isinstance(rule, list) or len(rule) < 2 or not all(map(_is_pattern, rule)):
                return False
        elif isinstance(rule, dict):
            if not rule or not _is_pattern(rule):
                return False
        elif not isinstance(rule, list) or not rule or not all(map(_is_rule, rule)):
            return False
    return True


def _is_rule(rule: Any) -> bool:
    """A value, or an object with one operator."""
    if not isinstance(rule, dict):
        return not isinstance(rule, list)
    if len(rule) != 1:
        return False
    ((operator, operand),) = rule.items()
    if operator == "exists":
        return isinstance(operand, bool)
    if operator in _WORDS:
        return isinstance(operand, str) and not isinstance(operand, Number)
    if operator == "anything-but":
        return _is_plain(operand) or (isinstance(operand, list) and bool(operand) and all(map(_is_plain, operand)))
    return operator == "numeric" and _is_range(operand)


def _is_plain(value: Any) -> bool:
    return value is not None and not isinstance(value, dict | list)


def _is_range(operand: Any) -> bool:
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        return False
    pairs = list(zip(operand[::2], operand[1::2], strict=True))
    return all(sign in _COMPARISONS and isinstance(number, Number) for sign, number in pairs)


def _object_matches(pattern: Mapping[str, Any], value: Any) -> bool:
    """Every field of the pattern must match; an array matches when one of its elements does."""
    if isinstance(value, list):
        return any(_object_matches(pattern, each) for each in value)
    if not isinstance(value, dict):
        value = {}  # nothing is there, which is what ``exists: false`` asks for
    return all(
        any(_object_matches(each, value) for each in rule)
        if name == "$or"
        else _object_matches(rule, value.get(name))
        if isinstance(rule, dict)
        else _leaf_matches(rule, value.get(name, _MISSING))
        for name, rule in pattern.items()
    )


def _leaf_matches(rules: Sequence[Any], value: Any) -> bool:
    """One of the rules must match. Only leaves count: an object is as good as missing."""
    found = _MISSING if isinstance(value, dict) else value
    return any(_rule_matches(rule, found) for rule in rules)


def _rule_matches(rule: Any, value: Any) -> bool:
    if isinstance(value, list):
        return any(_rule_matches(rule, each) for each in value)
    if not isinstance(rule, dict):
        return _same(rule, value)
    ((operator, operand),) = rule.items()
    if operator == "exists":
        return bool(operand) is (value is not _MISSING)
    if value is _MISSING or isinstance(value, dict):
        return False
    if operator == "anything-but":
        forbidden = operand if isinstance(operand, list) else [operand]
        return not any(_same(each, value) for each in forbidden)
    if operator == "numeric":
        return isinstance(value, Number) and _in_range(operand, float(value))
    return isinstance(value, str) and not isinstance(value, Number) and _word_matches(operator, operand, value)


def _same(one: Any, other: Any) -> bool:
    """Values are the same when they are of one kind, too: the number 1 is neither the text "1" nor true."""
    return type(one) is type(other) and one == other


def _in_range(operand: Sequence[Any], value: float) -> bool:
    return all(
        _COMPARISONS[sign](value, float(bound)) for sign, bound in zip(operand[::2], operand[1::2], strict=True)
    )


def _word_matches(operator: str, operand: str, value: str) -> bool:
    if operator == "prefix":
        return value.startswith(operand)
    return value.endswith(operand) if operator == "suffix" else value.casefold() == operand.casefold()
