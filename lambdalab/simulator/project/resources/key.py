"""AWS::KMS::Key: a customer's own key, with its policy. Fact G.6."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.account import iam
from lambdalab.simulator.account.iam import Authority, Policy, PolicyError, policies
from lambdalab.simulator.lambda_.function import EncryptionKey
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.kms import KmsService
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, arn, key_id

KNOWN = {
    "KeyPolicy", "Enabled", "Description", "EnableKeyRotation", "PendingWindowInDays", "KeySpec", "KeyUsage", "Tags",
}  # fmt: skip
DEFAULT_POLICY = {  # what KMS gives a key without a KeyPolicy. KMS Developer Guide, "Default key policy", read 2026-10
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a key."""
    problems = unknown_properties(template, resource, KNOWN)
    if not isinstance(resource.properties.get("Enabled", True), bool):
        problems.append(template.problem(resource, "Enabled", "Enabled must be true or false."))
    try:
        _policy(template, resource)
    except PolicyError as error:
        problems.append(template.problem(resource, "KeyPolicy", str(error)))
    return problems


def check_use(template: Template, function: Resource) -> list[Problem]:
    """The key of a function must be one of the template's."""
    wanted = function.properties.get("KmsKeyArn")
    if wanted in (None, "") or key_of(template, wanted) is not None:
        return []
    return [template.problem(function, "KmsKeyArn", f"there is no key {wanted} here.", "Write !GetAtt MyKey.Arn.")]


def key_of(template: Template, wanted: Any) -> EncryptionKey | None:
    """The key with this ARN; None for a function without one: AWS's own key."""
    for resource in template.of_type("AWS::KMS::Key"):
        if _arn(template, resource) == wanted:
            return EncryptionKey(wanted, resource.properties.get("Enabled", True))
    return None


def check_alias(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with an alias of a key."""
    problems = unknown_properties(template, resource, {"AliasName", "TargetKeyId"})
    name = template.name(resource)
    if not name.startswith("alias/") or name.startswith("alias/aws/"):
        text = f"AliasName begins with alias/ and not with alias/aws/, unlike {name}."
        problems.append(template.problem(resource, "AliasName", text))
    if _target(template, resource) is None:
        text = f"there is no key {resource.properties.get('TargetKeyId')} here."
        problems.append(template.problem(resource, "TargetKeyId", text, "Name one with !Ref."))
    return problems


def _target(template: Template, alias: Resource) -> str | None:
    """The id of the key that an alias leads to."""
    wanted = str(alias.properties.get("TargetKeyId")).rpartition("/")[2]
    ids = (key_id(template.name(each)) for each in template.of_type("AWS::KMS::Key"))
    return next((each for each in ids if each == wanted), None)


def deploy_keys(authority: Authority, template: Template, kms: KmsService) -> None:
    """Make every key, with its policy, and its aliases."""
    for resource in template.of_type("AWS::KMS::Key"):
        authority.set_policy(_arn(template, resource), _policy(template, resource))
        enabled, description = resource.properties.get("Enabled", True), resource.properties.get("Description", "")
        kms.deploy(key_id(template.name(resource)), enabled=enabled, description=description)
    for resource in template.of_type("AWS::KMS::Alias"):
        target = _target(template, resource)
        assert target is not None  # checked before
        kms.name(template.name(resource), target)


def _policy(template: Template, resource: Resource) -> Policy:
    document = resource.properties.get("KeyPolicy", DEFAULT_POLICY)
    name, limit = f"the key policy of {template.shown_as(resource)}", policies.KEY_POLICY_BYTES_MAX
    return iam.read_policy(document, name, "resource-based", size_max=limit)


def _arn(template: Template, resource: Resource) -> str:
    return arn("kms", f"key/{key_id(template.name(resource))}")
