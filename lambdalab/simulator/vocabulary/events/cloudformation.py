"""What CloudFormation sends to a custom resource. Source: AWS CloudFormation User Guide, "Custom resource request
objects", read 2026-10."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.vocabulary.arns import arn, function_arn


def request(
    kind: str,
    function: str,
    url: str,
    stack_id: str,
    request_id: str,
    logical_id: str,
    resource_type: str,
    properties: Mapping[str, Any],
) -> dict[str, Any]:
    """A request of the kind ``Create``; the others say more."""
    return {
        "RequestType": kind,
        "ServiceToken": function,
        "ResponseURL": url,
        "StackId": stack_id,
        "RequestId": request_id,
        "LogicalResourceId": logical_id,
        "ResourceType": resource_type,
        "ResourceProperties": properties,
    }


def create() -> dict[str, Any]:
    """A custom resource is to be made."""
    return _sample("Create")


def update() -> dict[str, Any]:
    """A custom resource has other properties now."""
    before = {"ServiceToken": function_arn("seed"), "Rows": "5"}
    return _sample("Update") | {"PhysicalResourceId": "rows-1", "OldResourceProperties": before}


def delete() -> dict[str, Any]:
    """A custom resource is to go."""
    return _sample("Delete") | {"PhysicalResourceId": "rows-1"}


def _sample(kind: str) -> dict[str, Any]:
    function, stack = function_arn("seed"), arn("cloudformation", "stack/lab/5b918d10-cd98-11ea-90d5-0a9cd3354c10")
    url = "https://cloudformation-custom-resource-response-useast1.s3.amazonaws.com/stack?X-Amz-Signature=EXAMPLE"
    request_id = "7cfecba4-dc4a-4f4e-9a32-6a5d6d6a0b27"
    properties = {"ServiceToken": function, "Rows": "10"}  # CloudFormation hands numbers over as text
    return request(kind, function, url, stack, request_id, "Rows", "Custom::Rows", properties)
