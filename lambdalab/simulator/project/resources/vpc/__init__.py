"""The resource types of a VPC and of what stands in it: their checks, and putting them into the account."""

from __future__ import annotations

from collections.abc import Callable

from lambdalab.simulator.account import World
from lambdalab.simulator.project import network_names
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.vpc import endpoints, groups, server_types, servers, serving, subnets
from lambdalab.simulator.project.resources.vpc.parts import id_of, shape_problems
from lambdalab.simulator.project.template import Resource, Template

CHECKS: dict[str, Callable[[Template, Resource], list[Problem]]] = {
    "AWS::EC2::VPC": subnets.check_vpc,
    "AWS::EC2::Subnet": subnets.check_subnet,
    "AWS::EC2::RouteTable": shape_problems,
    "AWS::EC2::Route": subnets.check_route,
    "AWS::EC2::SubnetRouteTableAssociation": subnets.check_association,
    "AWS::EC2::InternetGateway": shape_problems,
    "AWS::EC2::VPCGatewayAttachment": shape_problems,
    "AWS::EC2::NatGateway": subnets.check_nat_gateway,
    "AWS::EC2::EIP": shape_problems,
    "AWS::EC2::SecurityGroup": groups.check_group,
    "AWS::EC2::SecurityGroupIngress": groups.check_rule,
    "AWS::EC2::SecurityGroupEgress": groups.check_rule,
    "AWS::EC2::VPCEndpoint": endpoints.check,
    **dict.fromkeys(server_types.KNOWN, servers.check),
}


def ids(template: Template) -> dict[str, str]:
    """The ids of what stands in a VPC, by logical id."""
    here = (each for each in template.resources.values() if each.type in network_names.REFS)
    return {each.logical_id: id_of(template, each) for each in here}


def deploy_network(world: World, template: Template) -> None:
    """Create VPCs and what stands in them, before the functions that are attached."""
    subnets.build(template, world.network)
    groups.build(template, world.network)
    endpoints.build(template, world.network)
    serving.deploy(world, template)
