"""AWS::EC2::SecurityGroup, with rules of its own or written apart. Source: VPC User Guide, "Security group rules"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Network
from typing import Any

from lambdalab.simulator.account.vpc import Network, Rule, SecurityGroup
from lambdalab.simulator.account.vpc.model import AWS_PREFIX_LISTS
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.vpc.parts import (
    block,
    by_id,
    called,
    default_groups,
    id_of,
    listed,
    reference_problems,
    shape_problems,
)
from lambdalab.simulator.project.template import Resource, Template

ANYWHERE = IPv4Network("0.0.0.0/0")
_PEERS = {
    "AWS::EC2::SecurityGroupIngress": ("CidrIp", "SourceSecurityGroupId", "SourcePrefixListId"),
    "AWS::EC2::SecurityGroupEgress": ("CidrIp", "DestinationSecurityGroupId", "DestinationPrefixListId"),
}
_SIDES = {
    "SecurityGroupIngress": "AWS::EC2::SecurityGroupIngress",
    "SecurityGroupEgress": "AWS::EC2::SecurityGroupEgress",
}
RULES_MAX = 60  # of each direction of a group, adjustable. VPC User Guide, "Amazon VPC quotas"
PROTOCOLS = ("tcp", "udp", "icmp", "icmpv6")


def check_group(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a security group and the rules in it."""
    problems = shape_problems(template, resource)
    for side, kind in _SIDES.items():
        rules = resource.properties.get(side)
        if rules is not None and not isinstance(rules, list):
            problems.append(template.problem(resource, side, f"{side} must be a list of rules."))
            continue
        if len(rules or ()) > RULES_MAX:
            problems.append(template.problem(resource, side, f"a security group has at most {RULES_MAX} rules a side."))
        for rule in rules or ():
            problems += _rule_problems(template, resource, side, rule, kind)
    return problems


def check_rule(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a rule that stands apart."""
    rule = {key: value for key, value in resource.properties.items() if key != "GroupId"}
    problems = _rule_problems(template, resource, None, rule, resource.type)
    group = resource.properties.get("GroupId")
    if not isinstance(group, str):
        problems.append(template.problem(resource, "GroupId", "a rule needs the GroupId of its security group."))
    return problems + reference_problems(template, resource, "GroupId", group, "AWS::EC2::SecurityGroup")


def _rule_problems(template: Template, resource: Resource, side: str | None, rule: Any, kind: str) -> list[Problem]:
    if not isinstance(rule, dict):
        return [template.problem(resource, side or "GroupId", "a rule must be a mapping (key: value).")]
    peers = _PEERS[kind]
    known = {*peers, "IpProtocol", "FromPort", "ToPort", "Description"}
    problems = [
        template.problem(
            resource,
            side or name,
            f"{name} of a security group's rule has no effect in lambdalab yet.",
            "",
            "unsupported",
        )
        for name in rule
        if name not in known
    ]
    problems += _port_problems(template, resource, side, rule)
    given = [peer for peer in peers if rule.get(peer) is not None]
    if len(given) != 1 and not problems:
        text = f"a rule names one other side: {', '.join(peers[:-1])} or {peers[-1]}."
        return [*problems, template.problem(resource, side or peers[0], text)]
    return problems + _peer_problems(template, resource, side, rule, given)


def _port_problems(template: Template, resource: Resource, side: str | None, rule: dict[str, Any]) -> list[Problem]:
    protocol = str(rule.get("IpProtocol", ""))
    where = side or "IpProtocol"
    if protocol not in (*PROTOCOLS, "-1") and not protocol.isdecimal():
        return [template.problem(resource, where, f"Invalid value '{protocol}' for IP protocol. Unknown protocol.")]
    if protocol not in ("tcp", "6", "udp", "17"):
        return []
    low, high = _number(rule.get("FromPort")), _number(rule.get("ToPort"))
    if low is None or high is None or not 0 <= low <= high <= 65_535:
        text = f"FromPort and ToPort of a {protocol} rule must be 0 to 65535, the first not above the second."
        return [template.problem(resource, side or "FromPort", text)]
    return []


def _peer_problems(
    template: Template, resource: Resource, side: str | None, rule: dict[str, Any], given: list[str]
) -> list[Problem]:
    for peer in given:
        value = rule[peer]
        if peer == "CidrIp":
            if block(value) is None:
                text = f"CIDR block {value} is malformed."
                return [template.problem(resource, side or peer, text, "Write a block like 10.0.0.0/16.")]
        elif peer.endswith("PrefixListId"):
            if str(value) not in AWS_PREFIX_LISTS:
                text = f"The prefix list ID '{value}' does not exist."
                names = ", ".join(f"{key} ({service})" for key, service in AWS_PREFIX_LISTS.items())
                return [template.problem(resource, side or peer, text, f"Here there are {names}.")]
        else:
            return reference_problems(template, resource, side or peer, value, "AWS::EC2::SecurityGroup")
    return []


def build(template: Template, network: Network) -> None:
    """Put the security groups into the account's network. All have been checked."""
    for group_id, vpc in default_groups(template).items():
        within = (Rule(group=group_id),)
        name = f"default-{called(template, vpc)}"
        network.groups[group_id] = SecurityGroup(group_id, name, id_of(template, vpc), within, (Rule(cidr=ANYWHERE),))
    for group_id, resource in by_id(template, "AWS::EC2::SecurityGroup").items():
        props = resource.properties
        ingress = tuple(_rules(listed(props.get("SecurityGroupIngress")), "AWS::EC2::SecurityGroupIngress"))
        given = listed(props.get("SecurityGroupEgress"))
        egress = tuple(_rules(given, "AWS::EC2::SecurityGroupEgress"))
        if not given and not _has_egress_apart(template, group_id):
            egress = (Rule(cidr=ANYWHERE),)  # what EC2 gives a group that says nothing
        name = props.get("GroupName") or called(template, resource)
        network.groups[group_id] = SecurityGroup(group_id, str(name), props["VpcId"], ingress, egress)
    for kind, side in (("AWS::EC2::SecurityGroupIngress", "ingress"), ("AWS::EC2::SecurityGroupEgress", "egress")):
        for resource in template.of_type(kind):
            group = network.groups[resource.properties["GroupId"]]
            more = tuple(_rules([resource.properties], kind))
            network.groups[group.id] = (
                replace(group, ingress=group.ingress + more)
                if side == "ingress"
                else replace(group, egress=group.egress + more)
            )


def _has_egress_apart(template: Template, group: str) -> bool:
    """A rule that is added takes the place of the one that EC2 gives (assumption A-45)."""
    apart = template.of_type("AWS::EC2::SecurityGroupEgress")
    return any(each.properties.get("GroupId") == group for each in apart)


def _rules(given: list[Any], kind: str) -> Iterator[Rule]:
    """The rules about TCP: nothing else is answered here."""
    cidr, group, prefix_list = _PEERS[kind]
    for rule in given:
        protocol = str(rule["IpProtocol"])
        if protocol not in ("-1", "tcp", "6"):
            continue
        ports = None if protocol == "-1" else (int(rule["FromPort"]), int(rule["ToPort"]))
        yield Rule(ports, block(rule.get(cidr)), rule.get(group), AWS_PREFIX_LISTS.get(str(rule.get(prefix_list))))


def _number(value: Any) -> int | None:
    return int(value) if str(value).isdecimal() and len(str(value)) <= 5 else None
