"""Setting one field of a sample by its path: ``Records[0].s3.object.key``, ``headers.host``, ``tasks[0].s3Key``.

A path is what ``lambdalab event SOURCE --list`` shows. Names are parted by dots, places in a list stand in brackets; a
name that has a dot or a bracket itself stands in quotes: ``multiValueHeaders."x.y"``.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from typing import Any

from lambdalab.simulator.vocabulary.events.plain import Encoded

Step = str | int
_STEP = re.compile(r'\.?(?:"([^"]+)"|([^.\[\]"]+))|\[(\d{1,6})\]')
_PLAIN = re.compile(r'[^.\[\]"]+')
NAMES_SHOWN = 8


class UnknownField(ValueError):
    """A path that leads nowhere, or a value of the wrong kind. The message is one sentence with what to write."""


def set_field(sample: Any, path: str, text: str) -> None:
    """Set the field at ``path`` to what ``text`` says: a text where a text stands, otherwise JSON.

    Raises :class:`UnknownField`.
    """
    steps = steps_of(path)
    inside = sample
    for index, step in enumerate(steps[:-1]):
        inside = _plain(_child(inside, step, steps[:index], path))
    last = steps[-1]
    old = _child(inside, last, steps[:-1], path)
    if isinstance(old, Encoded):
        old.value = _value(old.value, text, path)
    else:
        inside[last] = _value(old, text, path)


def fields_of(sample: Any, at: tuple[Step, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every field with its path and its plain value; empty lists and mappings are fields, too."""
    plain = _plain(sample)
    if isinstance(plain, dict) and plain:
        for name, item in plain.items():
            yield from fields_of(item, (*at, name))
    elif isinstance(plain, list) and plain:
        for place, item in enumerate(plain):
            yield from fields_of(item, (*at, place))
    else:
        yield path_of(at), plain


def steps_of(path: str) -> list[Step]:
    """The names and places of a path. Raises :class:`UnknownField`."""
    steps: list[Step] = []
    at = 0
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None or (at == 0 and path.startswith(".")) or (at and found[3] is None and path[at] != "."):
            raise UnknownField(f"{path!r} is not a path. Write it like Records[0].s3.object.key.")
        steps.append(int(found[3]) if found[3] is not None else found[1] or found[2])
        at = found.end()
    if not steps:
        raise UnknownField("a path is missing. Write it like Records[0].s3.object.key=cat.jpg.")
    return steps


def path_of(steps: tuple[Step, ...]) -> str:
    """The path of some names and places."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += ("." if text else "") + (step if _PLAIN.fullmatch(step) else f'"{step}"')
    return text


def _plain(value: Any) -> Any:
    while isinstance(value, Encoded):
        value = value.value
    return value


def _child(inside: Any, step: Step, above: list[Step], path: str) -> Any:
    if isinstance(inside, dict) and step in inside:
        return inside[step]
    if isinstance(inside, list) and isinstance(step, int) and step < len(inside):
        return inside[step]
    here = path_of(tuple(above)) or "the event"
    raise UnknownField(f"{path}: {here} has no {path_of((step,))}. {_help(inside, step, above)}")


def _help(inside: Any, step: Step, above: list[Step]) -> str:
    if isinstance(inside, list):
        return f"It has {len(inside)} in it, from [0]." if inside else "It is empty; set the whole of it, as JSON."
    if not isinstance(inside, dict):
        return "It is a single value."
    near = difflib.get_close_matches(str(step), list(inside), 1)
    if near:
        return f"Did you mean {path_of((*above, near[0]))}?"
    names = [path_of((name,)) for name in inside]
    shown = ", ".join(names[:NAMES_SHOWN]) + (", …" if len(names) > NAMES_SHOWN else "")
    return f"It has {shown}." if names else "It is empty; set the whole of it, as JSON."


def _value(old: Any, text: str, path: str) -> Any:
    if isinstance(old, Encoded):
        raise UnknownField(f"{path} is encoded twice.")  # no sample has such a field
    if isinstance(old, str):
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        if old is None:
            return text
        raise UnknownField(f"{path} takes {_kind(old)}, not {text[:60]!r}.") from None
    if old is None or _kind(value) == _kind(old):
        return value
    raise UnknownField(f"{path} takes {_kind(old)}, not {text[:60]!r}.")


def _kind(value: Any) -> str:
    kinds = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list, as JSON",
        dict: "a mapping, as JSON",
        type(None): "null",
    }
    return kinds.get(type(value), "a text")
