"""Reading event patterns, and AWS's words for what is wrong with one.

Sources: Amazon EventBridge User Guide, "Comparison operators for use in event patterns" and "Best practices when
defining event patterns", read 2026-11; the texts are those of aws/event-ruler, the matcher that EventBridge, SNS and
Lambda share, and of recorded answers (LS events patterns, 2024-12). Jackson's position in the text is left out (A-110).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lambdalab.simulator.vocabulary.patterns.matching import Node, Pattern
from lambdalab.simulator.vocabulary.patterns.rules import (
    AnythingBut,
    Cidr,
    Equal,
    Exists,
    IgnoreCase,
    Number,
    Numeric,
    Prefix,
    Rule,
    Suffix,
    Wildcard,
    network,
    wildcard_parts,
)

DEPTH_MAX = 100  # ours: nobody nests an event that deeply
COMBINATIONS_MAX = 1_000  # of $or. User Guide, "Creating event patterns", $or
WILDCARDS_MAX = 5  # of one rule: A-110
TOO_COMPLEX = (
    "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a "
    "wildcard character"
)
_WORDS: Mapping[str, type[Prefix] | type[Suffix]] = {"prefix": Prefix, "suffix": Suffix}
_RESERVED = frozenset(("exactly", "prefix", "suffix", "numeric", "anything-but", "exists", "cidr", "wildcard"))


class PatternError(ValueError):
    """A text that is no event pattern; its message is AWS's reason."""


def read_pattern(text: str) -> Pattern:
    """The pattern that a text describes. Raises :class:`PatternError`."""
    try:
        document = json.loads(text, parse_int=Number, parse_float=Number, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise PatternError(f"it is not valid JSON: {error}") from None
    if not isinstance(document, dict):
        raise PatternError("Filter is not an object")
    return Pattern(tuple(_object(document, (), [Node()], 0)), text)


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _object(document: Mapping[str, Any], path: tuple[str, ...], branches: list[Node], depth: int) -> list[Node]:
    """Add what an object asks for to every branch; ``$or`` makes more of them."""
    if not document:
        raise PatternError("Empty objects are not allowed")
    for name, value in document.items():
        if len(path) + name.count(".") >= DEPTH_MAX:  # a name with dots is as deep as objects in objects
            raise PatternError("it is nested too deeply")
        if name == "$or":
            branches = _either(value, path, branches, depth)
        elif isinstance(value, dict):
            branches = _object(value, (*path, *name.split(".")), branches, depth + 1)
        elif isinstance(value, list):
            rules = tuple(map(_rule, value))
            if not rules:
                raise PatternError("Empty arrays are not allowed")
            for branch in branches:
                branch.at((*path, *name.split("."))).rules = rules
        else:
            raise PatternError(f'"{name}" must be an object or an array')
    return branches


def _either(value: Any, path: tuple[str, ...], branches: list[Node], depth: int) -> list[Node]:
    if not isinstance(value, list):
        raise PatternError("It must be an Array followed with $or.")
    made: list[Node] = []
    for each in value:
        if not isinstance(each, dict):
            raise PatternError("Only JSON object is allowed in array of $or relationship.")
        reserved = next((name for name in _names(each, 0) if name in _RESERVED), None)
        if reserved is not None:
            raise PatternError(f"{reserved} is Ruler reserved fieldName which cannot be used inside $or.")
        if len(made) + len(branches) > COMBINATIONS_MAX:
            raise PatternError(f"it has more than {COMBINATIONS_MAX:,} combinations of $or")
        made += _object(each, path, [branch.copy() for branch in branches], depth + 1)
    if len(value) < 2:
        raise PatternError("There must have at least 2 Objects in $or relationship.")
    return made


def _names(document: Mapping[str, Any], depth: int) -> Iterator[str]:
    """The field names of an object inside $or, and of the objects in it."""
    for name, value in document.items():
        yield name
        if isinstance(value, dict) and depth < DEPTH_MAX:
            yield from _names(value, depth + 1)


def _rule(value: Any) -> Rule:
    if isinstance(value, list):
        raise PatternError("Match value must be String, number, true, false, or null")
    if not isinstance(value, dict):
        return _equal(value)
    if not value:
        raise PatternError("Match expression name not found")
    operator, operand = next(iter(value.items()))
    made = _operator(operator, operand)
    if len(value) > 1:
        raise PatternError("Only one key allowed in match expression")
    return made


def _equal(value: Any) -> Equal:
    return Equal(str(value), value.value) if isinstance(value, Number) else Equal(value, None)


def _operator(operator: str, operand: Any) -> Rule:
    if operator in _WORDS:
        return _affix(operator, operand)
    if operator == "exactly":
        return Equal(_text(operand, "exact"), None)
    if operator == "equals-ignore-case":
        return IgnoreCase(_text(operand, operator))
    if operator == "wildcard":
        return Wildcard(_wildcard(operand))
    if operator == "cidr":
        return _cidr(operand)
    if operator == "exists":
        if not isinstance(operand, bool):
            raise PatternError("exists match pattern must be either true or false.")
        return Exists(operand)
    if operator == "numeric":
        return _numeric(operand)
    if operator == "anything-but":
        return _anything_but(operand)
    raise PatternError(f"Unrecognized match type {operator}")


def _affix(operator: str, operand: Any) -> Rule:
    kind = _WORDS[operator]
    if not isinstance(operand, dict):
        return kind(_text(operand, operator))
    inner = next(iter(operand), None)
    if inner != "equals-ignore-case":
        named = inner is not None
        raise PatternError(
            f"Unsupported {operator} pattern: {inner}" if named else f"{operator.title()} expression name not found"
        )
    text = _text(operand[inner], inner)
    if len(operand) > 1:
        raise PatternError("Only one key allowed in match expression")
    return kind(text, ignore_case=True)


def _anything_but(operand: Any) -> AnythingBut:
    if isinstance(operand, dict):
        return _anything_but_like(operand)
    listed = operand if isinstance(operand, list) else [operand]
    if not isinstance(operand, list | str):
        raise PatternError("Value of anything-but must be an array or single string/number value.")
    if not all(isinstance(each, str) for each in listed):
        raise PatternError("Inside anything but list, start|null|boolean is not supported.")
    if len({isinstance(each, Number) for each in listed}) != 1:
        text = "Inside anything but list, either all values are number or string, mixed type is not supported"
        raise PatternError(text)
    return AnythingBut(tuple(map(_equal, listed)))


def _anything_but_like(operand: Mapping[str, Any]) -> AnythingBut:
    inner = next(iter(operand), None)
    if inner is None:
        raise PatternError("Anything-But expression name not found")
    if inner not in ("prefix", "suffix", "equals-ignore-case", "wildcard"):
        raise PatternError(f"Unsupported anything-but pattern: {inner}")
    value = operand[inner]
    if not isinstance(value, list | str):
        raise PatternError("Value of anything-but must be an array or single string/number value.")
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) and not isinstance(each, Number) for each in listed):
        raise PatternError(
            {
                "equals-ignore-case": "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not "
                "supported.",
                "wildcard": "wildcard match pattern must be a string",
            }.get(inner, "prefix/suffix match pattern must be a string")
        )
    if inner in _WORDS and not all(listed):
        raise PatternError("Null prefix/suffix not allowed")
    if len(operand) > 1:
        raise PatternError("Too many elements in numeric expression")  # the matcher's own words, whatever it is
    made = {"equals-ignore-case": IgnoreCase, **_WORDS}.get(inner, lambda text: Wildcard(_wildcard(text)))
    return AnythingBut(tuple(made(each) for each in listed))


def _numeric(operand: Any) -> Numeric:
    """``["=", 3]``, ``["<", 3]``, or a range, whose lower bound stands first."""
    if not isinstance(operand, list):
        raise PatternError("Value of numeric must be an array.")
    rest = list(operand)
    sign, bound = _comparison(rest, ("<", "<=", "=", ">", ">="), "Unrecognized numeric range operator")
    if not rest:
        return Numeric(((sign, bound),))
    if sign not in (">", ">="):
        raise PatternError("Too many elements in numeric expression")
    upper, top = _comparison(rest, ("<", "<="), "Bad numeric range operator")
    if top <= bound:
        raise PatternError("Bottom must be less than top")
    if rest:
        raise PatternError("Too many terms in numeric range expression")
    return Numeric(((sign, bound), (upper, top)))


def _comparison(rest: list[Any], signs: tuple[str, ...], wrong: str) -> tuple[str, float]:
    sign = rest.pop(0) if rest else "]"
    if isinstance(sign, Number) or not isinstance(sign, str) or sign == "]":
        raise PatternError(f"Invalid member in numeric match: {sign}")
    if sign not in signs:
        raise PatternError(f"{wrong}: {sign}")
    value = rest.pop(0) if rest else None
    number = value.value if isinstance(value, Number) else None
    if number is None:
        raise PatternError(f"Value of {'equals' if sign == '=' else sign} must be numeric")
    return sign, number


def _cidr(operand: Any) -> Cidr:
    text = _text(operand, "prefix")  # the matcher's own words
    address, slash, bits = text.partition("/")
    if not slash or not bits or "/" in bits:
        raise PatternError("Malformed CIDR, one '/' required")
    if not bits.isdecimal() or len(bits) > 9:
        raise PatternError("Malformed CIDR, mask bits must be an integer")
    found = network(address, int(bits))
    if isinstance(found, str):
        raise PatternError(found)
    return Cidr(found)


def _wildcard(operand: Any) -> tuple[str, ...]:
    parts = wildcard_parts(_text(operand, "wildcard"))
    if isinstance(parts, str):
        raise PatternError(parts)
    if len(parts) > WILDCARDS_MAX + 1:
        raise PatternError(TOO_COMPLEX)
    return parts


def _text(operand: Any, operator: str) -> str:
    if not isinstance(operand, str) or isinstance(operand, Number):
        raise PatternError(f"{operator} match pattern must be a string")
    return operand
