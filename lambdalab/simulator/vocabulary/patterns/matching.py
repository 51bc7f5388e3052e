"""Whether an event meets a pattern.

Fields of one object in an array belong together: a pattern that asks for two of them wants both in the same element
(EventBridge User Guide, "Matching content in arrays"). ``exists: false`` is about the whole event: no element may have
the field. Source: aws/event-ruler (ArrayMembership; absent fields), read 2026-11.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.vocabulary.patterns.rules import Exists, Number, Rule


@dataclass(slots=True)
class Node:
    """What a pattern asks of one place in an event: of the leaf there, and of the fields below."""

    rules: tuple[Rule, ...] = ()
    below: dict[str, Node] = field(default_factory=dict)

    def at(self, path: tuple[str, ...]) -> Node:
        """The node at a path, made when it is not there."""
        node = self
        for name in path:
            node = node.below.setdefault(name, Node())
        return node

    def copy(self) -> Node:
        """The same, to be changed apart."""
        return Node(self.rules, {name: each.copy() for name, each in self.below.items()})


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that was read: one of its branches must be met. ``text`` is as it was written."""

    branches: tuple[Node, ...]
    text: str

    def meets(self, event: Any) -> bool:
        """Whether an event (JSON with :func:`read_event`'s numbers) meets the pattern."""
        return any(_meets(branch, event) and _lacks(branch, event) for branch in self.branches)

    def meets_text(self, text: str) -> bool:
        """The same for an event as JSON text; what is no JSON object meets nothing."""
        try:
            event = read_event(text)
        except ValueError:
            return False
        return isinstance(event, dict) and self.meets(event)


def read_event(text: str) -> Any:
    """JSON with numbers as they are written. Raises ``ValueError`` for what is no JSON or nested beyond reason."""
    try:
        return json.loads(text, parse_int=Number, parse_float=Number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _meets(node: Node, value: Any) -> bool:
    """Whether one element has what the node asks for, but for what must not be there at all."""
    if isinstance(value, list):
        flat = list(_elements(value))
        return any(_meets(node, each) for each in flat) or (not flat and _optional(node))
    if node.rules and not _absent_allowed(node.rules) and not _leaf(node.rules, value):
        return False
    if not node.below:
        return True
    fields = value if isinstance(value, dict) else {}
    return all(_field(below, fields, name) for name, below in node.below.items())


def _field(node: Node, fields: dict[str, Any], name: str) -> bool:
    """Whether a field has what the node asks for: under its name, or written with dots (``a.b`` is ``b`` in ``a``)."""
    if name in fields:
        if _meets(node, fields[name]):
            return True
    elif _optional(node):
        return True
    dotted = f"{name}."
    rest = {key[len(dotted) :]: value for key, value in fields.items() if key.startswith(dotted)}
    return bool(rest) and _meets(node, rest)


def _leaf(rules: tuple[Rule, ...], value: Any) -> bool:
    return not isinstance(value, dict) and any(rule.takes(value) for rule in rules)


def _absent_allowed(rules: tuple[Rule, ...]) -> bool:
    return any(isinstance(rule, Exists) and not rule.wanted for rule in rules)


def _optional(node: Node) -> bool:
    """Whether a place that is not there may be what the node asks for."""
    leaf = not node.rules or _absent_allowed(node.rules)
    return leaf and all(_optional(below) for below in node.below.values())


def _lacks(node: Node, *values: Any) -> bool:
    """Whether no field is there that must not be, unless another of its rules takes its value."""
    flat = list(_elements(list(values)))
    if node.rules and _absent_allowed(node.rules):
        leaves = [each for each in flat if not isinstance(each, dict)]
        if leaves and not any(_leaf(node.rules, each) for each in leaves):
            return False
    return all(_lacks(below, *_values(flat, name)) for name, below in node.below.items())


def _values(elements: list[Any], name: str) -> Iterator[Any]:
    for each in elements:
        if not isinstance(each, dict):
            continue
        if name in each:
            yield each[name]
        rest = {key[len(name) + 1 :]: value for key, value in each.items() if key.startswith(f"{name}.")}
        if rest:
            yield rest


def _elements(values: list[Any]) -> Iterator[Any]:
    """The elements of an array, those of arrays in it among them. An empty array has none."""
    stack = list(reversed(values))
    while stack:
        each = stack.pop()
        if isinstance(each, list):
            stack.extend(reversed(each))
        else:
            yield each
