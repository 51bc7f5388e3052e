"""Condition operators, with the cases AWS documents for absent keys and for keys with several values.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Single-valued vs. multivalued context
keys", read 2026-10. Every key of a block must hold, any value of a key suffices, and for a negated operator none may.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lambdalab.simulator.account.iam.wildcards import Lookup, arn_like, like_with_variables, replaced

Compare = Callable[[str, str, "Lookup | None"], bool]
"""Whether the value of the request (second) compares with the policy's (first)."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One key under one operator. ``quantity`` is ``any`` (ForAnyValue), ``all`` (ForAllValues) or empty."""

    operator: str
    key: str
    values: tuple[str, ...]
    base: str
    quantity: str = ""
    if_exists: bool = False


class Context:
    """What is known of a request. Notes whether a decision has asked for anything that another request may answer
    differently: such a decision must not be remembered."""

    __slots__ = ("_changing", "_fixed", "asked_for_changing")

    def __init__(
        self, fixed: Mapping[str, tuple[str, ...]], changing: Callable[[str], tuple[str, ...] | None] | None = None
    ) -> None:
        self._fixed = fixed
        self._changing = changing
        self.asked_for_changing = False

    def values(self, key: str) -> tuple[str, ...] | None:
        """The values of a key (its case does not matter), or None when the request does not have it."""
        name = key.lower()
        if name in self._fixed:
            return self._fixed[name]
        self.asked_for_changing = True
        return self._changing(name) if self._changing else None

    def variable(self, key: str) -> str | None:
        """The value of a key as a policy variable: only keys with one value can be one."""
        values = self.values(key)
        return values[0] if values and len(values) == 1 else None


def parse_operator(operator: str) -> tuple[str, str, bool] | None:
    """The base operator, ``any``, ``all`` or nothing, and whether IfExists stands behind it; None: no such operator."""
    prefix, _, rest = operator.rpartition(":")
    quantity = {"": "", "ForAnyValue": "any", "ForAllValues": "all"}.get(prefix)
    base = rest.removesuffix("IfExists")
    if quantity is None or base not in OPERATORS or (base == "Null" and (base != rest or quantity)):
        return None
    return base, quantity, base != rest


def holds(condition: Condition, context: Context, lookup: Lookup | None) -> bool:
    """Whether the request fulfils ``condition``."""
    actual = context.values(condition.key)
    if condition.base == "Null":
        return any(value.lower() == str(actual is None).lower() for value in condition.values)
    compare, negated = OPERATORS[condition.base]
    if not actual:
        if condition.quantity:
            return condition.quantity == "all"
        return negated or condition.if_exists
    matches = (any(compare(wanted, one, lookup) for wanted in condition.values) is not negated for one in actual)
    if condition.quantity == "all" or (negated and not condition.quantity):
        return all(matches)
    return any(matches)


def _text(wanted: str, actual: str, lookup: Lookup | None) -> bool:
    return replaced(wanted, lookup) == actual


def _text_any_case(wanted: str, actual: str, lookup: Lookup | None) -> bool:
    found = replaced(wanted, lookup)
    return found is not None and found.casefold() == actual.casefold()


def _boolean(wanted: str, actual: str, lookup: Lookup | None) -> bool:
    found = replaced(wanted, lookup)
    return found is not None and found.lower() == actual.lower()


def _ip(wanted: str, actual: str, lookup: Lookup | None) -> bool:
    try:
        return ipaddress.ip_address(actual) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


def number_of(text: str) -> float | None:
    """A condition's number, or None."""
    try:
        return float(text) if len(text) <= 40 else None
    except ValueError:
        return None


def moment_of(text: str) -> float | None:
    """Seconds since 1970 of an ISO 8601 moment or of a number of seconds, or None."""
    seconds = number_of(text)
    if seconds is not None:
        return seconds
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()


def _measured(read: Callable[[str], float | None], compare: Callable[[float, float], bool]) -> Compare:
    def measured(wanted: str, actual: str, lookup: Lookup | None) -> bool:
        text = replaced(wanted, lookup)
        limit, value = read(text) if text is not None else None, read(actual)
        return limit is not None and value is not None and compare(value, limit)

    return measured


_ORDER: dict[str, tuple[Callable[[float, float], bool], bool]] = {
    "Equals": (lambda value, limit: value == limit, False),
    "NotEquals": (lambda value, limit: value == limit, True),
    "LessThan": (lambda value, limit: value < limit, False),
    "LessThanEquals": (lambda value, limit: value <= limit, False),
    "GreaterThan": (lambda value, limit: value > limit, False),
    "GreaterThanEquals": (lambda value, limit: value >= limit, False),
}

OPERATORS: dict[str, tuple[Compare, bool]] = {
    "StringEquals": (_text, False),
    "StringNotEquals": (_text, True),
    "StringEqualsIgnoreCase": (_text_any_case, False),
    "StringNotEqualsIgnoreCase": (_text_any_case, True),
    "StringLike": (like_with_variables, False),
    "StringNotLike": (like_with_variables, True),
    "ArnEquals": (arn_like, False),  # ArnEquals and ArnLike behave identically
    "ArnLike": (arn_like, False),
    "ArnNotEquals": (arn_like, True),
    "ArnNotLike": (arn_like, True),
    "Bool": (_boolean, False),
    "IpAddress": (_ip, False),
    "NotIpAddress": (_ip, True),
    **{f"Numeric{name}": (_measured(number_of, order), negated) for name, (order, negated) in _ORDER.items()},
    **{f"Date{name}": (_measured(moment_of, order), negated) for name, (order, negated) in _ORDER.items()},
    "Null": (_boolean, False),
}
"""Each operator: how it compares, and whether it is negated."""
