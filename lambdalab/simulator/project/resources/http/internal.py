"""Internal load balancers: they have private addresses only, so that nobody but who is inside their VPC reaches them.

Source: Elastic Load Balancing, "Application Load Balancers" (scheme, subnets, security groups), read 2026-11. Their DNS
name is public and leads to a private address; here it is one, in the first subnet (assumption A-151).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lambdalab.simulator.account.internet import PORTS, Page
from lambdalab.simulator.account.vpc import Asked, InternalBalancer
from lambdalab.simulator.kernel import Micros, Process
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.http.common import problem
from lambdalab.simulator.project.resources.vpc.parts import by_id, default_groups, id_of, listed
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.http.balancer.balancer import LoadBalancer
from lambdalab.simulator.services.http.messages import HttpRequest

if TYPE_CHECKING:
    from lambdalab.simulator.project.deploy import Deployment

SUBNET, GROUP = "AWS::EC2::Subnet", "AWS::EC2::SecurityGroup"
ZONES = "At least two subnets in two different Availability Zones must be specified"


def is_internal(resource: Resource) -> bool:
    """Whether a load balancer has private addresses only."""
    return resource.properties.get("Scheme") == "internal"


def wrong(template: Template, resource: Resource) -> Iterator[Problem]:
    """Subnets and security groups that are not there, or not enough of them."""
    subnets, groups = by_id(template, SUBNET), by_id(template, GROUP)
    given = [str(each) for each in listed(resource.properties.get("Subnets"))]
    for prop, names, known in (("Subnets", given, subnets), ("SecurityGroups", _groups(resource), groups)):
        for name in names:
            if name not in known:
                yield problem(template, resource, prop, f"there is no {prop[:-1]} {name} in this template.")
    found = [subnets[name] for name in given if name in subnets]
    if len({str(each.properties.get("AvailabilityZone", each.logical_id)) for each in found}) < 2:
        yield problem(template, resource, "Subnets", ZONES, "Name two subnets of one VPC.")
    if len({str(each.properties.get("VpcId")) for each in found}) > 1:
        yield problem(template, resource, "Subnets", "the subnets of a load balancer are in one VPC.")


def _groups(resource: Resource) -> list[str]:
    return [str(each) for each in listed(resource.properties.get("SecurityGroups"))]


def put_inside(template: Template, resource: Resource, balancer: LoadBalancer, deployment: Deployment) -> None:
    """Give a load balancer its address in the account's network."""
    network = deployment.world.network
    first = str(listed(resource.properties["Subnets"])[0])
    vpc = network.subnets[first].vpc
    usual = [group for group, owner in default_groups(template).items() if id_of(template, owner) == vpc]
    groups = tuple(network.groups[each] for each in _groups(resource) or usual)

    def answer(asked: Asked) -> Process[Page]:
        url = urlsplit(asked.url)
        port = url.port or PORTS[url.scheme]
        sent = HttpRequest(asked.method, url.path or "/", url.query, asked.headers, asked.body, asked.address)
        got = yield from deployment.doors.exchange(balancer, sent, port=port, inside=True)
        return Page(got.status, got.body, got.headers, Micros(0))

    network.balancers.append(
        InternalBalancer(
            balancer.shown_as,
            balancer.host,
            frozenset(balancer.listeners),
            vpc,
            groups,
            network.new_address(first),
            answer,
        )
    )
