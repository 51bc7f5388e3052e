"""Metric math: arithmetic on time series, and the functions that most expressions are made of.

Source: CloudWatch User Guide, "Using math expressions with CloudWatch metrics", read 2026-11. What is not here is told
as such: SEARCH, Metrics Insights, IF, anomaly detection and most functions. Two series meet at the moments that both
have; a quotient by zero is no datapoint.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

LENGTH_MAX, DEPTH_MAX = 2_048, 40  # BC MetricExpression; ours
Series = dict[int, float]
"""Values by the second since 1970 at which their period begins."""
Value = float | Series | list[Series]
_TOKEN = re.compile(r"""\s*(?:(\d+(?:\.\d*)?|\.\d+)|([A-Za-z_][A-Za-z0-9_]*)|("[^"]*"|'[^']*')|([-+*/^(),\[\]]))""")
_SUMS: Mapping[str, Callable[[float, float], float]] = {"+": operator.add, "-": operator.sub}
_PRODUCTS: Mapping[str, Callable[[float, float], float]] = {"*": operator.mul, "/": operator.truediv}
_EACH: Mapping[str, Callable[[float], float]] = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor}
_OVER: Mapping[str, Callable[[list[float]], float]] = {
    "SUM": math.fsum,
    "AVG": lambda values: math.fsum(values) / len(values),
    "MIN": min,
    "MAX": max,
}


class WrongExpression(ValueError):
    """No expression, or one that does not fit its metrics."""


class Unsupported(ValueError):
    """An expression that CloudWatch could work out, and lambdalab cannot."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an expression may name: other queries by their ids, all metrics, and the moments of its periods."""

    value_of: Callable[[str], Value]
    metrics: Callable[[str], list[Series]]
    moments: range


def evaluate(text: str, around: Surroundings) -> Value:
    """The value of an expression. Raises :class:`WrongExpression` and :class:`Unsupported`."""
    if len(text) > LENGTH_MAX:
        raise WrongExpression(f"an expression has at most {LENGTH_MAX} characters")
    if re.match(r"\s*SELECT\s", text, re.IGNORECASE):
        raise Unsupported("Metrics Insights queries")
    try:
        return _Reader(text, around).all()
    except OverflowError:  # of a sum, whose parts are all within a double's range
        raise WrongExpression("a value is too large") from None


class _Reader:
    """Reads and works out at once: nothing is kept of an expression."""

    def __init__(self, text: str, around: Surroundings) -> None:
        self._tokens = _tokens(text)
        self._around = around
        self._at = 0
        self._depth = 0

    def all(self) -> Value:
        value = self._sum()
        if self._at < len(self._tokens):
            raise WrongExpression(f"unexpected {self._tokens[self._at]!r}")
        return value

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _expect(self, token: str) -> None:
        found = self._next()
        if found != token:
            raise WrongExpression(f"{token!r} is missing" if not found else f"unexpected {found!r}")

    def _sum(self) -> Value:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise WrongExpression("it is nested too deeply")
        value = self._product()
        while self._peek() in _SUMS:
            value = _combined(_SUMS[self._next()], value, self._product())
        self._depth -= 1
        return value

    def _product(self) -> Value:
        value = self._signed()
        while self._peek() in _PRODUCTS:
            value = _combined(_PRODUCTS[self._next()], value, self._signed())
        return value

    def _signed(self) -> Value:
        minus = False
        while self._peek() == "-":
            minus = not minus
            self._at += 1
        value = self._unit()
        if self._peek() == "^":
            self._at += 1
            value = _combined(operator.pow, value, self._unit())
        return _mapped(operator.neg, value) if minus else value

    def _unit(self) -> Value:
        word = self._next()
        if word == "(":
            value = self._sum()
            self._expect(")")
            return value
        if word == "[":
            return self._array()
        if word[:1].isdigit() or word[:1] == ".":
            number = float(word)
            if math.isinf(number):
                raise WrongExpression("a number is too large")
            return number
        if not word[:1].isalpha():
            raise WrongExpression(f"unexpected {word!r}" if word else "it ends too soon")
        if self._peek() == "(":
            self._at += 1
            return self._function(word)
        return self._around.value_of(word)

    def _array(self) -> list[Series]:
        found: list[Series] = []
        while True:
            value = self._sum()
            if isinstance(value, float):
                raise WrongExpression("an array holds time series")
            found += value if isinstance(value, list) else [value]
            if self._peek() != ",":
                self._expect("]")
                return found
            self._at += 1

    def _function(self, name: str) -> Value:
        if name == "METRICS":
            part = self._next()[1:-1] if self._peek()[:1] in ('"', "'") else ""
            self._expect(")")
            return self._around.metrics(part)
        if name not in _EACH and name not in _OVER and name != "FILL":
            raise Unsupported(f"the function {name} of metric math")
        value = self._sum()
        if name == "FILL":
            return self._fill(value)
        self._expect(")")
        return _mapped(_EACH[name], value) if name in _EACH else _over(_OVER[name], value)

    def _fill(self, value: Value) -> Value:
        self._expect(",")
        if self._peek() in ("REPEAT", "LINEAR"):
            raise Unsupported(f"FILL with {self._peek()}")
        by = self._sum()
        self._expect(")")
        if not isinstance(by, float) or isinstance(value, float):
            raise WrongExpression("FILL takes a time series and a number")
        filled = [{moment: each.get(moment, by) for moment in self._around.moments} for each in _series(value)]
        return filled if isinstance(value, list) else filled[0]


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            sign = text[at:].strip()[:1]
            if sign in "<>=!&|":
                raise Unsupported(f"{sign} in metric math")
            raise WrongExpression(f"unexpected {sign!r}")
        found.append(match[0].strip())
        at = match.end()
    return found


def _series(value: Series | list[Series]) -> list[Series]:
    return value if isinstance(value, list) else [value]


def _mapped(change: Callable[[float], float], value: Value) -> Value:
    if isinstance(value, float):
        return float(change(value))
    if isinstance(value, list):
        return [{at: float(change(each)) for at, each in series.items()} for series in value]
    return {at: float(change(each)) for at, each in value.items()}


def _combined(join: Callable[[float, float], float], left: Value, right: Value) -> Value:
    if isinstance(left, float) and isinstance(right, float):
        result = _joined(join, left, right)
        if result is None:
            raise WrongExpression("a number is divided by zero")
        return result
    if isinstance(left, list) and isinstance(right, list):
        raise WrongExpression("two arrays of time series cannot be combined")
    if isinstance(left, list):
        assert not isinstance(right, list)
        return [_pairs(join, each, right) for each in left]
    if isinstance(right, list):
        return [_pairs(join, left, each) for each in right]
    return _pairs(join, left, right)


def _pairs(join: Callable[[float, float], float], left: float | Series, right: float | Series) -> Series:
    moments = left if isinstance(left, dict) else right
    assert isinstance(moments, dict)
    found: Series = {}
    for at in moments:
        one = left.get(at) if isinstance(left, dict) else left
        other = right.get(at) if isinstance(right, dict) else right
        result = None if one is None or other is None else _joined(join, one, other)
        if result is not None:
            found[at] = result
    return found


def _joined(join: Callable[[float, float], float], one: float, other: float) -> float | None:
    try:
        result = join(one, other)
    except (ZeroDivisionError, OverflowError):
        return None
    return float(result) if isinstance(result, float | int) and math.isfinite(result) else None


def _over(reduce: Callable[[list[float]], float], value: Value) -> Value:
    """Over the values of one series: a number; over several series: a series."""
    if isinstance(value, float):
        return value
    if isinstance(value, dict):
        if not value:
            return {}
        return float(reduce(list(value.values())))
    moments = sorted({at for each in value for at in each})
    return {at: float(reduce([each[at] for each in value if at in each])) for at in moments}
