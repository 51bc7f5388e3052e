"""What one value of an event may be: the rules in the arrays of an event pattern. Each says whether it takes a value.

A value is text, a number (as :class:`Number`), true, false or null; numbers are compared as they are written, and as
what they are (LS events patterns: 300 takes 300.0).
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from lambdalab.simulator.vocabulary.wildcards import fits

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Number(str):
    """A JSON number of an event, as it is written."""

    __slots__ = ()

    @property
    def value(self) -> float | None:
        """What it is; None beyond what can be compared."""
        number = float(self)
        return number if math.isfinite(number) else None


def is_text(value: Any) -> TypeGuard[str]:
    """Whether a value is text."""
    return isinstance(value, str) and not isinstance(value, Number)


@dataclass(frozen=True, slots=True)
class Equal:
    """The value itself. ``number`` is what it is when ``value`` is a number's digits."""

    value: Any
    number: float | None

    def takes(self, value: Any) -> bool:
        """Whether the value is the same, and of the same kind."""
        if isinstance(value, Number):
            same = self.number is not None and value.value == self.number
            return same or (self.number is not None and str(value) == self.value)
        return self.number is None and type(value) is type(self.value) and bool(value == self.value)


@dataclass(frozen=True, slots=True)
class Prefix:
    """Text that begins so."""

    text: str
    ignore_case: bool = False

    def takes(self, value: Any) -> bool:
        """Whether the value does."""
        if not is_text(value):
            return False
        return value.lower().startswith(self.text.lower()) if self.ignore_case else value.startswith(self.text)


@dataclass(frozen=True, slots=True)
class Suffix:
    """Text that ends so."""

    text: str
    ignore_case: bool = False

    def takes(self, value: Any) -> bool:
        """Whether the value does."""
        if not is_text(value):
            return False
        return value.lower().endswith(self.text.lower()) if self.ignore_case else value.endswith(self.text)


@dataclass(frozen=True, slots=True)
class IgnoreCase:
    """Text that is the same but for upper and lower case."""

    text: str

    def takes(self, value: Any) -> bool:
        """Whether the value is."""
        return is_text(value) and value.lower() == self.text.lower()


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Text with these parts in this order and anything between them."""

    parts: tuple[str, ...]

    def takes(self, value: Any) -> bool:
        """Whether the value fits; in time that grows with its length only."""
        return is_text(value) and fits(self.parts, value)


@dataclass(frozen=True, slots=True)
class Cidr:
    """An address of this network."""

    network: Network

    def takes(self, value: Any) -> bool:
        """Whether the value is one."""
        if not is_text(value) or len(value) > 45:
            return False
        try:
            return ipaddress.ip_address(value) in self.network
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class Numeric:
    """A number within these bounds."""

    bounds: tuple[tuple[str, float], ...]

    def takes(self, value: Any) -> bool:
        """Whether the value is one."""
        number = value.value if isinstance(value, Number) else None
        return number is not None and all(_COMPARISONS[sign](number, bound) for sign, bound in self.bounds)


@dataclass(frozen=True, slots=True)
class AnythingBut:
    """Any value, null too, but those that one of these takes."""

    rules: tuple[Equal | Prefix | Suffix | IgnoreCase | Wildcard, ...]

    def takes(self, value: Any) -> bool:
        """Whether it is none of them."""
        return not any(rule.takes(value) for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Exists:
    """A leaf that is there (null is there), or one that is not."""

    wanted: bool

    def takes(self, value: Any) -> bool:
        """A value is there."""
        return self.wanted


Rule = Equal | Prefix | Suffix | IgnoreCase | Wildcard | Cidr | Numeric | AnythingBut | Exists


def network(address: str, bits: int) -> Network | str:
    """The network of an address, or AWS's reason why it is none. Source: aws/event-ruler, CIDR."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return f"Nonstandard IP address: {address}"
    longest = 32 if found.version == 4 else 128
    if bits >= longest:
        return f"IPv{found.version} mask bits must be < {longest}"
    return ipaddress.ip_network(f"{address}/{bits}", strict=False)


def wildcard_parts(text: str) -> tuple[str, ...] | str:
    """What stands between the stars, or AWS's reason why the text is no wildcard. ``\\*`` is a star, ``\\\\`` a slash.

    Positions count the quotation mark in front. Source: aws/event-ruler, WildcardParser; LS events patterns.
    """
    parts, at = [""], 0
    while at < len(text):
        character = text[at]
        if character == "\\":
            if text[at + 1 : at + 2] not in ("*", "\\"):
                return f"Invalid escape character at pos {at + 1}"
            parts[-1] += text[at + 1]
            at += 2
            continue
        if character == "*":
            if text[at + 1 : at + 2] == "*":
                return f"Consecutive wildcard characters at pos {at + 1}"
            parts.append("")
        else:
            parts[-1] += character
        at += 1
    return tuple(parts)
