"""AWS::Lambda::EventSourceMapping, and what SAM makes of a function's events of type SQS. Facts D.1 and 25."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lambdalab.simulator.account.iam import Authority
from lambdalab.simulator.lambda_.control.event_source_mappings import READING, exists, may_not, no_queue, unknown_source
from lambdalab.simulator.lambda_.event_source_mappings.mapping import Mapping
from lambdalab.simulator.lambda_.event_source_mappings.mappings import Mappings
from lambdalab.simulator.lambda_.event_source_mappings.settings import KNOWN, STREAMS_ONLY, read_settings
from lambdalab.simulator.project.numbers import Numbers
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import not_mappings, unknown_properties
from lambdalab.simulator.project.resources.identities import Identities
from lambdalab.simulator.project.resources.messaging import queue_of
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.sqs import Queue
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.arns import arn, key_id, split_name
from lambdalab.simulator.vocabulary.errors import AwsError

IN_SAM = {"EventSourceArn": "Queue"}  # what a property is called in a function's Events


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a mapping, in Lambda's own words."""
    problems = not_mappings(
        template, resource, "FilterCriteria", "ScalingConfig", "ProvisionedPollerConfig", "MetricsConfig"
    )
    if problems:
        return problems
    source = str(resource.properties.get("EventSourceArn", ""))
    if source.split(":")[2:3] != ["sqs"]:
        refusal = unknown_source(source)
        severity = "unsupported" if refusal.code == "NotSimulated" else "error"
        fix = "Write !GetAtt MyQueue.Arn."
        return [_problem(template, resource, "EventSourceArn", refusal.message, fix, severity)]
    problems = unknown_properties(template, resource, (*KNOWN, *STREAMS_ONLY, "StartingPosition"))
    queue, function = _queue(template, source), _function(template, resource)
    if queue is None:
        return [*problems, _problem(template, resource, "EventSourceArn", no_queue().message)]
    if function is None:
        return [*problems, _problem(template, resource, "FunctionName", "Function does not exist")]
    timeout = function.properties.get("Timeout", quotas.TIMEOUT_S_DEFAULT)
    if not isinstance(timeout, int):  # the function's own check says so
        return problems
    settings = read_settings(resource.properties, queue, timeout)
    if isinstance(settings, AwsError):
        return [*problems, _problem(template, resource, "EventSourceArn", settings.message)]
    problems += _twins(template, resource)
    advised = quotas.VISIBILITY_ADVICE * timeout + settings.window_s
    if queue.visibility_timeout_s < advised:
        text = (
            f"the visibility timeout of {queue.name} is {queue.visibility_timeout_s} s. AWS advises six times the "
            f"function's timeout and the batching window, {advised} s: else a message may come again while it is "
            "worked on."
        )
        problems.append(_problem(template, resource, "EventSourceArn", text, severity="warning"))
    return problems


def check_rights(template: Template, identities: Identities, authority: Authority) -> Iterator[Problem]:
    """Execution roles that may not read the queue. Fact G.4"""
    for resource in template.of_type("AWS::Lambda::EventSourceMapping"):
        function = _function(template, resource)
        role = identities.execution_role(str(function.properties.get("Role"))) if function else None
        if function is None or role is None:
            continue
        caller = role.session(template.name(function))
        for action in READING:
            refusal = authority.denied(caller, f"sqs:{action}", str(resource.properties.get("EventSourceArn")))
            if refusal is not None:
                fix = f"{refusal.why[:1].upper()}{refusal.why[1:]}."
                yield _problem(template, resource, "FunctionName", f"{may_not(action).message}.", fix)
                break


def deploy_mappings(template: Template, mappings: Mappings, numbers: Numbers) -> None:
    """Create the template's mappings."""
    for resource in template.of_type("AWS::Lambda::EventSourceMapping"):
        source, function = str(resource.properties["EventSourceArn"]), _function(template, resource)
        queue = _queue(template, source)
        assert queue is not None
        assert function is not None
        name, qualifier = split_name(str(numbers.settle(resource.properties["FunctionName"])))
        settings = read_settings(
            resource.properties, queue, function.properties.get("Timeout", quotas.TIMEOUT_S_DEFAULT)
        )
        assert not isinstance(settings, AwsError)  # checked before
        identity = key_id(template.name(resource))
        mapping = Mapping(identity, source, name, qualifier, settings, resource.logical_id)
        mappings.deploy(mapping, resource.properties.get("Enabled", True) is not False)


def _twins(template: Template, resource: Resource) -> list[Problem]:
    """One mapping for each pair of queue and function."""
    for other in template.of_type("AWS::Lambda::EventSourceMapping"):
        if other.logical_id == resource.logical_id:
            return []
        if _pair(other) == _pair(resource):
            text = exists(*_pair(resource), key_id(template.name(other))).message
            return [_problem(template, resource, "EventSourceArn", text)]
    return []


def _pair(resource: Resource) -> tuple[str, str]:
    name, _ = split_name(str(resource.properties.get("FunctionName", "")))
    return str(resource.properties.get("EventSourceArn")), name


def _queue(template: Template, source: str) -> Queue | None:
    for resource in template.of_type("AWS::SQS::Queue"):
        if source == arn("sqs", template.name(resource)):
            return queue_of(template, resource)
    return None


def _function(template: Template, resource: Resource) -> Resource | None:
    name, _ = split_name(str(resource.properties.get("FunctionName", "")))
    found = (each for each in template.of_type("AWS::Lambda::Function") if template.name(each) == name)
    return next(found, None)


def _problem(
    template: Template, resource: Resource, prop: str, text: str, fix: str = "", severity: Any = "error"
) -> Problem:
    """At its place: a mapping of its own, or one that SAM makes of an entry under a function's Events."""
    if resource.origin == resource.logical_id:
        return template.problem(resource, prop, text, fix, severity)
    event = resource.logical_id.removeprefix(resource.origin)
    path = ("Resources", resource.origin, "Properties", "Events", event, "Properties", IN_SAM.get(prop, prop))
    return template.source.problem(path, f"{resource.logical_id}: {text}", fix, severity)
