"""What Powertools' models get wrong, and where AWS says so: events that are right and do not parse.

A model reads each of them once that is put aside. When the library mends a model, a test here fails and the entry goes.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Misread:
    """``says`` is the library's complaint, ``source`` who knows better, ``aside`` makes the event one that it reads."""

    says: str
    source: str
    aside: Callable[[Any], Any]


def _with_sizes(event: Any) -> Any:
    for record in event["Records"]:
        if record["eventName"].startswith("ObjectTagging:"):
            record["s3"]["object"]["size"] = 0
    return event


def _with_sizes_inside(event: Any) -> Any:
    for record in event["Records"]:
        record["body"] = json.dumps(_with_sizes(json.loads(record["body"])))
    return event


def _with_single_values(event: Any) -> Any:
    for single, many in (
        ("headers", "multiValueHeaders"),
        ("queryStringParameters", "multiValueQueryStringParameters"),
    ):
        event[single] = {key: values[-1] for key, values in event.pop(many).items()}
    return event


def _without_scopes(event: Any) -> Any:
    del event["request"]["scopes"]
    return event


_TAGGED = "Size and eTag fields are required for all events except"
_RECORDED = "LocalStack's S3 notifications, recorded against AWS: the object of an ObjectTagging event has no size"
_LIST = "aws-lambda-go #538 and Powertools for TypeScript: scopes is a list of texts, as in Cognito's guide"
_MANY = (
    'Elastic Load Balancing guide, "Lambda functions as targets": with multi-value headers an event has '
    "multiValueHeaders and multiValueQueryStringParameters instead"
)
MISREAD = {
    "S3": Misread(_TAGGED, _RECORDED, _with_sizes),
    "S3, versions": Misread(_TAGGED, _RECORDED, _with_sizes),
    "S3 in SQS": Misread(_TAGGED, _RECORDED, _with_sizes),
    "S3 to SQS": Misread(_TAGGED, _RECORDED, _with_sizes_inside),
    "S3 in SNS": Misread(_TAGGED, _RECORDED, _with_sizes),
    "ALB, several values": Misread("Field required", _MANY, _with_single_values),
    "Cognito, tokens, version 2": Misread("Input should be a valid dictionary", _LIST, _without_scopes),
    "Cognito, tokens, version 3": Misread("Input should be a valid dictionary", _LIST, _without_scopes),
}
