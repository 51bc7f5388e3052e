"""Whether a packet from a function's network interface arrives, and why it does not. Nothing ever answers a packet that
a route or a security group stops: the caller waits until its own patience ends. Fact I."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Literal

from lambdalab.simulator.account.vpc.model import Endpoint, NatGateway, Route, Rule, SecurityGroup, Subnet
from lambdalab.simulator.account.vpc.network import Interface, Network, is_of

Reason = Literal[
    "no route", "no public address", "NAT gateway without a route", "egress", "ingress", "other VPC", "not in a VPC"
]
HTTPS = 443
ANYWHERE = IPv4Address("192.0.2.0")  # stands for the addresses of a service, of which no block but 0.0.0.0/0 is known


@dataclass(frozen=True, slots=True)
class Blocked:
    """What keeps a packet from arriving; ``why`` is half a sentence, ``subnet`` what people call the one it left."""

    reason: Reason
    why: str
    subnet: str | None = None


@dataclass(frozen=True, slots=True)
class _Target:
    """The other side of a connection."""

    port: int
    address: IPv4Address
    groups: tuple[SecurityGroup, ...] = ()
    service: str | None = None


def to_service(network: Network, interface: Interface, host: str) -> Blocked | None:
    """Whether a call of an AWS API reaches ``host``: by an interface endpoint, a gateway endpoint, or the Internet."""
    for endpoint in network.endpoints_of(interface.subnet.vpc):
        if is_of(host, endpoint.service):
            target = _Target(HTTPS, endpoint.address, endpoint.groups)
            return _between(interface, target, f"the interface endpoint {endpoint.name}")
    service = next((each.service for each in network.gateway_endpoints if is_of(host, each.service)), None)
    table = interface.subnet.table.id
    if any(each.service == service and table in each.tables for each in network.gateway_endpoints):
        return _out(interface, _Target(HTTPS, ANYWHERE, service=service), host)
    blocked = _to_the_internet(network, interface, _Target(HTTPS, ANYWHERE, service=service), host)
    if blocked is None or blocked.reason == "egress":
        return blocked
    return Blocked(blocked.reason, f"{blocked.why}{_unused(network, interface, host)}", blocked.subnet)


def endpoint_on(network: Network, interface: Interface, host: str) -> Endpoint | None:
    """The endpoint by which a call that arrives at ``host`` comes; None when it comes over the Internet."""
    for endpoint in network.endpoints_of(interface.subnet.vpc):
        if is_of(host, endpoint.service):
            return endpoint
    table = interface.subnet.table.id
    return next((e for e in network.gateway_endpoints if is_of(host, e.service) and table in e.tables), None)


def to_address(network: Network, interface: Interface | None, host: str, address: str, port: int) -> Blocked | None:
    """Whether a connect to an address arrives, outside a VPC where ``interface`` is None. ``host``: what people say."""
    server = network.server_at(address) or network.balancer_at(address)
    if interface is None:
        if server is None:
            return None
        inside = network.vpcs[server.vpc].name
        return Blocked("not in a VPC", f"{server.name} has an address inside the VPC {inside}, the function is outside")
    if server is not None:
        if server.vpc != interface.subnet.vpc:
            text = f"{server.name} is in the VPC {network.vpcs[server.vpc].name}, the function in another one"
            return Blocked("other VPC", text, interface.subnet.name)
        return _between(interface, _Target(port, server.address, server.groups), server.name)
    for endpoint in network.interface_endpoints:
        if str(endpoint.address) == address and endpoint.vpc == interface.subnet.vpc:
            target = _Target(port, endpoint.address, endpoint.groups)
            return _between(interface, target, f"the interface endpoint {endpoint.name}")
    if IPv4Address(address) in network.vpcs[interface.subnet.vpc].cidr:
        return _out(interface, _Target(port, IPv4Address(address)), host)  # the local route; nobody has the address
    return _to_the_internet(network, interface, _Target(port, IPv4Address(address)), host)


def _between(interface: Interface, target: _Target, called: str) -> Blocked | None:
    """From an interface to a member of security groups in the same VPC."""
    blocked = _out(interface, target, called)
    if blocked is not None:
        return blocked
    source = _Target(target.port, interface.address, interface.groups)
    if _passes((rule for group in target.groups for rule in group.ingress), source):
        return None
    theirs, ours = _names(target.groups), _names(interface.groups)
    text = f"{theirs} of {called} does not let in port {target.port} from {ours}"
    return Blocked("ingress", text, interface.subnet.name)


def _out(interface: Interface, target: _Target, called: str) -> Blocked | None:
    """Whether the function's own security groups let it out."""
    if _passes((rule for group in interface.groups for rule in group.egress), target):
        return None
    text = f"{_names(interface.groups)} of the function lets nothing out to port {target.port} of {called}"
    return Blocked("egress", text, interface.subnet.name)


def _passes(rules: Iterable[Rule], other: _Target) -> bool:
    return any(_matches(rule, other) for rule in rules)


def _matches(rule: Rule, other: _Target) -> bool:
    if rule.ports is not None and not rule.ports[0] <= other.port <= rule.ports[1]:
        return False
    if rule.service is not None:
        return rule.service == other.service
    if rule.group is not None:
        return any(group.id == rule.group for group in other.groups)
    return rule.cidr is not None and other.address in rule.cidr


def _to_the_internet(network: Network, interface: Interface, target: _Target, host: str) -> Blocked | None:
    subnet = interface.subnet
    blocked = _out(interface, target, host)
    if blocked is not None:
        return blocked
    route = _route(subnet, target.address)
    if route is None:
        text = f"subnet {subnet.name} has no route to the Internet (no NAT gateway)"
        return Blocked("no route", text, subnet.name)
    if route.kind == "internet gateway":
        text = (
            f"subnet {subnet.name} leads to an internet gateway, but a function's network interface has no public "
            "address: it needs a subnet that leads to a NAT gateway"
        )
        return Blocked("no public address", text, subnet.name)
    return _beyond(network, subnet, network.nat_gateways[route.target], target)


def _beyond(network: Network, subnet: Subnet, gateway: NatGateway, target: _Target) -> Blocked | None:
    """From the NAT gateway, whose own subnet must lead to an internet gateway."""
    if not gateway.public:
        text = f"the NAT gateway {gateway.name} is a private one: it does not lead to the Internet"
        return Blocked("NAT gateway without a route", text, subnet.name)
    onward = _route(network.subnets[gateway.subnet], target.address)
    if onward is not None and onward.kind == "internet gateway":
        return None
    where = network.subnets[gateway.subnet].name
    text = f"the NAT gateway {gateway.name} is in subnet {where}, which has no route to an internet gateway"
    return Blocked("NAT gateway without a route", text, subnet.name)


def _route(subnet: Subnet, address: IPv4Address) -> Route | None:
    """The most specific route. VPC User Guide, "Route priority"."""
    fitting = [route for route in subnet.table.routes if address in route.cidr]
    return max(fitting, key=lambda route: route.cidr.prefixlen, default=None)


def _unused(network: Network, interface: Interface, host: str) -> str:
    """An endpoint for the host that does not help here, or that there is none."""
    vpc = interface.subnet.vpc
    for endpoint in network.interface_endpoints:
        if endpoint.vpc == vpc and is_of(host, endpoint.service):
            return f", and the interface endpoint {endpoint.name} has no private DNS, so {host} does not lead to it"
    for gateway in network.gateway_endpoints:
        if is_of(host, gateway.service):
            name = interface.subnet.table.name
            return f", and the gateway endpoint {gateway.name} is not in its route table ({name})"
    return f", and its VPC has no endpoint for {host}"


def _names(groups: Iterable[SecurityGroup]) -> str:
    names = sorted(group.name for group in groups)
    return f"the security group{'s' if len(names) > 1 else ''} {', '.join(names)}"
