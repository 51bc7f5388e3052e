"""Physical names, ARNs and attributes: what Ref and Fn::GetAtt answer for each resource type."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from lambdalab.simulator.project.intrinsics import Resolver, Unresolved
from lambdalab.simulator.vocabulary.arns import arn, function_arn, key_id, policy_arn, queue_url, role_arn, user_arn

NAME_PROPERTY = {
    "AWS::Lambda::Function": "FunctionName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::Logs::LogGroup": "LogGroupName",
}

_REF: dict[str, Callable[[str], str]] = {
    "AWS::SQS::Queue": queue_url,
    "AWS::SNS::Topic": lambda name: arn("sns", name),
    "AWS::IAM::ManagedPolicy": policy_arn,
    "AWS::KMS::Key": key_id,
}
_ATTRIBUTES: dict[tuple[str, str], Callable[[str], str]] = {
    ("AWS::Lambda::Function", "Arn"): function_arn,
    ("AWS::SQS::Queue", "Arn"): lambda name: arn("sqs", name),
    ("AWS::SQS::Queue", "QueueName"): str,
    ("AWS::SQS::Queue", "QueueUrl"): queue_url,
    ("AWS::SNS::Topic", "TopicArn"): lambda name: arn("sns", name),
    ("AWS::SNS::Topic", "TopicName"): str,
    ("AWS::DynamoDB::Table", "Arn"): lambda name: arn("dynamodb", f"table/{name}"),
    ("AWS::IAM::Role", "Arn"): role_arn,
    ("AWS::IAM::User", "Arn"): user_arn,
    ("AWS::KMS::Key", "Arn"): lambda name: arn("kms", f"key/{key_id(name)}"),
    ("AWS::KMS::Key", "KeyId"): key_id,
}


class Namer:
    """Knows the physical name of every resource of a template before any of them exists."""

    def __init__(self, bodies: dict[str, dict[str, Any]]) -> None:
        self._bodies = bodies
        self._naming: set[str] = set()
        self.resolver: Resolver | None = None

    def name(self, logical_id: str) -> str:
        """The name the template gives, else ``stack-logicalid-hash``."""
        body = self._bodies[logical_id]
        given = (body.get("Properties") or {}).get(NAME_PROPERTY.get(body["Type"], ""))
        if given is None:
            digest = hashlib.sha256(f"lab/{logical_id}".encode()).hexdigest()[:12].upper()
            return f"lab-{logical_id}-{digest}"
        if logical_id in self._naming:
            raise Unresolved(f"{logical_id} needs its own name to make its name")
        self._naming.add(logical_id)
        try:
            assert self.resolver is not None
            return str(self.resolver.resolve(given))
        finally:
            self._naming.discard(logical_id)

    def reference(self, logical_id: str) -> str:
        """What ``Ref`` answers."""
        body = self._body(logical_id)
        return _REF.get(body["Type"], str)(self.name(logical_id))

    def attribute(self, logical_id: str, attribute: str) -> str:
        """What ``Fn::GetAtt`` answers."""
        body = self._body(logical_id)
        make = _ATTRIBUTES.get((body["Type"], attribute))
        if make is None:
            raise Unresolved(f"{body['Type']} has no attribute {attribute} here")
        return make(self.name(logical_id))

    def _body(self, logical_id: str) -> dict[str, Any]:
        if logical_id not in self._bodies:
            raise Unresolved(f"there is no resource or parameter {logical_id}")
        return self._bodies[logical_id]
