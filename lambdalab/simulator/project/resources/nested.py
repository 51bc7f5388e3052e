"""Properties inside properties: what CloudFormation and the service's own API call alike, botocore's model knows.

Source: botocore's service models; for CloudFormation's text its User Guide, "Troubleshooting", read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lambdalab.simulator.account import models
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.project.yaml_source import Path

MODELS = {
    "AWS::Lambda::Function": ("lambda", "CreateFunction"),
    "AWS::Lambda::EventInvokeConfig": ("lambda", "PutFunctionEventInvokeConfig"),
    "AWS::Lambda::EventSourceMapping": ("lambda", "CreateEventSourceMapping"),
    "AWS::DynamoDB::Table": ("dynamodb", "CreateTable"),
}
ONLY_IN_TEMPLATES = {
    "ContributorInsightsSpecification", "KinesisStreamSpecification", "PointInTimeRecoverySpecification",
    "ResourcePolicy", "StreamSpecification",
}  # fmt: skip
"""Members that CloudFormation knows and the API does not, or otherwise."""


def check(template: Template, resource: Resource) -> list[Problem]:
    """Every property inside a property that nobody knows, with the nearest that somebody does."""
    service, operation = MODELS[resource.type]
    found = []
    for name, value in resource.properties.items():
        shape = models.member_shape(service, operation, name)
        if shape is None or name in ONLY_IN_TEMPLATES:
            continue
        for path, known in _unknown(value, shape, (name,)):
            text = f"{resource.logical_id}: Encountered unsupported property {path[-1]}."
            here = ("Resources", resource.origin, "Properties", *path)
            found.append(template.source.problem(here, text, template.source.meant(str(path[-1]), known)))
    return found


def _unknown(value: Any, shape: Any, path: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    if shape.type_name == "list" and isinstance(value, list):
        for index, each in enumerate(value):
            yield from _unknown(each, shape.member, (*path, index))
    if shape.type_name != "structure" or not isinstance(value, dict):
        return
    for name, inner in value.items():
        here = (*path, name)
        if name in ONLY_IN_TEMPLATES:
            continue
        if name in shape.members:
            yield from _unknown(inner, shape.members[name], here)
        else:
            yield here, tuple(shape.members)
