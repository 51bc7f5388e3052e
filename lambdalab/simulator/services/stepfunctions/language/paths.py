"""Paths into JSON, as the States Language writes them: ``$.orders[0].id``, ``$$.Execution.Name``, ``$..sku``.

Source: Step Functions Developer Guide, "Specifying state input and output data using paths", read 2026-11. A reference
path names one place; other paths may select several, and then answer a list. Filters (``[?(@.price > 5)]``) are left
out: see LEFT_OUT.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from lambdalab.simulator.services.stepfunctions.language.errors import RUNTIME, StateError

FOUND_MAX = 20_000  # values that one path may select: ours, input has at most 256 KB
LENGTH_MAX = 2_000
_STEP = re.compile(
    r"(?P<deep>\.\.)?(?:"
    r"\.?(?P<name>[A-Za-z_\u0080-\uffff][\w\u0080-\uffff-]*)"
    r"|\.?(?P<star>\*)"
    r"|\[\s*(?P<quote>['\"])(?P<quoted>(?:\\.|(?!(?P=quote))[^\\])*)(?P=quote)\s*\]"
    r"|\[\s*(?P<every>\*)\s*\]"
    r"|\[\s*(?P<numbers>-?\d+(?:\s*,\s*-?\d+)*)\s*\]"
    r"|\[\s*(?P<slice>-?\d*\s*:\s*-?\d*)\s*\])"
)
Step = tuple[str, Any]


class PathError(ValueError):
    """A path that cannot be read."""


@lru_cache(maxsize=2048)
def parsed(path: str) -> tuple[Step, ...]:
    """The steps of a path without its ``$``. Raises :class:`PathError`."""
    if not path.startswith("$") or len(path) > LENGTH_MAX:
        raise PathError(f"{path[:80]!r} is no path: it begins with $")
    at, steps = 1, []
    while at < len(path):
        found = _STEP.match(path, at)
        bare = found is not None and found["name"] and not found["deep"] and path[at] != "."
        if found is None or bare:
            raise PathError(f"{path[:80]!r} cannot be read from character {at + 1} on")
        if found["deep"]:
            steps.append(("deep", None))
        steps.append(_step(found))
        at = found.end()
    return tuple(steps)


def _step(found: re.Match[str]) -> Step:
    if found["name"] is not None:
        return "name", found["name"]
    if found["quoted"] is not None:
        return "name", re.sub(r"\\(.)", r"\1", found["quoted"])
    if found["numbers"] is not None:
        numbers = [int(each) for each in found["numbers"].split(",")]
        return ("index", numbers[0]) if len(numbers) == 1 else ("indexes", numbers)
    if found["slice"] is not None:
        low, high = (int(each) if each.strip() else None for each in found["slice"].split(":"))
        return "slice", slice(low, high)
    return "every", None


def is_reference(path: str) -> bool:
    """Whether a path names exactly one place, as ResultPath and a Choice's Variable must."""
    return all(kind in ("name", "index") for kind, _ in parsed(path))


def select(path: str, data: Any, context: Any = None) -> Any:
    """What ``path`` selects in ``data``, or in the context object for ``$$``. Raises :class:`StateError`."""
    root, rest = (context, path[1:]) if path.startswith("$$") else (data, path)
    try:
        steps = parsed(rest)
    except PathError as error:
        raise StateError(RUNTIME, f"Invalid path '{path}': {error}.") from None
    found = [root]
    many = False
    for number, (kind, what) in enumerate(steps, 1):
        many = many or kind not in ("name", "index")
        found = list(_bounded(_after(kind, what, found)))
        if not found and not many:
            raise MissingError(path, _missing(steps[:number], last=number == len(steps)))
    return found if many else found[0]


class MissingError(StateError):
    """A path leads to nothing. ``path`` is the path as it was written."""

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        super().__init__(RUNTIME, f"Invalid path '{path}' : {why}")


def _missing(steps: tuple[Step, ...], *, last: bool) -> str:
    """Where a path ends, in the words of the JsonPath library of which AWS shows the errors."""
    shown = "$" + "".join(f"['{what}']" if kind == "name" else f"[{what}]" for kind, what in steps)
    return f"No results for path: {shown}" if last else f"Missing property in path {shown}"


def exists(path: str, data: Any, context: Any = None) -> bool:
    """Whether a path leads to something."""
    try:
        select(path, data, context)
    except StateError:
        return False
    return True


def _after(kind: str, what: Any, found: list[Any]) -> Iterator[Any]:
    for value in found:
        if kind == "deep":
            yield from _all_inside(value)
        elif kind == "every":
            yield from value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        elif kind == "name":
            if isinstance(value, dict) and what in value:
                yield value[what]
        elif isinstance(value, list):
            yield from _of_list(kind, what, value)


def _of_list(kind: str, what: Any, value: list[Any]) -> Iterator[Any]:
    if kind == "slice":
        yield from value[what]
        return
    for index in what if kind == "indexes" else [what]:
        if -len(value) <= index < len(value):
            yield value[index]


def _all_inside(value: Any) -> Iterator[Any]:
    """A value and everything in it, outermost first."""
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from _all_inside(each)


def _bounded(values: Iterator[Any]) -> Iterator[Any]:
    for number, value in enumerate(values):
        if number >= FOUND_MAX:
            raise StateError(RUNTIME, f"A path selects more than {FOUND_MAX:,} values.")
        yield value


def put(path: str, data: Any, value: Any) -> Any:
    """``data`` with ``value`` at a reference path, as ResultPath does it; what is on the way is made."""
    steps = parsed(path)
    if not steps:
        return value
    return _put(steps, data, value, path)


def _put(steps: tuple[Step, ...], data: Any, value: Any, path: str) -> Any:
    if not steps:
        return value
    (kind, what), rest = steps[0], steps[1:]
    if kind == "name":
        if not isinstance(data, dict | None):
            raise StateError("States.ResultPathMatchFailure", f"Unable to apply ResultPath '{path}' to the input.")
        here = dict(data or {})
        here[what] = _put(rest, here.get(what), value, path)
        return here
    if not isinstance(data, list) or not 0 <= what < len(data):
        raise StateError("States.ResultPathMatchFailure", f"Unable to apply ResultPath '{path}' to the input.")
    return [*data[:what], _put(rest, data[what], value, path), *data[what + 1 :]]
