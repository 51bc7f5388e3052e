"""Checks: JMESPath over the run's summary, evaluated with bounds (a short query can build millions of elements)."""

from __future__ import annotations

import re
from typing import Any

import jmespath
import jmespath.exceptions
import jmespath.parser
import jmespath.visitor

from lambdalab.simulator.scenario.schema import Check
from lambdalab.simulator.trace.facts import CheckEvaluated

QUERY_CHARACTERS_MAX = 1_000
WORK_MAX = 300_000  # nodes visited plus elements built
SHOWN_MAX = 200  # values and characters of a check's actual value in the trace; larger ones are named


class QueryTooLarge(Exception):
    """A query that would take too long or too much memory."""


class _Bounded(jmespath.visitor.TreeInterpreter):  # type: ignore[misc]
    """Counts what a query costs. A value that names another one twice is as large as if it were written out: a chain of
    ``[@, @]`` is small in memory, but not for whoever prints it."""

    work = 0

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        self._spend(1)
        value = super().visit(node, *args, **kwargs)
        if node["type"].startswith("multi_select"):
            self._spend(_size(value, WORK_MAX - self.work))
        elif isinstance(value, list | str):
            self._spend(len(value))
        return value

    def _spend(self, work: int) -> None:
        self.work += work
        if self.work > WORK_MAX:
            raise QueryTooLarge


def query_error(query: str) -> str | None:
    """Why ``query`` cannot be used, or None."""
    if len(query) > QUERY_CHARACTERS_MAX:
        return f"a query has at most {QUERY_CHARACTERS_MAX} characters."
    try:
        jmespath.compile(query)
    except (jmespath.exceptions.JMESPathError, RecursionError) as error:
        return f"not a JMESPath query: {str(error).splitlines()[0]}"
    return None


def search(query: str, summary: dict[str, Any]) -> Any:
    """The value of ``query`` over a summary. Raises :class:`QueryTooLarge`, or ``ValueError`` on a wrong query."""
    try:
        parsed = jmespath.parser.Parser().parse(query)
        value = _Bounded().visit(parsed.parsed, summary)
    except (jmespath.exceptions.JMESPathError, RecursionError) as error:
        raise ValueError(str(error)) from None
    return value


def evaluate(check: Check, summary: dict[str, Any]) -> CheckEvaluated:
    """Compare one check with the summary. A query that fails on this summary is a check that does not hold."""
    try:
        actual = search(check.query, summary)
        passed = holds(check.comparison, actual, check.expected)
    except (QueryTooLarge, ValueError) as error:
        actual, passed = f"the query failed: {type(error).__name__} {error}"[:SHOWN_MAX], False
    shown = actual if _size(actual, SHOWN_MAX) <= SHOWN_MAX else f"{type(actual).__name__} of {len(actual)}"
    return CheckEvaluated(check.id, check.says, passed, shown, check.expected, check.comparison, check.hidden)


def holds(comparison: str, actual: Any, expected: Any) -> bool:
    """Whether ``actual`` compares with ``expected`` as asked."""
    if comparison == "equals":
        return bool(actual == expected) and isinstance(actual, bool) == isinstance(expected, bool)
    if comparison == "contains":
        return _contains(actual, expected)
    if comparison == "matches":
        return isinstance(actual, str) and re.search(str(expected), actual[:10_000]) is not None
    if not isinstance(actual, int | float) or isinstance(actual, bool):
        return False
    if comparison == "between":
        return bool(expected[0] <= actual <= expected[1])
    return bool(actual <= expected if comparison == "at_most" else actual >= expected)


def _contains(actual: Any, expected: Any) -> bool:
    if isinstance(actual, str | dict):
        return isinstance(expected, str) and expected in actual
    return isinstance(actual, list) and expected in actual


def _size(value: Any, limit: int) -> int:
    """How many values and characters ``value`` has when written out; counting ends a little above ``limit``."""
    size, waiting = 0, [value]
    while waiting and size <= limit:
        item = waiting.pop()
        size += len(item) if isinstance(item, str) else 1
        if isinstance(item, list):
            waiting += item
        elif isinstance(item, dict):
            waiting += item.values()
    return size
