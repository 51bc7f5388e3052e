"""Intrinsic functions: ``States.Format('Order {}', $.id)``.

Source: Step Functions Developer Guide, "Intrinsics for JSONPath states in Step Functions", read 2026-11.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import random
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.services.stepfunctions.data import DATA_BYTES_MAX, UNREADABLE, loaded, written
from lambdalab.simulator.services.stepfunctions.language import paths
from lambdalab.simulator.services.stepfunctions.language.errors import StateError, TooLongError

FAILURE = "States.IntrinsicFailure"
DEPTH_MAX = 10  # documented: up to ten nested
TEXT_MAX = 10_000  # documented: of Base64 and Hash
RANGE_MAX = 1_000  # documented: of ArrayRange
WHOLE_MAX = 2_147_483_647  # documented: of MathAdd
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORD = re.compile(r"true|false|null")
_NAME = re.compile(r"States\.[A-Za-z0-9]+")
HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


class IntrinsicError(ValueError):
    """A call that cannot be read."""


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments: values, :class:`Path` or further calls."""

    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """An argument that is a path."""

    path: str


def is_intrinsic(text: str) -> bool:
    """Whether a template's value calls a function."""
    return text.startswith("States.")


def parsed(text: str) -> Call:
    """Read a call. Raises :class:`IntrinsicError`."""
    call, at = _call(text, 0, 1)
    if text[at:].strip():
        raise IntrinsicError(f"{text[:80]!r} goes on after its last bracket")
    return call


def _call(text: str, at: int, depth: int) -> tuple[Call, int]:
    if depth > DEPTH_MAX:
        raise IntrinsicError(f"functions are nested more than {DEPTH_MAX} deep")
    found = _NAME.match(text, at)
    if found is None or text[found.end() : found.end() + 1] != "(":
        raise IntrinsicError(f"{text[:80]!r} is no call of a function")
    name = found[0]
    if name not in _FUNCTIONS:
        raise IntrinsicError(f"there is no function {name}")
    at, arguments = _space(text, found.end() + 1), []
    while text[at : at + 1] != ")":
        value, at = _argument(text, at, depth)
        arguments.append(value)
        at = _space(text, at)
        if text[at : at + 1] == ",":
            at = _space(text, at + 1)
        elif text[at : at + 1] != ")":
            raise IntrinsicError(f"{text[:80]!r} lacks a comma or a bracket at character {at + 1}")
    _check_count(name, len(arguments))
    return Call(name, tuple(arguments)), at + 1


def _argument(text: str, at: int, depth: int) -> tuple[Any, int]:
    if text[at : at + 1] == "'":
        return _text(text, at + 1)
    if text[at : at + 1] == "$":
        return _path(text, at)
    if text.startswith("States.", at):
        return _call(text, at, depth + 1)
    found = _NUMBER.match(text, at) or _WORD.match(text, at)
    if found is None:
        raise IntrinsicError(f"{text[:80]!r} has an argument that cannot be read at character {at + 1}")
    return json.loads(found[0]), found.end()


def _text(text: str, at: int) -> tuple[str, int]:
    """A text in single quotes; a backslash takes the meaning of a quote, a brace or a backslash away."""
    out = []
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text):
            out.append(text[at : at + 2] if text[at + 1] in "{}" else text[at + 1])
            at += 2
        elif text[at] == "'":
            return "".join(out), at + 1
        else:
            out.append(text[at])
            at += 1
    raise IntrinsicError(f"{text[:80]!r} has a text that does not end")


def _path(text: str, at: int) -> tuple[Path, int]:
    end, inside = at, 0
    while end < len(text) and (inside or text[end] not in ",) "):
        inside += (text[end] == "[") - (text[end] == "]")
        end += 1
    paths.parsed(text[at:end].removeprefix("$") if text.startswith("$$", at) else text[at:end])
    return Path(text[at:end]), end


def _space(text: str, at: int) -> int:
    while text[at : at + 1].isspace():
        at += 1
    return at


def _check_count(name: str, count: int) -> None:
    low, high, _ = _FUNCTIONS[name]
    if count < low or (high is not None and count > high):
        wanted = f"{low}" if low == high else f"{low} or more" if high is None else f"{low} to {high}"
        raise IntrinsicError(f"{name} takes {wanted} arguments, not {count}")


def evaluate(call: Call, data: Any, context: Any, chance: random.Random) -> Any:
    """What a call answers. Raises :class:`StateError`."""
    values = []
    for each in call.arguments:
        if isinstance(each, Path):
            values.append(paths.select(each.path, data, context))
        elif isinstance(each, Call):
            values.append(evaluate(each, data, context, chance))
        else:
            values.append(each)
    _, _, function = _FUNCTIONS[call.name]
    try:
        return function(chance, *values)
    except StateError:
        raise
    except (ValueError, TypeError, IndexError, KeyError, binascii.Error, OverflowError, RecursionError) as error:
        raise StateError(FAILURE, f"{call.name}: {error or 'its arguments do not fit'}") from None


def _format(chance: random.Random, template: str, *values: Any) -> str:
    shown = [each if isinstance(each, str) else written(each) for each in values]
    parts = re.split(r"(\\[{}\\]|\{\})", _of(str, template))
    if parts.count("{}") != len(shown):
        raise ValueError(f"there are {parts.count('{}')} places for {len(shown)} arguments")
    if sum(map(len, shown)) > DATA_BYTES_MAX:
        raise TooLongError
    left = iter(shown)
    plain = {r"\{": "{", r"\}": "}", "\\\\": "\\"}
    return "".join(next(left) if part == "{}" else plain.get(part, part) for part in parts)


_NOUNS = {str: "a text", int: "a whole number", list: "an array", dict: "an object"}


def _of(kind: type, value: Any) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"{json.dumps(value)[:80]} is not {_NOUNS[kind]}")
    return value


def _contains(chance: random.Random, array: Any, value: Any) -> bool:
    wanted = json.dumps(value, sort_keys=True)
    return any(json.dumps(each, sort_keys=True) == wanted for each in _of(list, array))


def _short(text: Any) -> str:
    if len(_of(str, text)) > TEXT_MAX:
        raise ValueError(f"the text is longer than {TEXT_MAX:,} characters")
    return str(text)


def _partition(chance: random.Random, array: Any, size: Any) -> list[Any]:
    if _of(int, size) < 1:
        raise ValueError("a part has at least one element")
    return [array[start : start + size] for start in range(0, len(_of(list, array)), size)]


def _range(chance: random.Random, first: Any, last: Any, step: Any) -> list[int]:
    if _of(int, step) == 0:
        raise ValueError("the step must not be 0")
    found = range(_of(int, first), _of(int, last) + (1 if step > 0 else -1), step)
    if len(found) > RANGE_MAX:
        raise ValueError(f"the array would have more than {RANGE_MAX:,} elements")
    return list(found)


def _get(chance: random.Random, array: Any, index: Any) -> Any:
    if not 0 <= _of(int, index) < len(_of(list, array)):
        raise ValueError(f"the array has no element {index}")
    return array[index]


def _unique(chance: random.Random, array: Any) -> list[Any]:
    found: dict[str, Any] = {}
    for each in _of(list, array):
        found.setdefault(json.dumps(each, sort_keys=True), each)
    return list(found.values())


def _merge(chance: random.Random, one: Any, other: Any, deep: Any) -> Any:
    if deep is not False:
        raise ValueError("only a shallow merge (false) is supported")
    return {**_of(dict, one), **_of(dict, other)}


def _whole(value: Any) -> int:
    """A whole number in the range of 32 bits; another number is rounded, halves upwards, as recordings show it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{json.dumps(value)[:80]} is not a number")
    rounded = value if isinstance(value, int) else math.floor(value + 0.5)
    if not -WHOLE_MAX - 1 <= rounded <= WHOLE_MAX:
        raise ValueError(f"{json.dumps(value)[:80]} is not from {-WHOLE_MAX - 1} to {WHOLE_MAX}")
    return rounded


def _add(chance: random.Random, one: Any, other: Any) -> int:
    return _whole(_whole(one) + _whole(other))


def _random(chance: random.Random, low: Any, high: Any, seed: Any = None) -> int:
    drawn = random.Random(_whole(seed)) if seed is not None else chance  # noqa: S311
    low, high = _whole(low), _whole(high)
    if low >= high:
        raise ValueError("the first number must be below the second")
    return drawn.randrange(low, high)


def _parsed_json(chance: random.Random, text: Any) -> Any:
    value = loaded(_of(str, text))
    if value is UNREADABLE:
        raise ValueError("the text is no JSON")
    return value


def _hash(chance: random.Random, value: Any, algorithm: Any) -> str:
    if algorithm not in HASHES:
        raise ValueError(f"there is no algorithm {algorithm}; there are {', '.join(HASHES)}")
    text = value if isinstance(value, str) else written(value)
    return hashlib.new(HASHES[algorithm], _short(text).encode(), usedforsecurity=False).hexdigest()


def _split(chance: random.Random, text: Any, characters: Any) -> list[str]:
    """Each of ``characters`` separates."""
    return re.split("[" + re.escape(_of(str, characters)) + "]", _of(str, text)) if characters else [text]


_FUNCTIONS: dict[str, tuple[int, int | None, Callable[..., Any]]] = {
    "States.Format": (1, None, _format),
    "States.StringToJson": (1, 1, _parsed_json),
    "States.JsonToString": (1, 1, lambda chance, value: written(value)),
    "States.Array": (0, None, lambda chance, *values: list(values)),
    "States.ArrayPartition": (2, 2, _partition),
    "States.ArrayContains": (2, 2, _contains),
    "States.ArrayRange": (3, 3, _range),
    "States.ArrayGetItem": (2, 2, _get),
    "States.ArrayLength": (1, 1, lambda chance, array: len(_of(list, array))),
    "States.ArrayUnique": (1, 1, _unique),
    "States.Base64Encode": (1, 1, lambda chance, text: base64.b64encode(_short(text).encode()).decode()),
    "States.Base64Decode": (1, 1, lambda chance, text: base64.b64decode(_short(text), validate=True).decode()),
    "States.Hash": (2, 2, _hash),
    "States.JsonMerge": (3, 3, _merge),
    "States.MathRandom": (2, 3, _random),
    "States.MathAdd": (2, 2, _add),
    "States.StringSplit": (2, 2, _split),
    "States.UUID": (0, 0, lambda chance: str(uuid.UUID(int=chance.getrandbits(128), version=4))),
}
