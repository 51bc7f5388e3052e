"""AWS::Lambda::EventSourceMapping, and what SAM makes of a function's events of type SQS, Kinesis and DynamoDB.

Facts D.1 and 25.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lambdalab.simulator.account import Principal
from lambdalab.simulator.account.iam import Authority
from lambdalab.simulator.lambda_.event_source_mappings.mapping import Mapping
from lambdalab.simulator.lambda_.event_source_mappings.mappings import Mappings
from lambdalab.simulator.lambda_.event_source_mappings.refusals import exists, lacking, missing, service_of
from lambdalab.simulator.lambda_.event_source_mappings.settings import (
    KNOWN,
    STREAMS_ONLY,
    Settings,
    read_settings,
    read_stream_settings,
)
from lambdalab.simulator.project.numbers import Numbers
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import not_mappings, unknown_properties
from lambdalab.simulator.project.resources.identities import Identities
from lambdalab.simulator.project.resources.messaging import queue_of
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.sqs import Queue
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.arns import arn, key_id, split_name, table_stream_arn
from lambdalab.simulator.vocabulary.errors import AwsError

IN_SAM = {"sqs": "Queue", "kinesis": "Stream", "dynamodb": "Stream"}  # EventSourceArn in a function's Events
WHERE = {"sqs": "!GetAtt MyQueue.Arn", "kinesis": "!GetAtt MyStream.Arn", "dynamodb": "!GetAtt MyTable.StreamArn"}
NAMED = (*KNOWN, *STREAMS_ONLY, "StartingPosition", "StartingPositionTimestamp")


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a mapping, in Lambda's own words."""
    problems = not_mappings(
        template, resource, "FilterCriteria", "ScalingConfig", "ProvisionedPollerConfig", "MetricsConfig"
    )
    if problems:
        return problems
    source, function = str(resource.properties.get("EventSourceArn", "")), _function(template, resource)
    if not _is_there(template, source):
        return [_no_source(template, resource, source)]
    problems = unknown_properties(template, resource, NAMED)
    if function is None:
        return [*problems, _problem(template, resource, "FunctionName", "Function does not exist")]
    timeout = function.properties.get("Timeout") or quotas.TIMEOUT_S_DEFAULT
    if not isinstance(timeout, int) or (service_of(source) == "sqs" and _queue(template, source) is None):
        return problems  # their own checks say so
    settings = _settings(template, resource, source, timeout)
    if isinstance(settings, AwsError):
        return [*problems, _problem(template, resource, "EventSourceArn", settings.message)]
    problems += _twins(template, resource)
    if settings.stream is not None:
        return problems + _no_destination(template, resource, settings.stream.destination)
    return problems + _short_visibility(template, resource, settings, timeout)


def _no_source(template: Template, resource: Resource, source: str) -> Problem:
    refusal, service = missing(source), service_of(source)
    severity = "unsupported" if refusal.code == "NotSimulated" else "error"
    fix = f"Write {WHERE[service]}." if service in WHERE else f"Write {', '.join(WHERE.values())}."
    if service == "dynamodb":
        fix += " The table needs a StreamSpecification."
    return _problem(template, resource, "EventSourceArn", refusal.message, fix, severity)


def _short_visibility(template: Template, resource: Resource, settings: Settings, timeout: int) -> list[Problem]:
    queue = _queue(template, str(resource.properties["EventSourceArn"]))
    advised = quotas.VISIBILITY_ADVICE * timeout + settings.window_s
    if queue is None or queue.visibility_timeout_s >= advised:
        return []
    text = (
        f"the visibility timeout of {queue.name} is {queue.visibility_timeout_s} s. AWS advises six times the "
        f"function's timeout and the batching window, {advised} s: else a message may come again while it is "
        "worked on."
    )
    return [_problem(template, resource, "EventSourceArn", text, severity="warning")]


def _no_destination(template: Template, resource: Resource, destination: str | None) -> list[Problem]:
    """The destination of discarded records must be a queue, topic or bucket of the template."""
    queues = {arn("sqs", template.name(each)) for each in template.of_type("AWS::SQS::Queue")}
    topics = {arn("sns", template.name(each)) for each in template.of_type("AWS::SNS::Topic")}
    buckets = {f"arn:aws:s3:::{template.name(each)}" for each in template.of_type("AWS::S3::Bucket")}
    if destination is None or (destination in queues | topics | buckets and not destination.endswith(".fifo")):
        return []
    text = f"The destination ARN {destination} is invalid."
    return [_problem(template, resource, "DestinationConfig", text, "Name a queue, topic or bucket of the template.")]


def check_rights(template: Template, identities: Identities, authority: Authority) -> Iterator[Problem]:
    """Execution roles that may not read the source, or not tell the destination. Facts E.1 and G.4"""
    for resource in template.of_type("AWS::Lambda::EventSourceMapping"):
        function, source = _function(template, resource), str(resource.properties.get("EventSourceArn"))
        role = identities.execution_role(str(function.properties.get("Role"))) if function else None
        if function is None or role is None:
            continue
        caller = role.session(template.name(function))
        found = lacking(authority, caller, source)
        if found is not None:
            refusal, why = found[0].message.removesuffix("."), found[1].why
            yield _problem(template, resource, "FunctionName", f"{refusal}.", f"{why[:1].upper()}{why[1:]}.")
        yield from _untold(template, resource, authority, caller)


def _untold(template: Template, resource: Resource, authority: Authority, caller: Principal) -> Iterator[Problem]:
    failure = (resource.properties.get("DestinationConfig") or {}).get("OnFailure") or {}
    target = str(failure.get("Destination", ""))
    action = {"sqs": "sqs:SendMessage", "sns": "sns:Publish", "s3": "s3:PutObject"}.get(service_of(target))
    if action is not None:
        denied = authority.denied(caller, action, f"{target}/aws/lambda/" if action == "s3:PutObject" else target)
        if denied is not None:
            text = f"nobody will hear of discarded records: {denied.why.removeprefix('denied: ')}."
            yield _problem(template, resource, "DestinationConfig", text, severity="warning")


def deploy_mappings(template: Template, mappings: Mappings, numbers: Numbers) -> None:
    """Create the template's mappings."""
    for resource in template.of_type("AWS::Lambda::EventSourceMapping"):
        mappings.deploy(*mapping_of(template, resource, numbers))


def mapping_of(template: Template, resource: Resource, numbers: Numbers) -> tuple[Mapping, bool]:
    """The mapping that a checked resource describes, and whether it is enabled."""
    source, function = str(resource.properties["EventSourceArn"]), _function(template, resource)
    assert function is not None
    name, qualifier = split_name(str(numbers.settle(resource.properties["FunctionName"])))
    timeout = function.properties.get("Timeout") or quotas.TIMEOUT_S_DEFAULT
    settings = _settings(template, resource, source, timeout)
    assert not isinstance(settings, AwsError)  # checked before
    mapping = Mapping(key_id(template.name(resource)), source, name, qualifier, settings, resource.logical_id)
    return mapping, resource.properties.get("Enabled", True) is not False


def _settings(template: Template, resource: Resource, source: str, timeout: int) -> Settings | AwsError:
    service = service_of(source)
    if service == "sqs":
        queue = _queue(template, source)
        assert queue is not None
        return read_settings(resource.properties, queue, timeout)
    return read_stream_settings(resource.properties, source, "kinesis" if service == "kinesis" else "dynamodb")


def _is_there(template: Template, source: str) -> bool:
    """Whether the template has this queue or stream."""
    queues = {arn("sqs", template.name(each)) for each in template.of_type("AWS::SQS::Queue")}
    streams = {arn("kinesis", f"stream/{template.name(each)}") for each in template.of_type("AWS::Kinesis::Stream")}
    tables = {
        table_stream_arn(template.name(each))
        for each in template.of_type("AWS::DynamoDB::Table")
        if each.properties.get("StreamSpecification")
    }
    return source in queues | streams | tables


def _twins(template: Template, resource: Resource) -> list[Problem]:
    """One mapping for each pair of source and function."""
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
    if prop == "EventSourceArn":
        prop = IN_SAM.get(service_of(str(resource.properties.get(prop, ""))), prop)
    path = ("Resources", resource.origin, "Properties", "Events", event, "Properties", prop)
    return template.source.problem(path, f"{resource.logical_id}: {text}", fix, severity)
