"""All networks of the account, and who has which address and name in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from lambdalab.simulator.account.vpc.model import (
    GatewayEndpoint,
    InterfaceEndpoint,
    NatGateway,
    SecurityGroup,
    Subnet,
    Vpc,
    VpcConfig,
)
from lambdalab.simulator.account.vpc.servers import InternalBalancer, Server

RESERVED = 4  # the first four addresses of a subnet and its last are AWS's. VPC User Guide, "Subnet CIDR blocks"


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface that Lambda made: for one subnet and one set of security groups. It has no public address."""

    id: str
    subnet: Subnet
    groups: tuple[SecurityGroup, ...]
    address: IPv4Address


@dataclass(slots=True)
class Network:
    """The networks of an account. Lists are in the template's order."""

    vpcs: dict[str, Vpc] = field(default_factory=dict)
    subnets: dict[str, Subnet] = field(default_factory=dict)
    groups: dict[str, SecurityGroup] = field(default_factory=dict)
    nat_gateways: dict[str, NatGateway] = field(default_factory=dict)
    gateway_endpoints: list[GatewayEndpoint] = field(default_factory=list)
    interface_endpoints: list[InterfaceEndpoint] = field(default_factory=list)
    servers: list[Server] = field(default_factory=list)
    balancers: list[InternalBalancer] = field(default_factory=list)
    interfaces: dict[tuple[str, frozenset[str]], Interface] = field(default_factory=dict)
    _taken: dict[str, int] = field(default_factory=dict)

    def new_address(self, subnet: str) -> IPv4Address:
        """The next free address of a subnet. A template that needs more than there are is refused; what updates attach
        later shares the last one."""
        cidr = self.subnets[subnet].cidr
        taken = min(self._taken.get(subnet, 0), room(cidr) - 1)
        self._taken[subnet] = taken + 1
        return cidr.network_address + RESERVED + taken

    def missing(self, config: VpcConfig) -> list[str]:
        """The subnets, by id, in which there is no interface yet for these security groups."""
        groups = frozenset(config.groups)
        return [subnet for subnet in config.subnets if (subnet, groups) not in self.interfaces]

    def attach(self, config: VpcConfig, subnet: str) -> Interface:
        """Make the interface of a subnet and a set of security groups."""
        groups = frozenset(config.groups)
        members = tuple(self.groups[each] for each in sorted(groups))
        number = len(self.interfaces) + 1
        made = Interface(f"eni-{number:017x}", self.subnets[subnet], members, self.new_address(subnet))
        self.interfaces[subnet, groups] = made
        return made

    def interface(self, config: VpcConfig, number: int) -> Interface:
        """The interface of a function's environment with this number: subnets take turns (assumption A-41)."""
        subnet = config.subnets[(number - 1) % len(config.subnets)]
        found = self.interfaces.get((subnet, frozenset(config.groups)))
        return self.attach(config, subnet) if found is None else found

    def look_up(self, host: str, vpc: str | None) -> IPv4Address | None:
        """The private address behind a name, asked in ``vpc`` or elsewhere (None).

        The names of servers and of internal load balancers are public, though their addresses are not; a service's
        usual name leads to an interface endpoint inside its VPC only.
        """
        name = host.rstrip(".").lower()
        for server in self.servers:
            if name in server.hosts:
                return server.address
        balancer = self.balancer_called(name)
        if balancer is not None:
            return balancer.address
        return next((each.address for each in self.endpoints_of(vpc) if name in hosts_of(each.service)), None)

    def endpoints_of(self, vpc: str | None) -> Iterable[InterfaceEndpoint]:
        """The interface endpoints of a VPC to which a service's usual name leads."""
        return (each for each in self.interface_endpoints if each.private_dns and each.vpc == vpc)

    def balancer_called(self, host: str) -> InternalBalancer | None:
        """The internal load balancer with this name in DNS."""
        return next((each for each in self.balancers if each.host == host), None)

    def balancer_at(self, address: str) -> InternalBalancer | None:
        """The internal load balancer with this private address."""
        return next((each for each in self.balancers if str(each.address) == address), None)

    def server_at(self, address: str) -> Server | None:
        """Who has a private address."""
        return next((server for server in self.servers if str(server.address) == address), None)


def room(cidr: IPv4Network) -> int:
    """How many addresses of a subnet can be used."""
    return int(cidr.num_addresses) - RESERVED - 1


# The service's name in its endpoint is not always the one in its host name. Source: AWS General Reference, "Service
# endpoints and quotas"; PrivateLink Guide, "AWS services that integrate with AWS PrivateLink", read 2026-10.
_HOST_NAMES = {
    "dynamodb": ("dynamodb", "ddb"),  # an account has a host of its own below ddb
    "kinesis-firehose": ("firehose",),
    "kinesis-streams": ("kinesis",),
}
_GLOBAL = {"s3": ("s3.amazonaws.com",), "sts": ("sts.amazonaws.com",)}  # beside the Region's own name
REGION_HOST = "{}.us-east-1.amazonaws.com"


def hosts_of(service: str) -> tuple[str, ...]:
    """The host names of a service in the home Region; buckets and the like stand before them."""
    names = (REGION_HOST.format(name) for name in _HOST_NAMES.get(service, (service,)))
    return (*names, *_GLOBAL.get(service, ()))


def is_of(host: str, service: str) -> bool:
    """Whether a host is one of a service's."""
    return any(host == name or host.endswith(f".{name}") for name in hosts_of(service))
