"""AWS::S3::Bucket and AWS::S3::BucketPolicy. Fact F.1."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lambdalab.simulator.account.iam import Authority, PolicyError, policies, read_policy
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import not_mappings, unknown_properties
from lambdalab.simulator.project.resources.identities import Identities
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.s3 import S3Service
from lambdalab.simulator.services.s3.configuration import (
    Notification,
    read_notifications,
    refused_target,
)
from lambdalab.simulator.services.s3.names import bucket_arn, object_arn
from lambdalab.simulator.vocabulary.arns import function_arn
from lambdalab.simulator.vocabulary.errors import AwsError

BUCKET, POLICY = "AWS::S3::Bucket", "AWS::S3::BucketPolicy"
KNOWN = {
    "BucketName", "VersioningConfiguration", "NotificationConfiguration", "LifecycleConfiguration", "Tags",
    "PublicAccessBlockConfiguration", "OwnershipControls", "BucketEncryption",
}  # fmt: skip
KINDS = (  # CloudFormation's list and member, and those of the API
    ("LambdaConfigurations", "Function", "LambdaFunctionConfigurations", "LambdaFunctionArn"),
    ("QueueConfigurations", "Queue", "QueueConfigurations", "QueueArn"),
    ("TopicConfigurations", "Topic", "TopicConfigurations", "TopicArn"),
)
ON_BUS = "EventBridgeConfiguration"
# 3 to 63 characters, begins and ends with a letter or digit, no two dots together, not an address.
# Source: Amazon S3 User Guide, "General purpose bucket naming rules", read 2026-04.
_NAME = re.compile(r"(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a bucket, but what its notifications may not reach: that depends on other resources."""
    props = ("VersioningConfiguration", "NotificationConfiguration", "LifecycleConfiguration")
    problems = unknown_properties(template, resource, KNOWN) + not_mappings(template, resource, *props)
    name = template.name(resource)
    if not _NAME.fullmatch(name):
        fix = "Use 3 to 63 lower-case letters, digits, hyphens and dots."
        problems.append(template.problem(resource, "BucketName", f"the name {name} is not valid for a bucket.", fix))
    status = _mapping(resource, "VersioningConfiguration").get("Status", "Enabled")
    if status not in ("Enabled", "Suspended"):
        text = f"Status of VersioningConfiguration is Enabled or Suspended, not {status}."
        problems.append(template.problem(resource, "VersioningConfiguration", text))
    return problems + _check_notifications(template, resource)


def _check_notifications(template: Template, resource: Resource) -> list[Problem]:
    document, prop = _mapping(resource, "NotificationConfiguration"), "NotificationConfiguration"
    unknown = [name for name in document if name not in {ON_BUS, *(kind[0] for kind in KINDS)}]
    problems = [
        template.problem(resource, prop, f"{name} has no effect in lambdalab yet.", "Leave it out.", "unsupported")
        for name in unknown
    ]
    try:
        read = notifications_of(resource)
    except (TypeError, KeyError, AttributeError):
        text = "each configuration needs an Event, and a Function, Queue or Topic; a Filter has S3Key: Rules."
        return [*problems, template.problem(resource, prop, text)]
    return [*problems, template.problem(resource, prop, read.message)] if isinstance(read, AwsError) else problems


def notifications_of(resource: Resource) -> tuple[Notification, ...] | AwsError:
    """A bucket's notifications, or AWS's refusal. Raises ``KeyError`` and the like for what has the wrong shape."""
    document: dict[str, list[dict[str, Any]]] = {}
    for name, member, of_api, member_of_api in KINDS:
        for entry in _mapping(resource, "NotificationConfiguration").get(name) or ():
            rules = ((entry.get("Filter") or {}).get("S3Key") or {}).get("Rules") or []
            made = {member_of_api: str(entry[member]), "Events": [str(entry["Event"])]}
            document.setdefault(of_api, []).append(made | {"Filter": {"Key": {"FilterRules": rules}}})
    count = 0

    def new_id() -> str:
        nonlocal count
        count += 1
        return f"{resource.logical_id}-{count}"

    return read_notifications(document, new_id)


def check_targets(template: Template, authority: Authority) -> list[Problem]:
    """Targets that S3 may not send to: AWS refuses the bucket's configuration. ``authority`` has all policies."""
    problems = []
    for resource in template.of_type(BUCKET):
        read = notifications_of(resource)
        assert not isinstance(read, AwsError)  # checked before
        for each in read:
            why = refused_target(authority, template.name(resource), each)
            if why:
                text = "Unable to validate the following destination configurations."
                fix = f"{why[:1].upper()}{why[1:]}."
                problems.append(template.problem(resource, "NotificationConfiguration", text, fix))
    return problems


def check_loops(template: Template, authority: Authority, identities: Identities) -> Iterator[Problem]:
    """Functions that may write new objects into the bucket, and under the filter, that starts them.

    What they may do is known before a run, what they do is not: a warning. Source: AWS Lambda Developer Guide,
    "Recursive invocation", read 2026-10.
    """
    callers = {
        function_arn(template.name(each)): role.session(template.name(each))
        for each in template.of_type("AWS::Lambda::Function")
        if (role := identities.execution_role(str(each.properties.get("Role")))) is not None
    }
    for resource in template.of_type(BUCKET):
        read = notifications_of(resource)
        for each in () if isinstance(read, AwsError) else read:
            caller = callers.get(each.target)
            if caller is None or not any(event.startswith("s3:ObjectCreated:") for event in each.events):
                continue
            target = object_arn(template.name(resource), f"{each.prefix}x{each.suffix}")
            if authority.denied(caller, "s3:PutObject", target) is None:
                name = each.target.rsplit(":", 1)[-1]
                text = f"a loop: {name} may write objects into the bucket whose new objects start it."
                fix = "Write into another bucket, or let prefix and suffix of the filter leave out what it writes."
                yield template.problem(resource, "NotificationConfiguration", text, fix, "warning")


def check_policy(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a bucket's policy."""
    problems = unknown_properties(template, resource, {"Bucket", "PolicyDocument"})
    named = str(resource.properties.get("Bucket"))
    if named not in {template.name(each) for each in template.of_type(BUCKET)}:
        text = f"there is no bucket {named} here."
        problems.append(template.problem(resource, "Bucket", text, "Name one with !Ref."))
    try:
        _read(resource, named)
    except PolicyError as error:
        problems.append(template.problem(resource, "PolicyDocument", str(error)))
    return problems


def give_policies(authority: Authority, template: Template) -> None:
    """What buckets will allow, for questions before a run."""
    for resource in template.of_type(POLICY):
        name = str(resource.properties["Bucket"])
        authority.set_policy(bucket_arn(name), _read(resource, _shown(template, name)))


def deploy_buckets(template: Template, s3: S3Service) -> None:
    """Create the template's buckets and give them their policies."""
    for resource in template.of_type(BUCKET):
        status = _mapping(resource, "VersioningConfiguration").get("Status", "")
        s3.deploy(template.name(resource), template.shown_as(resource), versioning=status)
    for resource in template.of_type(POLICY):
        name = str(resource.properties["Bucket"])
        s3.set_policy(name, resource.properties["PolicyDocument"], _shown(template, name))


def deploy_notifications(template: Template, s3: S3Service) -> None:
    """Let buckets notify: the last thing, when everything that they may tell exists."""
    for resource in template.of_type(BUCKET):
        read = notifications_of(resource)
        assert not isinstance(read, AwsError)  # checked before
        s3.notify(template.name(resource), read, on_bus=_on_bus(resource))


def _on_bus(resource: Resource) -> bool:
    """Whether EventBridge is told of everything: the property is there, and not switched off."""
    given = _mapping(resource, "NotificationConfiguration").get(ON_BUS)
    return isinstance(given, Mapping) and str(given.get("EventBridgeEnabled", True)).lower() == "true"


def _read(resource: Resource, shown: str) -> Any:
    document = resource.properties.get("PolicyDocument")
    limit = policies.BUCKET_POLICY_BYTES_MAX
    return read_policy(document, f"the bucket policy of {shown}", "resource-based", size_max=limit)


def _shown(template: Template, name: str) -> str:
    return next(template.shown_as(each) for each in template.of_type(BUCKET) if template.name(each) == name)


def _mapping(resource: Resource, prop: str) -> Mapping[str, Any]:
    value = resource.properties.get(prop)
    return value if isinstance(value, Mapping) else {}
