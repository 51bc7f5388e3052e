"""Payload templates: Parameters, ResultSelector, ItemSelector. A key that ends in ``.$`` takes a path or a function."""

from __future__ import annotations

import random
from functools import lru_cache
from typing import Any

from lambdalab.simulator.services.stepfunctions.data import written
from lambdalab.simulator.services.stepfunctions.language import intrinsics, paths
from lambdalab.simulator.services.stepfunctions.language.errors import RUNTIME, StateError


def fill(template: Any, data: Any, context: Any, chance: random.Random) -> Any:
    """The template with every ``.$`` replaced by what it names. Raises :class:`StateError`."""
    if isinstance(template, list):
        return [fill(each, data, context, chance) for each in template]
    if not isinstance(template, dict):
        return template
    filled = {}
    for key, value in template.items():
        if key.endswith(".$"):
            filled[key[:-2]] = _named(key, value, data, context, chance)
        else:
            filled[key] = fill(value, data, context, chance)
    return filled


def _named(key: str, text: Any, data: Any, context: Any, chance: random.Random) -> Any:
    """What the path or function behind a key answers; for a path to nothing in AWS's words, recorded in 2025-01."""
    try:
        return value_of(text, data, context, chance)
    except paths.MissingError as error:
        shown = written(context if error.path.startswith("$$") else data)
        where = f"specified for the field '{key}' could not be found in the input '{shown}'"
        raise StateError(RUNTIME, f"The JSONPath '{error.path}' {where}") from None


def value_of(text: Any, data: Any, context: Any, chance: random.Random) -> Any:
    """What one path or function answers."""
    if isinstance(text, str) and intrinsics.is_intrinsic(text):
        try:
            call = _call(text)
        except (intrinsics.IntrinsicError, paths.PathError) as error:
            raise StateError(RUNTIME, f"Invalid intrinsic function: {error}.") from None
        return intrinsics.evaluate(call, data, context, chance)
    return paths.select(str(text), data, context)


@lru_cache(maxsize=1024)
def _call(text: str) -> intrinsics.Call:
    return intrinsics.parsed(text)


def problem_of(key: str, value: Any) -> str | None:
    """What is wrong with the value behind a key of a template that ends in ``.$``."""
    if not isinstance(value, str):
        return f"the value of {key} must be a path or an intrinsic function"
    try:
        if intrinsics.is_intrinsic(value):
            intrinsics.parsed(value)
        else:
            paths.parsed(value.removeprefix("$") if value.startswith("$$") else value)
    except (intrinsics.IntrinsicError, paths.PathError) as error:
        return str(error)
    return None
