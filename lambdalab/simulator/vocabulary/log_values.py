"""Values that stand in log events, and how the comparisons of filter patterns judge them.

Source: Amazon CloudWatch Logs User Guide, "Filter pattern syntax for metric filters, subscription filters, filter log
events, and Live Tail", read 2026-11. Regular expressions (``%…%``) are left out: nothing bounds the time they take.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.vocabulary.wildcards import fits

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
ORDER: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class LogPatternError(ValueError):
    """A text that is no filter pattern."""


class UnsupportedPattern(LogPatternError):
    """A filter pattern that CloudWatch could read, and lambdalab cannot."""

    def __init__(self) -> None:
        super().__init__("lambdalab does not evaluate regular expressions in filter patterns")


def number_of(value: Any) -> float | None:
    """A number, or a text that is one in digits; infinite where it is beyond a double's range. None for all else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else None
    try:
        return float(value)
    except OverflowError:  # of a whole number with more than 308 digits, which JSON may hold
        return math.inf if value > 0 else -math.inf


def taking(sign: str, value: str, *, quoted: bool) -> Callable[[Any], bool]:
    """Whether a value meets ``sign value``. A number compares with numbers; a text may have stars."""
    if not quoted and len(value) > 1 and value.startswith("%") and value.endswith("%"):
        raise UnsupportedPattern
    number = None if quoted else number_of(value)
    if sign in ORDER:
        if number is None:
            raise LogPatternError(f"{sign} compares with a number, not with {value}")
        compare, bound = ORDER[sign], number
        return lambda each: (found := number_of(each)) is not None and compare(found, bound)
    parts = value.split("*")

    def same(each: Any) -> bool:
        if number is not None and number_of(each) == number:
            return True
        return isinstance(each, str | int | float) and not isinstance(each, bool) and fits(parts, str(each))

    return same if sign == "=" else lambda each: not same(each)
