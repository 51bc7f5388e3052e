"""How many addresses of a subnet a template needs: each interface of what stands in it takes one."""

from __future__ import annotations

from lambdalab.simulator.project.resources.vpc.parts import listed
from lambdalab.simulator.project.resources.vpc.server_types import in_subnet
from lambdalab.simulator.project.template import Template


def addresses_needed(template: Template, subnet: str) -> int:
    """The interfaces in the subnet with this id. Functions share one for each set of security groups. Fact I"""
    gateways = [each.properties.get("SubnetId") for each in template.of_type("AWS::EC2::NatGateway")]
    endpoints = [each.properties for each in template.of_type("AWS::EC2::VPCEndpoint")]
    attached = set()
    for function in template.of_type("AWS::Lambda::Function"):
        config = function.properties.get("VpcConfig")
        if isinstance(config, dict) and subnet in listed(config.get("SubnetIds")):
            attached.add(frozenset(map(str, listed(config.get("SecurityGroupIds")))))
    return (
        gateways.count(subnet)
        + sum(subnet in listed(props.get("SubnetIds")) for props in endpoints)
        + len(attached)
        + in_subnet(template, subnet)
    )
