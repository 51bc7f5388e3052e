"""The parts of a VPC. ``name`` is what people call a part: its Name tag, else its logical id."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Literal

from lambdalab.simulator.account.iam.policies import Policy

AWS_PREFIX_LISTS = {"pl-63a5400a": "s3", "pl-02cd2c6b": "dynamodb"}
"""The addresses of the services with gateway endpoints, in us-east-1. VPC User Guide, "AWS-managed prefix lists"."""


@dataclass(frozen=True, slots=True)
class VpcConfig:
    """Where a function is attached: subnets and security groups of a VPC, all by id."""

    vpc: str
    subnets: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vpc:
    """A network of its own. ``resolves``: AWS's name server answers in it (EnableDnsSupport)."""

    id: str
    name: str
    cidr: IPv4Network
    resolves: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """Lets traffic pass. ``ports`` None: all of them. The other side is a block of addresses, the members of a
    ``group``, or a service of ``AWS_PREFIX_LISTS``."""

    ports: tuple[int, int] | None = None
    cidr: IPv4Network | None = None
    group: str | None = None
    service: str | None = None


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """Rules for those who belong to it. Answers to what was let through pass by themselves."""

    id: str
    name: str
    vpc: str
    ingress: tuple[Rule, ...] = ()
    egress: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """Where packets to a block of addresses go: an internet gateway, or the NAT gateway with the id ``target``."""

    cidr: IPv4Network
    kind: Literal["internet gateway", "NAT gateway"]
    target: str


@dataclass(frozen=True, slots=True)
class RouteTable:
    """Routes beside the one to the VPC itself, which every table has."""

    id: str
    name: str
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True)
class Subnet:
    """A part of a VPC's addresses, in one Availability Zone, with its route table."""

    id: str
    name: str
    vpc: str
    cidr: IPv4Network
    table: RouteTable
    zone: str = ""


@dataclass(frozen=True, slots=True)
class NatGateway:
    """Lends its public address to those who have none. ``public`` false: connectivity inside only."""

    id: str
    name: str
    subnet: str
    public: bool = True


@dataclass(frozen=True, slots=True)
class GatewayEndpoint:
    """A way to S3 or DynamoDB, for the subnets with one of its route tables (ids)."""

    id: str
    name: str
    service: str
    tables: tuple[str, ...]
    policy: Policy | None = None


@dataclass(frozen=True, slots=True)
class InterfaceEndpoint:
    """An address of a service inside the VPC. ``private_dns``: the service's usual name leads to it."""

    id: str
    name: str
    service: str
    vpc: str
    groups: tuple[SecurityGroup, ...]
    address: IPv4Address
    private_dns: bool
    policy: Policy | None = None


Endpoint = GatewayEndpoint | InterfaceEndpoint
"""``policy`` None: everybody may do everything through it."""
