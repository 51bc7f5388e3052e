"""Attaching functions to a VPC: network interfaces, and what Lambda checks before it makes one. Facts I, G.1, B.1.

Lambda makes one interface for each subnet and set of security groups, when a function is created or updated; functions
with the same pair share it. Source: AWS Lambda Developer Guide, "Understanding Hyperplane ENIs", read 2026-11-23.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from lambdalab.simulator.account import Principal, World
from lambdalab.simulator.account.iam import Authority
from lambdalab.simulator.account.vpc import VpcConfig
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.trace.facts import FunctionAttached, InterfaceMade
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError, invalid

SUBNETS_MAX, GROUPS_MAX = 16, 5
RIGHTS = ("CreateNetworkInterface", "DescribeNetworkInterfaces", "DeleteNetworkInterface")


def attach(world: World, function: Function) -> None:
    """Make the interfaces that a function lacks, and tell where it is."""
    config, network = function.vpc, world.network
    if config is None:
        world.trace.record(FunctionAttached(function.name, None, (), ()))
        return
    groups = tuple(sorted(network.groups[each].name for each in config.groups))
    for subnet in network.missing(config):
        made = network.attach(config, subnet)
        world.trace.record(InterfaceMade(made.id, made.subnet.name, groups, str(made.address)))
    subnets = tuple(network.subnets[each].name for each in config.subnets)
    world.trace.record(FunctionAttached(function.name, network.vpcs[config.vpc].name, subnets, groups))


def lacking_right(authority: Authority, role: Principal) -> tuple[AwsError, str] | None:
    """Lambda's answer where a role may not do what an attachment needs, and why it may not."""
    for right in RIGHTS:
        refusal = authority.denied(role, f"ec2:{right}", arn("ec2", "*/*"))
        if refusal is not None:
            text = f"The provided execution role does not have permissions to call {right} on EC2"
            return invalid(text), refusal.why
    return None


def not_there(what: Literal["subnet", "group"], wanted: str) -> AwsError:
    """Lambda's answer, with EC2's inside, to an id that nothing has."""
    call, code, noun = {
        "subnet": ("DescribeSubnets", "InvalidSubnetID.NotFound", "subnet ID"),
        "group": ("DescribeSecurityGroups", "InvalidGroup.NotFound", "security group"),
    }[what]
    text = f"The {noun} '{wanted}' does not exist"
    return invalid(f"Error occurred while {call}. EC2 Error Code: {code}. EC2 Error Message: {text}")


def with_vpc(world: World, function: Function, params: Mapping[str, Any]) -> Function | AwsError:
    """The function with another VpcConfig, as UpdateFunctionConfiguration has it; empty lists take it out of a VPC."""
    old = function.vpc
    subnets = tuple(params.get("SubnetIds", old.subnets if old else ()))
    groups = tuple(params.get("SecurityGroupIds", old.groups if old else ()))
    if params.get("Ipv6AllowedForDualStack"):
        return AwsError("NotSimulated", "lambdalab does not simulate IPv6 in VPCs, so nothing happened.", 501)
    if not subnets and not groups:
        return replace(function, vpc=None)
    network = world.network
    wrong = _wrong_sizes(subnets, groups)
    missing = next((each for each in subnets if each not in network.subnets), None)
    unknown = next((each for each in groups if each not in network.groups), None)
    if wrong or missing or unknown:
        return wrong or (not_there("subnet", missing) if missing else not_there("group", str(unknown)))
    vpcs = {network.subnets[each].vpc for each in subnets} | {network.groups[each].vpc for each in groups}
    if len(vpcs) > 1:
        return invalid("The subnets and security groups of a function must be in one VPC.")
    lacking = lacking_right(world.iam, function.role)
    if lacking is not None:
        return lacking[0]
    return replace(function, vpc=VpcConfig(vpcs.pop(), subnets, groups))


def _wrong_sizes(subnets: tuple[str, ...], groups: tuple[str, ...]) -> AwsError | None:
    if not subnets or not groups:
        return invalid("VpcConfig needs both SubnetIds and SecurityGroupIds, or neither.")
    return None
