"""Facts of a VPC: what is attached to it, who could not be reached and why, connections to the servers inside.

Subnets, groups and servers are called as people call them: by their names, else by their logical ids.
"""

from __future__ import annotations

__all__ = (
    "ConnectionAccepted", "ConnectionClosed", "ConnectionRefused", "FunctionAttached", "InterfaceMade", "PathBlocked",
    "ServerDeployed", "VpcFact",
)  # fmt: skip

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class FunctionAttached(Recorded, frozen=True):
    """A function's network is that of a VPC from now on; ``vpc`` None: it is outside of any again."""

    kind: ClassVar[Literal["vpc.function_attached"]] = "vpc.function_attached"
    function: str
    vpc: str | None
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]


class InterfaceMade(Recorded, frozen=True):
    """Lambda made a network interface: for a subnet and a set of security groups, whichever functions have them."""

    kind: ClassVar[Literal["vpc.interface_made"]] = "vpc.interface_made"
    interface: str
    subnet: str
    security_groups: tuple[str, ...]
    address: str


class PathBlocked(Recorded, frozen=True):
    """What code sent to a host never arrives, for a reason of its network; ``why`` is half a sentence.

    Recorded when it was sent. Who waits for the answer waits until its own patience ends.
    """

    kind: ClassVar[Literal["vpc.path_blocked"]] = "vpc.path_blocked"
    function: str
    environment: str
    request_id: str | None
    host: str
    port: int
    subnet: str | None
    reason: Literal[
        "no route", "no public address", "NAT gateway without a route", "egress", "ingress", "other VPC", "not in a VPC"
    ]
    why: str


class ServerDeployed(Recorded, frozen=True):
    """A database, proxy or cache exists inside a VPC; ``connections_max`` None: it takes as many as come."""

    kind: ClassVar[Literal["endpoint.deployed"]] = "endpoint.deployed"
    endpoint: str
    what: str
    host: str
    port: int
    connections_max: int | None


class ConnectionAccepted(Recorded, frozen=True):
    """A server accepted a connection; ``connections_open`` counts it."""

    kind: ClassVar[Literal["endpoint.accepted"]] = "endpoint.accepted"
    endpoint: str
    function: str
    environment: str
    request_id: str | None
    connections_open: int


class ConnectionRefused(Recorded, frozen=True):
    """A server refused a connection, because it has ``connections_open`` already, the most that it takes.

    ``connections_open`` None: nothing listens on that port.
    """

    kind: ClassVar[Literal["endpoint.refused"]] = "endpoint.refused"
    endpoint: str
    function: str
    environment: str
    request_id: str | None
    connections_open: int | None


class ConnectionClosed(Recorded, frozen=True):
    """A connection to a server is gone: the code closed it, or what held it is no more."""

    kind: ClassVar[Literal["endpoint.closed"]] = "endpoint.closed"
    endpoint: str
    function: str
    environment: str
    connections_open: int
    reason: Literal["closed", "runtime killed", "environment ended"]


VpcFact = (
    FunctionAttached
    | InterfaceMade
    | PathBlocked
    | ServerDeployed
    | ConnectionAccepted
    | ConnectionRefused
    | ConnectionClosed
)
