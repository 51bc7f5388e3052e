"""A scenario may make any call with any parameters of the right shape: it is answered or refused, and ends no run.

The parameters are made from botocore's models, of names that the stack has and of values at the edge of what is meant.
"""

import random
from functools import cache
from typing import Any

import pytest

from lambdalab.simulator.account import models
from lambdalab.simulator.project.template import Template, read_template
from tests.simulator.playing import CODE, play, steps
from tests.simulator.project.rows.table import ROWS

CALLS = 40  # of one run
CLIENTS = {
    "ApplicationAutoScaling": "application-autoscaling", "CloudFront": "cloudfront", "CloudWatch": "cloudwatch",
    "CodeDeploy": "codedeploy", "CodePipeline": "codepipeline", "Cognito": "cognito-idp", "DynamoDB": "dynamodb",
    "Events": "events", "KMS": "kms", "Kinesis": "kinesis", "KinesisFirehose": "firehose", "Lambda": "lambda",
    "Logs": "logs", "S3": "s3", "SNS": "sns", "SQS": "sqs", "SSM": "ssm", "Scheduler": "scheduler",
    "SecretsManager": "secretsmanager", "StepFunctions": "stepfunctions",
}  # fmt: skip
EVERYWHERE = ("cloudwatch", "lambda", "logs", "s3control", "sts")
WORDS = (
    "", "x", "a" * 300, "\u00e9", "0", "-1", "*", "{}", "[]", "null", "$LATEST", "1", "/", "a/b", "rate(1 minute)",
    "{ $.a = 1 }", "2025-12-01T09:00:00Z", "arn:aws:sqs:us-east-1:123456789012:x",
)  # fmt: skip
WHOLE = (-1, 0, 1, 2, 5, 10, 60, 300, 1_000, 10**6, 2**31, 2**63, 10**30)
BROKEN = (-1, 0, 0.5, 1, 1e10, 1e300, 2**70, 10**30, 10**400)
MOMENTS = (0, 1, 1_764_579_600, 10**12, 10**18, -5, "2025-12-01T09:00:00Z", "2025-12-01T10:00:00Z")
DEEP_MAX = 5


class Caller:
    """Makes calls up. ``names``: what there is to name."""

    def __init__(self, seed: str, names: list[str]) -> None:
        self._random = random.Random(seed)
        self._words = [*WORDS, *names * 3]

    def call(self, number: int, services: list[str]) -> dict[str, Any]:
        """A step of a scenario; of a few operations that take nothing, without parameters."""
        service = self._random.choice(services)
        operation = self._random.choice(sorted(models.service_model(service).operation_names))
        shape = models.input_shape(service, operation)
        params = {} if shape is None else self._value(shape, 0)
        return {"at": f"{number}s", "call": models.boto_name(service, operation), "with": params}

    def _value(self, shape: Any, depth: int) -> Any:
        chance, kind = self._random, shape.type_name
        if kind == "string":
            return chance.choice(shape.enum if shape.enum and chance.random() < 0.8 else self._words)
        if kind in ("list", "map", "structure") and depth > DEEP_MAX:
            return [] if kind == "list" else {}
        if kind == "list":
            return [self._value(shape.member, depth + 1) for _ in range(chance.choice((0, 1, 1, 1, 2, 3)))]
        if kind == "map":
            keys = [str(self._value(shape.key, depth + 1)) for _ in range(chance.choice((0, 1, 2)))]
            return {key: self._value(shape.value, depth + 1) for key in keys}
        if kind == "structure":
            return self._structure(shape, depth)
        plain = {"integer": WHOLE, "long": WHOLE, "float": BROKEN, "double": BROKEN, "timestamp": MOMENTS}
        return chance.choice(plain.get(kind, (True, False) if kind == "boolean" else ("", "x", "{}")))

    def _structure(self, shape: Any, depth: int) -> dict[str, Any]:
        required = shape.metadata.get("required", ())
        if shape.is_tagged_union:
            chosen = [self._random.choice(sorted(shape.members))]
        else:
            chosen = [name for name in shape.members if name in required or self._random.random() < 0.35]
        return {name: self._value(shape.members[name], depth + 1) for name in chosen}


@cache
def template(row: str) -> Template:
    return read_template({**CODE, **ROWS[row].files, "template.yaml": ROWS[row].template.encode()})


def play_any_calls(row: str, seed: str) -> None:
    each, resources = ROWS[row], template(row).resources
    kinds = {resource.type.split("::")[1] for resource in resources.values()}
    services = sorted({CLIENTS[kind] for kind in kinds if kind in CLIENTS} | set(EVERYWHERE))
    caller = Caller(f"{row}/{seed}", [*resources, *map(template(row).name, resources.values())])
    calls = [caller.call(number, services) for number in range(CALLS)]
    play(each.template, steps(*calls, until="5m"), files=each.files)


@pytest.mark.parametrize("row", ROWS)
def test_any_calls_are_answered_or_refused(row: str) -> None:
    play_any_calls(row, "one")


@pytest.mark.long
@pytest.mark.parametrize("row", ROWS)
def test_many_more_calls_are_answered_or_refused(row: str) -> None:
    for number in range(40):
        play_any_calls(row, str(number))
