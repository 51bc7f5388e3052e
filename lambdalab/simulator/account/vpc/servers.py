"""Who is reached from inside a VPC only: databases and caches, which accept, count and limit connections, and internal
load balancers, which speak HTTP.

No SQL is spoken: what is sent to a server is taken and never answered (assumption A-44).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address

from lambdalab.simulator.account.internet import Page
from lambdalab.simulator.account.vpc.model import SecurityGroup
from lambdalab.simulator.kernel import Process


@dataclass(slots=True)
class Server:
    """A database, proxy or cache. ``connections_max`` None: as many as come. ``hosts`` are its names in DNS."""

    name: str
    kind: str
    hosts: tuple[str, ...]
    port: int
    vpc: str
    groups: tuple[SecurityGroup, ...]
    address: IPv4Address
    connections_max: int | None = None
    connections_open: int = 0

    def accept(self) -> bool:
        """One more connection; false when the server has as many as it takes."""
        if self.connections_max is not None and self.connections_open >= self.connections_max:
            return False
        self.connections_open += 1
        return True

    def release(self) -> None:
        """A connection was closed."""
        assert self.connections_open > 0, self.name
        self.connections_open -= 1


@dataclass(frozen=True, slots=True)
class Asked:
    """An HTTP request from inside a VPC. ``headers`` as the client wrote them; ``address`` is the client's."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    address: str


@dataclass(frozen=True, slots=True)
class InternalBalancer:
    """An internal load balancer: its name in DNS, where it listens, and who answers in its place."""

    name: str
    host: str
    ports: frozenset[int]
    vpc: str
    groups: tuple[SecurityGroup, ...]
    address: IPv4Address
    answer: Callable[[Asked], Process[Page]]
