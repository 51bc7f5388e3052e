"""What the resources of a VPC share: names, references and blocks of addresses."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError
from typing import Any

from lambdalab.simulator.project import network_names
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.template import Resource, Template

KNOWN = {
    "AWS::EC2::VPC": {"CidrBlock", "EnableDnsSupport", "EnableDnsHostnames", "InstanceTenancy", "Tags"},
    "AWS::EC2::Subnet": {"VpcId", "CidrBlock", "AvailabilityZone", "MapPublicIpOnLaunch", "Tags"},
    "AWS::EC2::RouteTable": {"VpcId", "Tags"},
    "AWS::EC2::Route": {"RouteTableId", "DestinationCidrBlock", "GatewayId", "NatGatewayId"},
    "AWS::EC2::SubnetRouteTableAssociation": {"SubnetId", "RouteTableId"},
    "AWS::EC2::InternetGateway": {"Tags"},
    "AWS::EC2::VPCGatewayAttachment": {"VpcId", "InternetGatewayId"},
    "AWS::EC2::NatGateway": {"SubnetId", "AllocationId", "ConnectivityType", "Tags"},
    "AWS::EC2::EIP": {"Domain", "Tags"},
    "AWS::EC2::SecurityGroup": {
        "GroupDescription", "GroupName", "VpcId", "SecurityGroupIngress", "SecurityGroupEgress", "Tags",
    },
    "AWS::EC2::VPCEndpoint": {
        "VpcId", "ServiceName", "VpcEndpointType", "RouteTableIds", "SubnetIds", "SecurityGroupIds",
        "PrivateDnsEnabled", "PolicyDocument", "Tags",
    },
}  # fmt: skip
REQUIRED = {
    "AWS::EC2::VPC": ("CidrBlock",),
    "AWS::EC2::Subnet": ("VpcId", "CidrBlock"),
    "AWS::EC2::RouteTable": ("VpcId",),
    "AWS::EC2::Route": ("RouteTableId", "DestinationCidrBlock"),
    "AWS::EC2::SubnetRouteTableAssociation": ("SubnetId", "RouteTableId"),
    "AWS::EC2::VPCGatewayAttachment": ("VpcId", "InternetGatewayId"),
    "AWS::EC2::NatGateway": ("SubnetId",),
    "AWS::EC2::SecurityGroup": ("GroupDescription", "VpcId"),
    "AWS::EC2::VPCEndpoint": ("VpcId", "ServiceName"),
}
POINTS_TO = {
    ("AWS::EC2::Subnet", "VpcId"): "AWS::EC2::VPC",
    ("AWS::EC2::RouteTable", "VpcId"): "AWS::EC2::VPC",
    ("AWS::EC2::Route", "RouteTableId"): "AWS::EC2::RouteTable",
    ("AWS::EC2::Route", "GatewayId"): "AWS::EC2::InternetGateway",
    ("AWS::EC2::Route", "NatGatewayId"): "AWS::EC2::NatGateway",
    ("AWS::EC2::SubnetRouteTableAssociation", "SubnetId"): "AWS::EC2::Subnet",
    ("AWS::EC2::SubnetRouteTableAssociation", "RouteTableId"): "AWS::EC2::RouteTable",
    ("AWS::EC2::VPCGatewayAttachment", "VpcId"): "AWS::EC2::VPC",
    ("AWS::EC2::VPCGatewayAttachment", "InternetGatewayId"): "AWS::EC2::InternetGateway",
    ("AWS::EC2::NatGateway", "SubnetId"): "AWS::EC2::Subnet",
    ("AWS::EC2::SecurityGroup", "VpcId"): "AWS::EC2::VPC",
    ("AWS::EC2::VPCEndpoint", "VpcId"): "AWS::EC2::VPC",
    ("AWS::EC2::VPCEndpoint", "RouteTableIds"): "AWS::EC2::RouteTable",
    ("AWS::EC2::VPCEndpoint", "SubnetIds"): "AWS::EC2::Subnet",
    ("AWS::EC2::VPCEndpoint", "SecurityGroupIds"): "AWS::EC2::SecurityGroup",
}


def shape_problems(template: Template, resource: Resource) -> list[Problem]:
    """Unknown properties, missing ones, and references that lead to nothing of the right type."""
    problems = unknown_properties(template, resource, KNOWN[resource.type])
    for prop in REQUIRED.get(resource.type, ()):
        if not resource.properties.get(prop):
            problems.append(template.problem(resource, prop, f"an {resource.type} needs {prop}."))
    for (owner, prop), kind in POINTS_TO.items():
        if owner == resource.type:
            problems += reference_problems(template, resource, prop, resource.properties.get(prop), kind)
    return problems


def reference_problems(template: Template, resource: Resource, prop: str, value: Any, kind: str) -> list[Problem]:
    """Ids (one, or a list) that no resource of this type has."""
    there = by_id(template, kind)
    if kind == "AWS::EC2::SecurityGroup":
        there |= default_groups(template)
    ids = value if isinstance(value, list) else [] if value is None else [value]
    short = kind.rsplit("::", 1)[-1]
    return [
        template.problem(resource, prop, f"there is no {kind} {each} in this template.", f"Write !Ref My{short}.")
        for each in ids
        if not isinstance(each, str) or each not in there
    ]


def by_id(template: Template, kind: str) -> dict[str, Resource]:
    """The resources of one type, by what Ref answers for them."""
    return {id_of(template, resource): resource for resource in template.of_type(kind)}


def default_groups(template: Template) -> dict[str, Resource]:
    """The default security group's id of each VPC."""
    make = network_names.ATTRIBUTES["AWS::EC2::VPC", "DefaultSecurityGroup"]
    return {make(template.name(vpc)): vpc for vpc in template.of_type("AWS::EC2::VPC")}


def id_of(template: Template, resource: Resource) -> str:
    """What Ref answers for a resource."""
    return network_names.REFS.get(resource.type, str)(template.name(resource))


def called(template: Template, resource: Resource) -> str:
    """What people call it: its Name tag, else its own name or logical id."""
    tags = resource.properties.get("Tags")
    for tag in tags if isinstance(tags, list) else ():
        if isinstance(tag, dict) and tag.get("Key") == "Name" and isinstance(tag.get("Value"), str) and tag["Value"]:
            return str(tag["Value"])[:64]
    return template.shown_as(resource)


def block(value: Any, low: int = 0, high: int = 32) -> IPv4Network | None:
    """A block of addresses with ``low`` to ``high`` bits of prefix; None for what is none. EC2 zeroes the bits behind
    the prefix."""
    if not isinstance(value, str) or "/" not in value:
        return None
    try:
        found = IPv4Network(value, strict=False)
    except (AddressValueError, NetmaskValueError, ValueError):
        return None
    return found if low <= found.prefixlen <= high else None


def listed(value: Any) -> list[Any]:
    """A list, or one thing as a list of it."""
    return value if isinstance(value, list) else [] if value is None else [value]


def is_true(value: Any, default: bool = False) -> bool:
    """A boolean as CloudFormation reads it."""
    return default if value is None else str(value).lower() == "true"


def vpc_of(template: Template, subnets: Iterable[Any]) -> set[str]:
    """The VPCs, by id, of these subnets."""
    there = by_id(template, "AWS::EC2::Subnet")
    return {str(there[each].properties.get("VpcId")) for each in map(str, subnets) if each in there}
