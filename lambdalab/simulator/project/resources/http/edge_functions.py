"""Functions of a template at the edge: what CloudFront refuses, and their copies at the edge location.

Sources: Amazon CloudFront Developer Guide, "Restrictions on Lambda@Edge", "Set up IAM permissions and roles for
Lambda@Edge", "Edge function logs", read 2026-11-29; CloudFront's texts as users have reported them (2017 to 2025).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambdalab.simulator.account import iam, service_principal
from lambdalab.simulator.lambda_.function import Function, LoggingConfig
from lambdalab.simulator.lambda_.updates import tell_configuration
from lambdalab.simulator.project.names import version_token
from lambdalab.simulator.project.resources.function import deployed
from lambdalab.simulator.project.resources.http.common import is_function, shown
from lambdalab.simulator.project.resources.http.findings import mapping
from lambdalab.simulator.project.resources.identities import Identities, trusts
from lambdalab.simulator.project.resources.versions import function_name
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.http.cloudfront.edge_functions import CALLER
from lambdalab.simulator.trace.facts import EdgeFunctionReplicated
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.arns import REGION, REPLICA_PREFIX, function_arn, split_name
from lambdalab.simulator.vocabulary.events.edge import EventType

if TYPE_CHECKING:
    from lambdalab.simulator.project.deploy import Deployment

_OF_EVENT = "for functions that are triggered by a CloudFront event"
_NOT_AT_EDGE = {  # a property of functions, and what is not supported at the edge
    "VpcConfig": "a VPC",
    "Layers": "layers",
    "DeadLetterConfig": "a dead-letter queue",
}


def refusals(template: Template, known: Identities, reference: Any, event: str) -> Iterator[str]:
    """Why CloudFront refuses a function for an event, in sentences. ``reference`` is the association's ARN."""
    arn = str(reference)
    name, qualifier = split_name(arn)
    if not isinstance(reference, str) or ":function:" not in arn:
        yield f"LambdaFunctionARN is the ARN of a version, not {reference!r}."
        return
    if arn.split(":")[3] != REGION:
        yield f"The function must be in region '{REGION}'. ARN: {arn}"
        return
    if qualifier is None or not (qualifier.startswith("{version ") or qualifier.isdecimal()):
        text = (
            "The function ARN must reference a specific function version. (The ARN must end with the version number.)"
        )
        yield f"{text} ARN: {arn}"
        return
    if not is_function(template, arn):
        yield f"there is no version {shown(template, name)}:{qualifier} in this template."
        return
    if _is_provisioned(template, name, qualifier):
        yield f"provisioned concurrency is not supported at the edge. Function: {arn}"
    for resource in template.of_type("AWS::Lambda::Function"):
        if template.name(resource) == name:
            yield from _wrong_function(template, resource, known, event)


def _is_provisioned(template: Template, name: str, qualifier: str) -> bool:
    """Whether a version of a function keeps environments ready."""
    versions = [one for one in template.of_type("AWS::Lambda::Version") if version_token(one.logical_id) == qualifier]
    return any(function_name(one) == name and one.properties.get("ProvisionedConcurrencyConfig") for one in versions)


def _wrong_function(template: Template, resource: Resource, known: Identities, event: str) -> Iterator[str]:
    props = resource.properties
    whose = f"Function: {function_arn(template.name(resource))}"
    runtime, timeout = str(props.get("Runtime")), props.get("Timeout") or quotas.TIMEOUT_S_DEFAULT
    memory = props.get("MemorySize") or quotas.MEMORY_MB_DEFAULT
    if not runtime.startswith(("python", "nodejs")):
        yield f"The function has an invalid runtime {_OF_EVENT}: {runtime} {whose}"
    if isinstance(timeout, int) and timeout > quotas.EDGE_TIMEOUT_S_MAX:
        most = quotas.EDGE_TIMEOUT_S_MAX
        text = f"The function timeout is larger than the maximum allowed {_OF_EVENT}"
        yield f"{text}: {timeout} Max allowed: {most} {whose}"
    if event.startswith("viewer") and isinstance(memory, int) and memory > quotas.EDGE_VIEWER_MEMORY_MB:
        most = quotas.EDGE_VIEWER_MEMORY_MB
        text = f"The function memory size is larger than the maximum allowed size {_OF_EVENT}"
        yield f"{text}: {memory} Max allowed: {most} {whose}"
    if mapping(mapping(props.get("Environment")).get("Variables")):
        yield f"The function cannot have environment variables. {whose}"
    for what in _not_at_edge(props):
        yield f"{what} is not supported at the edge. {whose}"
    role = known.execution_role(str(props.get("Role")))
    if role is not None and not trusts(role, service_principal(CALLER, function_arn(template.name(resource)))):
        text = "The function execution role must be assumable with edgelambda.amazonaws.com as well as "
        yield f"{text}lambda.amazonaws.com principals. Update the IAM role and try again. Role: {role.arn}"


def _not_at_edge(props: Mapping[str, Any]) -> Iterator[str]:
    """Features that "Restrictions on Lambda@Edge" lists; CloudFront's own words for them are not known to us."""
    yield from (what for name, what in _NOT_AT_EDGE.items() if props.get(name))
    if mapping(props.get("TracingConfig")).get("Mode") == "Active":
        yield "active tracing with X-Ray"
    if (props.get("Architectures") or ["x86_64"])[0] != "x86_64":
        yield "the architecture arm64"
    size = mapping(props.get("EphemeralStorage")).get("Size", 0)
    if isinstance(size, int) and size > quotas.EDGE_EPHEMERAL_MB_MAX:
        yield f"ephemeral storage of more than {quotas.EDGE_EPHEMERAL_MB_MAX} MB"


def replicate(
    template: Template,
    deployment: Deployment,
    reference: str,
    distribution: str,
    event: EventType,
    pattern: str,
    before: str | None = None,
) -> str:
    """Copy a version to the edge location; returns the ARN of the copy. ``before``: that of the copy in its place.

    The copy is a function of its own, called ``us-east-1.NAME`` as its log group and metrics say on AWS, with its own
    environments. Only Lambda@Edge may call it.
    """
    lambda_ = deployment.lambda_
    name, number = split_name(str(deployment.numbers.settle(reference)))
    registered = lambda_.functions[name]
    version = registered.versions[str(number)]
    copy = _copied(version)
    if copy.name not in lambda_.functions:
        made = lambda_.deploy(copy)
        deployment.world.trace.record(deployed(made, f"{REPLICA_PREFIX}{shown(template, name)}"))
        tell_configuration(deployment.world, None, copy)
    arn = function_arn(copy.name, copy.version)
    lambda_.functions[copy.name].versions.setdefault(copy.version, copy)
    registered.replicated.add(version.version)
    deployment.world.iam.set_policy(arn, _only_the_edge(arn))
    if arn != before:
        deployment.world.trace.record(
            EdgeFunctionReplicated(distribution, copy.name, name, copy.version, event, pattern, copy.memory_mb)
        )
    return arn


def _copied(version: Function) -> Function:
    """A version as it runs at the edge. A log group of one's own keeps its name, the usual one gets the Region's."""
    usual = version.logging.group in (None, f"/aws/lambda/{version.name}")
    logging: LoggingConfig = replace(version.logging, group=None) if usual else version.logging
    return replace(version, name=f"{REPLICA_PREFIX}{version.name}", logging=logging, dead_letter=None)


def _only_the_edge(arn: str) -> iam.Policy:
    """Lambda@Edge gives itself the permission; nobody writes one into a template."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": CALLER},
        "Action": "lambda:InvokeFunction",
        "Resource": arn,
    }
    return iam.read_policy({"Version": "2012-10-17", "Statement": [statement]}, "the copy's policy", "resource-based")
