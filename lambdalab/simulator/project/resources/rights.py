"""What a template can know before a run: who would be denied. Facts E.1, E.2, G.4."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lambdalab.simulator.account import Principal, service_principal
from lambdalab.simulator.account.iam import Authority
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources import bucket, buses, http, log_groups, mappings, schedules
from lambdalab.simulator.project.resources.identities import Identities
from lambdalab.simulator.project.resources.policies import give_policies
from lambdalab.simulator.project.resources.vpc import attachment
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.project.yaml_source import Path
from lambdalab.simulator.services.s3.names import bucket_arn
from lambdalab.simulator.vocabulary.arns import arn, function_arn, split_name

_SENDING = {"sqs": ("SendMessage", "SQS"), "sns": ("Publish", "SNS"), "lambda": ("InvokeFunction", "Lambda"),
            "events": ("PutEvents", "EventBridge"), "s3": ("PutObject", "S3")}  # fmt: skip


def check_rights(template: Template, identities: Identities) -> list[Problem]:
    """Targets that a function's role, or a topic, may not send to. Policies are expected to be right.

    Lambda refuses a dead-letter queue that the role may not send to (E.2); the others are told as warnings, because a
    run shows better what then happens.
    """
    authority = Authority()
    give_policies(authority, template)
    bucket.give_policies(authority, template)
    buses.give_policies(authority, template)
    there = _targets(template)
    problems = []
    for resource in template.of_type("AWS::Lambda::Function"):
        role = identities.execution_role(str(resource.properties.get("Role")))
        if role is not None:
            caller = role.session(template.name(resource))
            problems += _dead_letter(template, resource, authority, caller, there)
            problems += _destinations(template, resource, authority, caller, there)
            problems += attachment.check_role(template, resource, authority, caller)
    problems += mappings.check_rights(template, identities, authority)
    for owner, prop, topic, entry in _subscriptions(template):
        caller = service_principal("sns.amazonaws.com", topic)
        why = _why_not(authority, caller, str(entry.get("Endpoint")), there)
        if why:
            text = f"this subscription will deliver nothing: {why.removeprefix('denied: ')}."
            problems.append(template.problem(owner, prop, text, "", "warning"))
    problems += http.check_rights(template, authority)
    problems += buses.unreachable(template, authority, there)
    problems += buses.roles_missing(template, identities)
    problems += log_groups.check_rights(template, authority)
    problems += schedules.check_rights(template, identities, authority, there)
    problems += bucket.check_targets(template, authority)
    return [*problems, *bucket.check_loops(template, authority, identities)]


def _targets(template: Template) -> set[str]:
    """The ARNs of everything here that messages can be sent to."""
    queues = {arn("sqs", template.name(each)) for each in template.of_type("AWS::SQS::Queue")}
    topics = {arn("sns", template.name(each)) for each in template.of_type("AWS::SNS::Topic")}
    on_buses = {arn("events", "event-bus/default")}
    on_buses |= {arn("events", f"event-bus/{template.name(each)}") for each in template.of_type(buses.BUS)}
    functions = {function_arn(template.name(each)) for each in template.of_type("AWS::Lambda::Function")}
    buckets = {bucket_arn(template.name(each)) for each in template.of_type(bucket.BUCKET)}
    return queues | topics | on_buses | functions | buckets


def _why_not(authority: Authority, caller: Principal, target: str, there: set[str]) -> str | None:
    """Why ``caller`` may not send to ``target``; None when it may, or when there is no such target here."""
    if target not in there:
        return None
    service = target.split(":")[2]
    resource = f"{target}/aws/lambda/async/" if service == "s3" else target
    refusal = authority.denied(caller, f"{service}:{_SENDING[service][0]}", resource)
    if refusal is None and service == "s3":
        refusal = authority.denied(caller, "s3:ListBucket", target)
    return refusal.why if refusal else None


def _dead_letter(
    template: Template, resource: Resource, authority: Authority, caller: Principal, there: set[str]
) -> list[Problem]:
    target = str((resource.properties.get("DeadLetterConfig") or {}).get("TargetArn"))
    why = _why_not(authority, caller, target, there)
    if why is None:
        return []
    action, service = _SENDING[target.split(":")[2]]
    text = f"The provided execution role does not have permissions to call {action} on {service}"
    prop = "DeadLetterQueue" if _path(resource, "DeadLetterQueue") in template.source.places else "DeadLetterConfig"
    return [template.problem(resource, prop, f"{text}.", f"{why[:1].upper()}{why[1:]}.")]


def _destinations(
    template: Template, resource: Resource, authority: Authority, caller: Principal, there: set[str]
) -> Iterator[Problem]:
    for config in template.of_type("AWS::Lambda::EventInvokeConfig"):
        if split_name(str(config.properties.get("FunctionName", "")))[0] != template.name(resource):
            continue
        for side in (config.properties.get("DestinationConfig") or {}).values():
            target = str(side.get("Destination")) if isinstance(side, dict) else ""
            why = _why_not(authority, caller, target, there)
            if why:
                text = f"its records will not reach {target}: {why.removeprefix('denied: ')}."
                prop = "EventInvokeConfig" if config.origin == resource.origin else "DestinationConfig"
                yield template.problem(config, prop, text, "", "warning")


def _subscriptions(template: Template) -> Iterator[tuple[Resource, str, str, dict[str, Any]]]:
    """Each subscription with the resource and property it stands in, and its topic."""
    for resource in template.of_type("AWS::SNS::Topic"):
        for entry in resource.properties.get("Subscription") or ():
            if isinstance(entry, dict):
                yield resource, "Subscription", arn("sns", template.name(resource)), entry
    for resource in template.of_type("AWS::SNS::Subscription"):
        yield resource, "Endpoint", str(resource.properties.get("TopicArn")), resource.properties


def _path(resource: Resource, prop: str) -> Path:
    return ("Resources", resource.origin, "Properties", prop)
