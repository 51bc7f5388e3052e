"""Filter policies: which messages of a topic a subscriber gets. The language is that of event patterns.

Source: Amazon SNS Developer Guide, "Amazon SNS subscription filter policies" and "Filter policy constraints", read
2026-11; texts: "Invalid parameter: FilterPolicy: " and the matcher's reason (LS sns, 2024).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.vocabulary.patterns import Pattern, PatternError, read_pattern
from lambdalab.simulator.vocabulary.patterns.matching import Node
from lambdalab.simulator.vocabulary.patterns.rules import Number

SCOPES = ("MessageAttributes", "MessageBody")
COMBINATIONS_MAX = 150  # of values: the product over the names, times their depth in a body
NAMES_MAX = 5
POLICY_BYTES_MAX = 262_144  # a policy has at most 256 KB


@dataclass(frozen=True, slots=True)
class FilterPolicy:
    """One policy. ``on_body``: it looks at the message, which must be JSON, and not at its attributes."""

    pattern: Pattern
    on_body: bool

    def passes(self, message: str, attributes: Mapping[str, Any]) -> bool:
        """Whether the subscriber gets a message; ``attributes`` as boto3 takes them."""
        return self.pattern.meets_text(message) if self.on_body else self.pattern.meets(_event_of(attributes))


def read_policy(text: str, scope: str) -> FilterPolicy | None:
    """The policy of a text; None for an empty one, which takes everything. Raises ``ValueError`` with AWS's reason."""
    if scope not in SCOPES:
        raise ValueError(
            f"FilterPolicyScope: Invalid value [{scope}]. Please use either MessageBody or MessageAttributes"
        )
    if not text.strip() or text.strip() == "{}":
        return None
    if len(text.encode()) > POLICY_BYTES_MAX:
        raise ValueError(f"FilterPolicy: it has more than {POLICY_BYTES_MAX:,} bytes")
    try:
        pattern = read_pattern(text)
    except PatternError as error:
        raise ValueError(f"FilterPolicy: {error}") from None
    on_body = scope == "MessageBody"
    if not on_body and _is_nested(json.loads(text)):
        raise ValueError("FilterPolicy: Filter policy scope MessageAttributes does not support nested filter policy")
    for branch in pattern.branches:
        names, combinations = _weight(branch, 1)
        if names > NAMES_MAX:
            raise ValueError("FilterPolicy: Filter policy can not have more than 5 keys")
        if combinations > COMBINATIONS_MAX:
            raise ValueError("FilterPolicy: Filter policy is too complex")
    return FilterPolicy(pattern, on_body)


def _is_nested(document: Any) -> bool:
    """Whether a policy has objects within objects; those inside ``$or`` are none."""
    for name, value in document.items():
        if name == "$or":
            if isinstance(value, list) and any(isinstance(each, dict) and _is_nested(each) for each in value):
                return True
        elif isinstance(value, dict):
            return True
    return False


def _weight(node: Node, depth: int) -> tuple[int, int]:
    """How many names a branch has, and how many combinations of values: each name counts its values times its depth."""
    names, combinations = 0, 1
    for below in node.below.values():
        if below.rules:
            names, combinations = names + 1, combinations * len(below.rules) * depth
        inner_names, inner = _weight(below, depth + 1)
        names, combinations = names + inner_names, combinations * inner
    return names, combinations


def _event_of(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Message attributes as an event: texts, numbers, arrays. Binary ones cannot be filtered by."""
    event: dict[str, Any] = {}
    for name, attribute in attributes.items():
        kind, value = str(attribute.get("DataType", "String")), attribute.get("StringValue")
        if kind.startswith("Binary") or value is None:
            continue
        if kind == "String.Array":
            event[name] = _array(value)
        elif kind.startswith("Number"):
            event[name] = Number(value) if _is_number(value) else value
        else:
            event[name] = value
    return event


def _array(text: str) -> Any:
    try:
        value = json.loads(text, parse_int=Number, parse_float=Number)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, list) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
