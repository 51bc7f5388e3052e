"""One fact of every type, made from the types themselves: a new fact is tested from the day it exists."""

import types
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from lambdalab.simulator.trace.facts import FACT_TYPES, Fact

VALUES: dict[Any, Any] = {
    str: 'arn:aws:sqs:us-east-1:123456789012:ä "quoted"\n',
    int: 1_234_567,
    bool: True,
    float: 1.5,
    Any: {"deep": [1, None, "x"]},
}


def sample(kind: type[Any], number: int = 0) -> Fact:
    """A fact with a value in every field; ``number`` walks through the choices of literals and optional fields."""
    hints = get_type_hints(kind)
    fields = {name: value_of(hints[name], number) for name in kind.__struct_fields__}
    made: Fact = kind(**fields)
    return made


def value_of(hint: Any, number: int) -> Any:
    if get_origin(hint) is Literal:
        choices = get_args(hint)
        return choices[number % len(choices)]
    if get_origin(hint) in (Union, types.UnionType):
        choices = get_args(hint)
        return value_of(choices[number % len(choices)], number)
    if hint is type(None):
        return None
    if get_origin(hint) is dict:
        return {"key": value_of(get_args(hint)[1], number)}
    if get_origin(hint) is tuple:
        inner = [argument for argument in get_args(hint) if argument is not Ellipsis]
        return tuple(value_of(argument, number) for argument in inner)
    return VALUES[hint]


ALL = [sample(kind, number) for kind in FACT_TYPES.values() for number in range(7)]
