"""Intrinsic functions of CloudFormation: Ref, GetAtt, Sub, Join, Select, Split, FindInMap, If and conditions.

Source: AWS CloudFormation User Guide, "Intrinsic function reference".
"""

from __future__ import annotations

import ipaddress
import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, REGION

PSEUDO = {
    "AWS::AccountId": ACCOUNT_ID,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "lab",
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT_ID}:stack/lab/1",
    "AWS::NotificationARNs": [],
}
NO_VALUE = object()
VARIABLE = re.compile(r"\$\{(!?)([^${}]*)\}")  # no $ or { inside a name: reading "${${${" takes no square of time
TEXT_MAX = 1_048_576  # characters that one text may grow to: assumption A-80
DEPTH_MAX = 60


class Unresolved(ValueError):
    """A reference that leads nowhere, or a function used wrongly. The message says which."""


UNRESOLVABLE = (Unresolved, ValueError, TypeError, IndexError, KeyError, RecursionError)
"""What resolving a template of any shape may raise."""


@dataclass(slots=True)
class Resolver:
    """Resolves intrinsics. ``reference`` and ``attribute`` know the template's resources."""

    parameters: Mapping[str, Any]
    mappings: Mapping[str, Any]
    conditions: Mapping[str, Any]
    reference: Callable[[str], Any]
    attribute: Callable[[str, str], Any]
    _deciding: set[str] = field(default_factory=set)
    _decided: dict[str, bool] = field(default_factory=dict)

    def resolve(self, value: Any, depth: int = 0) -> Any:
        """``value`` with every intrinsic function evaluated; properties that are AWS::NoValue are left out."""
        if depth > DEPTH_MAX:
            raise Unresolved("functions are nested too deeply")
        if isinstance(value, list):
            items = (self.resolve(item, depth + 1) for item in value)
            return [item for item in items if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name in _FUNCTIONS:
                return _FUNCTIONS[name](self, argument, depth + 1)
            if name.startswith("Fn::"):
                raise Unresolved(f"lambdalab does not evaluate {name}")
        resolved = {key: self.resolve(item, depth + 1) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not NO_VALUE}

    def condition(self, name: str) -> bool:
        """Whether the template's condition ``name`` holds."""
        if name not in self.conditions:
            raise Unresolved(f"there is no condition {name}")
        if name in self._decided:
            return self._decided[name]
        if name in self._deciding:
            raise Unresolved(f"the condition {name} depends on itself")
        self._deciding.add(name)
        try:
            self._decided[name] = bool(self.resolve(self.conditions[name]))
            return self._decided[name]
        finally:
            self._deciding.discard(name)

    def ref(self, name: Any, depth: int = 0) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self.parameters:
            return self.parameters[name]
        return self.reference(str(name))

    def get_att(self, argument: Any, depth: int = 0) -> Any:
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if not isinstance(parts, list) or len(parts) != 2:
            raise Unresolved("Fn::GetAtt takes a resource and an attribute")
        return self.attribute(str(parts[0]), str(parts[1]))

    def sub(self, argument: Any, depth: int = 0) -> str:
        text, own = (argument[0], self.resolve(argument[1], depth)) if isinstance(argument, list) else (argument, {})

        known: dict[str, str] = {}
        length = 0

        def value(match: re.Match[str]) -> str:
            nonlocal length
            if match[1]:
                return "${" + match[2] + "}"
            name = match[2].strip()
            if name not in known:
                known[name] = str(own[name] if name in own else self._variable(name))
            length += len(known[name])
            if length > TEXT_MAX:
                raise Unresolved(_too_long("Fn::Sub"))
            return known[name]

        return VARIABLE.sub(value, str(text))

    def _variable(self, name: str) -> Any:
        return self.get_att(name) if "." in name else self.ref(name)

    def join(self, argument: Any, depth: int = 0) -> str:
        separator, items = str(argument[0]), [str(item) for item in self.resolve(argument[1], depth)]
        if len(separator) * len(items) + sum(map(len, items)) > TEXT_MAX:
            raise Unresolved(_too_long("Fn::Join"))
        return separator.join(items)

    def select(self, argument: Any, depth: int = 0) -> Any:
        index, items = argument[0], self.resolve(argument[1], depth)
        return items[int(self.resolve(index, depth))]

    def split(self, argument: Any, depth: int = 0) -> list[str]:
        return str(self.resolve(argument[1], depth)).split(str(argument[0]))

    def find_in_map(self, argument: Any, depth: int = 0) -> Any:
        name, first, second = self.resolve(argument, depth)[:3]
        try:
            return self.mappings[name][first][second]
        except (KeyError, TypeError):
            raise Unresolved(f"the mapping {name} has no {first}, {second}") from None

    def if_(self, argument: Any, depth: int = 0) -> Any:
        name, yes, no = argument
        return self.resolve(yes if self.condition(name) else no, depth)


def _too_long(function: str) -> str:
    return f"{function} makes a text of more than {TEXT_MAX:,} characters"


def _zones(argument: Any) -> list[str]:
    """The Availability Zones of the home Region, the first six of them. Other Regions have none here."""
    return [f"{REGION}{letter}" for letter in "abcdef"] if argument in ("", REGION) else []


def _cidr(argument: Any) -> list[str]:
    """Blocks of addresses cut from one: [block, how many, how many bits for addresses]."""
    if not isinstance(argument, list) or not 2 <= len(argument) <= 3:
        raise Unresolved("Fn::Cidr takes a block, a count and the bits of a block's addresses")
    block, count, bits = ipaddress.IPv4Network(str(argument[0])), int(argument[1]), int((argument[2:] or [8])[0])
    if not 1 <= count <= 256:
        raise Unresolved("Fn::Cidr makes 1 to 256 blocks")
    found = list(itertools.islice(block.subnets(new_prefix=32 - bits), count))
    if len(found) < count:
        raise Unresolved(f"Fn::Cidr: {block} has no room for {count} blocks with {bits} bits each")
    return [str(each) for each in found]


_FUNCTIONS: dict[str, Callable[[Resolver, Any, int], Any]] = {
    "Ref": Resolver.ref,
    "Fn::GetAtt": Resolver.get_att,
    "Fn::Sub": Resolver.sub,
    "Fn::Join": Resolver.join,
    "Fn::Select": Resolver.select,
    "Fn::Split": Resolver.split,
    "Fn::FindInMap": Resolver.find_in_map,
    "Fn::If": Resolver.if_,
    "Fn::Equals": lambda r, a, d: r.resolve(a[0], d) == r.resolve(a[1], d),
    "Fn::And": lambda r, a, d: all(r.resolve(item, d) for item in a),
    "Fn::Or": lambda r, a, d: any(r.resolve(item, d) for item in a),
    "Fn::Not": lambda r, a, d: not r.resolve(a[0], d),
    "Condition": lambda r, a, d: r.condition(str(a)),
    "Fn::GetAZs": lambda r, a, d: _zones(r.resolve(a, d)),
    "Fn::Cidr": lambda r, a, d: _cidr(r.resolve(a, d)),
}
