"""A function's VpcConfig: where it is attached, whether its role may, and what it will not reach. Facts I, G.1.

Source: AWS Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC", read 2026-11-23;
EC2's texts inside Lambda's as AWS answers them; limits from botocore's lambda model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.account import Principal
from lambdalab.simulator.account.iam import Authority
from lambdalab.simulator.account.vpc import VpcConfig
from lambdalab.simulator.lambda_.attachment import GROUPS_MAX, SUBNETS_MAX, lacking_right, not_there
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.vpc.parts import (
    by_id,
    called,
    default_groups,
    id_of,
    is_true,
    listed,
    vpc_of,
)
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.vocabulary.errors import AwsError

MANAGED = "service-role/AWSLambdaVPCAccessExecutionRole"


def vpc_config(template: Template, resource: Resource) -> VpcConfig | None:
    """The VpcConfig of checked properties; None for a function outside."""
    given = resource.properties.get("VpcConfig") or {}
    subnets, groups = tuple(listed(given.get("SubnetIds"))), tuple(listed(given.get("SecurityGroupIds")))
    if not subnets:
        return None
    (vpc,) = vpc_of(template, subnets)
    return VpcConfig(vpc, subnets, groups)


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with it. Its shape is a mapping."""
    given = resource.properties.get("VpcConfig") or {}
    subnets, groups = listed(given.get("SubnetIds")), listed(given.get("SecurityGroupIds"))
    if is_true(given.get("Ipv6AllowedForDualStack")):
        text = "Ipv6AllowedForDualStack has no effect in lambdalab yet: there is no IPv6 here."
        return [template.problem(resource, "VpcConfig", text, "Remove it.", "unsupported")]
    if bool(subnets) is not bool(groups):
        text = "VpcConfig needs both SubnetIds and SecurityGroupIds, or neither."
        return [template.problem(resource, "VpcConfig", text)]
    if len(subnets) > SUBNETS_MAX or len(groups) > GROUPS_MAX:
        text = f"VpcConfig takes at most {SUBNETS_MAX} subnets and {GROUPS_MAX} security groups."
        return [template.problem(resource, "VpcConfig", text)]
    found = _unknown(template, subnets, groups)
    if found is not None:
        return [template.problem(resource, "VpcConfig", found.message, "Write the ids with !Ref.")]
    vpcs = vpc_of(template, subnets) | {_vpc_of_group(template, each) for each in groups}
    if len(vpcs) > 1:
        text = "the subnets and security groups of a function must be in one VPC."
        return [template.problem(resource, "VpcConfig", text)]
    return _warnings(template, resource, [str(each) for each in subnets])


def check_role(template: Template, resource: Resource, authority: Authority, caller: Principal) -> list[Problem]:
    """The role must be able to make and remove network interfaces: Lambda refuses the function otherwise. Fact G.1"""
    given = resource.properties.get("VpcConfig")
    if not isinstance(given, Mapping) or not given.get("SubnetIds"):
        return []
    refusal = lacking_right(authority, caller)
    if refusal is None:
        return []
    error, why = refusal
    fix = f"{why[:1].upper()}{why[1:]}. Give the role the managed policy {MANAGED.rsplit('/', 1)[-1]}."
    return [template.problem(resource, "VpcConfig", f"{error.message}.", fix)]


def _unknown(template: Template, subnets: list[Any], groups: list[Any]) -> AwsError | None:
    there = by_id(template, "AWS::EC2::Subnet")
    missing = next((str(each) for each in subnets if not isinstance(each, str) or each not in there), None)
    if missing is not None:
        return not_there("subnet", missing)
    known = {**by_id(template, "AWS::EC2::SecurityGroup"), **default_groups(template)}
    missing = next((str(each) for each in groups if not isinstance(each, str) or each not in known), None)
    return None if missing is None else not_there("group", missing)


def _vpc_of_group(template: Template, group: str) -> str:
    for group_id, vpc in default_groups(template).items():
        if group_id == group:
            return id_of(template, vpc)
    return str(by_id(template, "AWS::EC2::SecurityGroup")[group].properties.get("VpcId"))


def _warnings(template: Template, resource: Resource, subnets: list[str]) -> list[Problem]:
    """Subnets that look like a way to the Internet and are none for a function."""
    ways = {each: _way_out(template, each) for each in subnets}
    names = {key: called(template, each) for key, each in by_id(template, "AWS::EC2::Subnet").items()}
    public = [names[each] for each, way in ways.items() if way == "internet gateway"]
    if public:
        text = (
            f"the subnet {public[0]} leads to an internet gateway, which does not help a function: its network "
            "interface has no public address."
        )
        fix = "Choose a private subnet with a route to a NAT gateway."
        return [template.problem(resource, "VpcConfig", text, fix, "warning")]
    without = [names[each] for each, way in ways.items() if way is None]
    if without and len(without) < len(subnets):
        text = f"environments in the subnet {without[0]} will not reach the Internet; those in other subnets will."
        fix = "Give all of its subnets the same routes."
        return [template.problem(resource, "VpcConfig", text, fix, "warning")]
    return []


def _way_out(template: Template, subnet: str) -> str | None:
    """Where the default route of a subnet leads."""
    tables = {
        str(each.properties.get("SubnetId")): each.properties.get("RouteTableId")
        for each in template.of_type("AWS::EC2::SubnetRouteTableAssociation")
    }
    for route in template.of_type("AWS::EC2::Route"):
        props = route.properties
        if props.get("RouteTableId") == tables.get(subnet, "") and props.get("DestinationCidrBlock") == "0.0.0.0/0":
            return "internet gateway" if props.get("GatewayId") else "NAT gateway"
    return None
