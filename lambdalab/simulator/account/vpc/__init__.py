"""A virtual private cloud: its parts, what a function inside reaches, the servers that are reached from inside only.

Source: Amazon VPC User Guide, "Configure route tables", "Security group rules", "NAT gateways"; AWS PrivateLink Guide,
"Access an AWS service using an interface VPC endpoint" and "Gateway endpoints"; AWS Lambda Developer Guide, "Giving
Lambda functions access to resources in an Amazon VPC" (fact I, read 2026-11-23).
"""

from lambdalab.simulator.account.vpc.model import (
    Endpoint,
    GatewayEndpoint,
    InterfaceEndpoint,
    NatGateway,
    Route,
    RouteTable,
    Rule,
    SecurityGroup,
    Subnet,
    Vpc,
    VpcConfig,
)
from lambdalab.simulator.account.vpc.network import Interface, Network
from lambdalab.simulator.account.vpc.paths import Blocked, endpoint_on, to_address, to_service
from lambdalab.simulator.account.vpc.servers import Asked, InternalBalancer, Server

__all__ = [
    "Asked",
    "Blocked",
    "Endpoint",
    "GatewayEndpoint",
    "Interface",
    "InterfaceEndpoint",
    "InternalBalancer",
    "NatGateway",
    "Network",
    "Route",
    "RouteTable",
    "Rule",
    "SecurityGroup",
    "Server",
    "Subnet",
    "Vpc",
    "VpcConfig",
    "endpoint_on",
    "to_address",
    "to_service",
]
