"""Servers that are reached from inside a VPC only: databases and caches. They accept, count and limit connections.

No SQL is spoken: what is sent to one is taken and never answered (assumption A-44).
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from lambdalab.simulator.account.vpc.model import SecurityGroup


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
