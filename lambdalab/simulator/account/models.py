"""botocore's own service models: which operations exist, what their parameters are, what their errors look like."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import botocore.loaders
import botocore.validate
from botocore import xform_name
from botocore.model import ServiceModel

from lambdalab.simulator.vocabulary.errors import AwsError, validation_error


@lru_cache(maxsize=1)
def _loader() -> Any:
    return botocore.loaders.Loader()  # a session would load the whole client machinery


@lru_cache(maxsize=64)
def service_model(service: str) -> Any:
    """The service model of a boto3 client name (``sqs``). Raises ``KeyError`` for a service that does not exist."""
    try:
        return ServiceModel(_loader().load_service_model(service, "service-2"), service_name=service)
    except Exception as error:
        raise KeyError(service) from error


@lru_cache(maxsize=64)
def operations(service: str) -> dict[str, str]:
    """boto3's method names and the API operations behind them: ``{"send_message": "SendMessage"}``."""
    return {xform_name(name): name for name in service_model(service).operation_names}


@lru_cache(maxsize=64)
def _operation_names(service: str) -> frozenset[str]:
    try:
        return frozenset(service_model(service).operation_names)
    except KeyError:
        return frozenset()


def is_operation(service: str, operation: str) -> bool:
    """Whether our botocore has it: a function's own may be newer, and code that forges a call names anything."""
    return operation in _operation_names(service)


@lru_cache(maxsize=1024)
def boto_name(service: str, operation: str) -> str:
    """An operation as scenarios call it: ``sqs.send_message``. What is none keeps its name."""
    return f"{service}.{xform_name(operation) if is_operation(service, operation) else operation}"


@lru_cache(maxsize=1024)
def _input_shape(service: str, operation: str) -> Any:
    return service_model(service).operation_model(operation).input_shape


def input_shape(service: str, operation: str) -> Any:
    """botocore's shape of an operation's parameters, or None."""
    return _input_shape(service, operation)


@lru_cache(maxsize=1024)
def members_of(service: str, operation: str) -> tuple[str, ...]:
    """The names of an operation's parameters."""
    shape = _input_shape(service, operation)
    return tuple(shape.members) if shape is not None else ()


def member_shape(service: str, operation: str, name: str) -> Any:
    """botocore's shape of one parameter, or None."""
    shape = _input_shape(service, operation)
    return shape.members.get(name) if shape is not None else None


def output_shape(service: str, operation: str) -> Any:
    """botocore's shape of an operation's answer, or None."""
    return service_model(service).operation_model(operation).output_shape


@lru_cache(maxsize=1024)
def has_inner_blobs(service: str, operation: str) -> bool:
    """Whether an operation takes bytes somewhere inside a parameter, as an item of a table does."""
    shape = _input_shape(service, operation)
    return shape is not None and any(_holds_blob(member, frozenset()) for member in _parts(shape))


def _holds_blob(shape: Any, seen: frozenset[str]) -> bool:
    inside = () if shape.name in seen else _parts(shape)
    return any(each.type_name == "blob" or _holds_blob(each, seen | {shape.name}) for each in inside)


def _parts(shape: Any) -> tuple[Any, ...]:
    if shape.type_name == "structure":
        return tuple(shape.members.values())
    if shape.type_name == "list":
        return (shape.member,)
    return (shape.value,) if shape.type_name == "map" else ()


def encoded(service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """``params`` with text in UTF-8 wherever the operation wants bytes; whatever has another shape stays as it is."""
    shape = _input_shape(service, operation)
    return dict(params) if shape is None else _encoded(shape, params)


def _encoded(shape: Any, value: Any) -> Any:
    kind = shape.type_name
    if kind == "blob":
        return value.encode() if isinstance(value, str) else value
    if kind == "structure" and isinstance(value, Mapping):
        members = shape.members
        return {key: _encoded(members[key], each) if key in members else each for key, each in value.items()}
    if kind == "map" and isinstance(value, Mapping):
        return {key: _encoded(shape.value, each) for key, each in value.items()}
    if kind == "list" and isinstance(value, list):
        return [_encoded(shape.member, each) for each in value]
    return value


_PLAIN: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "blob": (bytes, str),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
}


_TEXTS = frozenset((str, bytes))


@dataclass(slots=True)
class PlainInput:
    """The flat part of an operation's input, to accept most calls at a glance.

    botocore's validator walks its model again for every call, which is a tenth of a short invocation. What is accepted
    here it accepts, too; about everything else (and every error) it decides itself. ``members``: the types that are
    surely right, and the least length or value; ``lists``: lists of such structures, as batches of messages are.
    """

    required: frozenset[str]
    members: Mapping[str, tuple[tuple[type, ...], int]]
    lists: Mapping[str, PlainInput]
    _texts: dict[str, Any] | None = None  # what was accepted last, where it was nothing but texts: it comes again

    def accepts(self, params: Mapping[str, Any]) -> bool:
        """Whether ``params`` are surely valid: known, plain, long enough, and none that is required is missing."""
        if params == self._texts:  # texts equal texts only, while 1 equals True
            return True
        members = self.members
        for name, value in params.items():
            if name not in members:
                if not self._accepts_list(name, value):
                    return False
                continue
            types, least = members[name]
            kind = type(value)
            if kind not in types or ((least or kind is int) and (value if kind is int else len(value)) < least):
                return False
        if not self.required <= params.keys():
            return False
        if _TEXTS.issuperset(map(type, params.values())):
            self._texts = dict(params)
        return True

    def _accepts_list(self, name: str, value: Any) -> bool:
        inner = self.lists.get(name)
        if inner is None or type(value) is not list:
            return False
        return all(type(each) is dict and inner.accepts(each) for each in value)


@lru_cache(maxsize=1024)
def plain_input(service: str, operation: str) -> PlainInput | None:
    """What can be said at a glance about an operation's input; None when it has none or a special one."""
    shape = _input_shape(service, operation)
    if shape is None or shape.is_tagged_union or shape.is_document_type:
        return None
    lists = {}
    for name, member in shape.members.items():
        if member.type_name == "list" and member.member.type_name == "structure" and not member.metadata.get("min"):
            inner = member.member
            if not inner.is_tagged_union and not inner.is_document_type:
                lists[name] = PlainInput(frozenset(inner.metadata.get("required", ())), _plain_members(inner), {})
    return PlainInput(frozenset(shape.metadata.get("required", ())), _plain_members(shape), lists)


def _plain_members(shape: Any) -> dict[str, tuple[tuple[type, ...], int]]:
    members = {}
    for name, member in shape.members.items():
        bound = member.metadata.get("min", 1 if member.serialization.get("hostLabel") else 0)
        if member.type_name in _PLAIN:
            members[name] = (_PLAIN[member.type_name], bound)
    return members


def invalid_parameters(service: str, operation: str, params: dict[str, Any]) -> AwsError | None:
    """What botocore would refuse before sending: missing, unknown or mistyped parameters, with its own words."""
    plain = plain_input(service, operation)
    if plain is not None and plain.accepts(params):
        return None
    shape = _input_shape(service, operation)
    if shape is None:
        return None if not params else validation_error(f"{operation} takes no parameters")
    try:
        report = botocore.validate.ParamValidator().validate(params, shape)
    except (RuntimeError, OverflowError, ValueError) as error:  # what it says of a timestamp beyond all calendars
        return validation_error(f"Parameter validation failed:\n{error}")
    if report.has_errors():
        return validation_error(f"Parameter validation failed:\n{report.generate_report()}")
    if service != "cloudwatch" and has_floats(service, operation) and _is_beyond_json(params):
        return AwsError("SerializationException", "a number is beyond the range of a double", 400)
    return None


@lru_cache(maxsize=1024)
def has_floats(service: str, operation: str) -> bool:
    """Whether an operation takes a number with a fraction anywhere."""
    return _holds_float(_input_shape(service, operation), frozenset())


def _holds_float(shape: Any, seen: frozenset[str]) -> bool:
    inside = () if shape.name in seen else _parts(shape)
    kinds = ("float", "double")
    return any(each.type_name in kinds or _holds_float(each, seen | {shape.name}) for each in inside)


def _is_beyond_json(value: Any) -> bool:
    """Whether a number somewhere is beyond a double. CloudWatch alone takes such numbers in, and refuses them."""
    if isinstance(value, int | float):
        return not -sys.float_info.max <= value <= sys.float_info.max  # so it is of NaN
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return any(_is_beyond_json(each) for each in inside)


def error_status(service: str, code: str) -> int:
    """The HTTP status of an error code, from the model; 500 for the names of AWS's own failures, else 400."""
    for shape in service_model(service).error_shapes:
        if code in (shape.name, shape.metadata.get("error", {}).get("code")):
            status = shape.metadata.get("error", {}).get("httpStatusCode")
            if status:
                return int(status)
    if code in ("ServiceUnavailable", "SlowDown"):
        return 503
    return 500 if code.startswith(("Internal", "Service")) else 400
