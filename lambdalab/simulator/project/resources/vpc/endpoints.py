"""AWS::EC2::VPCEndpoint: gateway endpoints of S3 and DynamoDB, interface endpoints of other services.

Source: AWS PrivateLink Guide, "Gateway endpoints", "Access an AWS service using an interface VPC endpoint".
"""

from __future__ import annotations

import re

from lambdalab.simulator.account.iam import Policy, PolicyError, read_policy
from lambdalab.simulator.account.vpc import GatewayEndpoint, InterfaceEndpoint, Network
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.vpc.parts import (
    by_id,
    called,
    default_groups,
    id_of,
    is_true,
    listed,
    shape_problems,
    vpc_of,
)
from lambdalab.simulator.project.resources.vpc.subnets import resolves
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.vocabulary.arns import REGION

POLICY_CHARACTERS_MAX = 20_480  # PrivateLink Guide, "Control access to VPC endpoints using endpoint policies"
WITH_GATEWAY = ("s3", "dynamodb")
_SERVICE = re.compile(rf"com\.amazonaws\.{REGION}\.([a-z0-9.-]{{1,60}})")
_ONLY = {"Gateway": ("RouteTableIds",), "Interface": ("SubnetIds", "SecurityGroupIds", "PrivateDnsEnabled")}


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with an endpoint."""
    problems = shape_problems(template, resource)
    props = resource.properties
    kind, service = str(props.get("VpcEndpointType", "Gateway")), service_of(resource)
    if kind not in _ONLY:
        text = f"endpoints of the type {kind} have no effect in lambdalab yet."
        return [*problems, template.problem(resource, "VpcEndpointType", text, "", "unsupported")]
    if props.get("ServiceName") and service is None:
        text = f"The Vpc Endpoint Service '{props['ServiceName']}' does not exist."
        fix = f"Write !Sub com.amazonaws.${{AWS::Region}}.sqs; the Region is {REGION}."
        return [*problems, template.problem(resource, "ServiceName", text, fix)]
    for prop in (name for other, names in _ONLY.items() if other != kind for name in names if props.get(name)):
        text = f"{prop} is not for an endpoint of the type {kind}."
        problems.append(template.problem(resource, prop, text, "Set VpcEndpointType, which is Gateway by default."))
    if kind == "Gateway" and service is not None and service not in WITH_GATEWAY:
        text = f"there are gateway endpoints for {' and '.join(WITH_GATEWAY)} only."
        problems.append(template.problem(resource, "VpcEndpointType", text, "Write VpcEndpointType: Interface."))
    try:
        _policy(template, resource)
    except PolicyError as error:
        problems.append(template.problem(resource, "PolicyDocument", str(error)))
    if kind == "Interface":
        problems += _interface_problems(template, resource)
    return problems


def _policy(template: Template, resource: Resource) -> Policy | None:
    """Who may do what through the endpoint; without a policy, everybody everything. Raises :class:`PolicyError`."""
    document = resource.properties.get("PolicyDocument")
    if document is None:
        return None
    name = f"the policy of the endpoint {called(template, resource)}"
    return read_policy(document, name, "VPC endpoint", size_max=POLICY_CHARACTERS_MAX)


def service_of(resource: Resource) -> str | None:
    """The service's name behind the Region's, or None."""
    found = _SERVICE.fullmatch(str(resource.properties.get("ServiceName")))
    return found[1] if found else None


def _interface_problems(template: Template, resource: Resource) -> list[Problem]:
    props = resource.properties
    problems = []
    if not props.get("SubnetIds"):
        text = "an interface endpoint here needs the SubnetIds in which it has addresses."
        problems.append(template.problem(resource, "SubnetIds", text))
    if vpc_of(template, listed(props.get("SubnetIds"))) - {str(props.get("VpcId"))}:
        problems.append(template.problem(resource, "SubnetIds", "the subnets of an endpoint are in its VPC."))
    vpc = by_id(template, "AWS::EC2::VPC").get(str(props.get("VpcId")))
    if is_true(props.get("PrivateDnsEnabled")) and vpc is not None:
        if not (resolves(vpc) and is_true(vpc.properties.get("EnableDnsHostnames"))):
            text = (
                "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true "
                f"for {props['VpcId']}."
            )
            fix = f"Write EnableDnsHostnames: true in {vpc.logical_id}."
            problems.append(template.problem(resource, "PrivateDnsEnabled", text, fix))
        if service_of(resource) in WITH_GATEWAY:
            text = "private DNS for an interface endpoint of S3 or DynamoDB has no effect in lambdalab yet."
            problems.append(
                template.problem(resource, "PrivateDnsEnabled", text, "Use a gateway endpoint.", "unsupported")
            )
    return problems


def build(template: Template, network: Network) -> None:
    """Put the endpoints into the account's network. All have been checked."""
    usual = {id_of(template, vpc): group for group, vpc in default_groups(template).items()}
    for resource in template.of_type("AWS::EC2::VPCEndpoint"):
        props, service = resource.properties, service_of(resource)
        assert service is not None
        policy = _policy(template, resource)
        endpoint_id, name = id_of(template, resource), called(template, resource)
        if props.get("VpcEndpointType", "Gateway") == "Gateway":
            tables = tuple(listed(props.get("RouteTableIds")))
            network.gateway_endpoints.append(GatewayEndpoint(endpoint_id, name, service, tables, policy))
            continue
        groups = tuple(network.groups[each] for each in props.get("SecurityGroupIds") or [usual[props["VpcId"]]])
        addresses = [network.new_address(subnet) for subnet in props["SubnetIds"]]
        private = is_true(props.get("PrivateDnsEnabled"))
        network.interface_endpoints.append(
            InterfaceEndpoint(endpoint_id, name, service, props["VpcId"], groups, addresses[0], private, policy)
        )
