"""Where a template names a resource, a parameter or a condition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.project.intrinsics import UNRESOLVABLE, VARIABLE, Resolver
from lambdalab.simulator.project.yaml_source import Path


@dataclass(frozen=True, slots=True)
class Reference:
    """One place that names a resource, a parameter, or (where ``condition``) a condition."""

    target: str
    path: Path
    attribute: str | None = None
    condition: bool = False


def references(value: Any, path: Path = (), resolver: Resolver | None = None) -> Iterator[Reference]:
    """Every reference inside ``value``; with a ``resolver`` only those in the branches of Fn::If that are taken."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from references(item, (*path, index), resolver)
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        here = (*path, key)
        if key == "Ref" and len(value) == 1:
            yield Reference(str(item), path)
        elif key == "Condition" and len(value) == 1 and isinstance(item, str):
            yield Reference(item, path, condition=True)
        elif key == "Fn::GetAtt" and len(value) == 1:
            yield from _attribute(item, path)
        elif key == "Fn::Sub" and len(value) == 1:
            yield from _substituted(item, path, resolver)
        elif key == "Fn::If" and isinstance(item, list) and len(item) == 3:
            yield Reference(str(item[0]), path, condition=True)
            for index in _taken(str(item[0]), resolver):
                yield from references(item[index], (*here, index), resolver)
        else:
            yield from references(item, here, resolver)


def _attribute(item: Any, path: Path) -> Iterator[Reference]:
    parts = item.split(".", 1) if isinstance(item, str) else item
    if isinstance(parts, list) and len(parts) == 2:
        yield Reference(str(parts[0]), path, str(parts[1]))


def _substituted(item: Any, path: Path, resolver: Resolver | None) -> Iterator[Reference]:
    text, own = (item[0], item[1]) if isinstance(item, list) and len(item) == 2 else (item, {})
    yield from references(own, (*path, "Fn::Sub", 1), resolver)
    for literal, variable in VARIABLE.findall(str(text)):
        name, dot, attribute = variable.strip().partition(".")
        if not literal and not (isinstance(own, dict) and variable.strip() in own):
            yield Reference(name, path, attribute if dot else None)


def _taken(condition: str, resolver: Resolver | None) -> tuple[int, ...]:
    try:
        return (1, 2) if resolver is None else (1,) if resolver.condition(condition) else (2,)
    except UNRESOLVABLE:
        return (1, 2)
