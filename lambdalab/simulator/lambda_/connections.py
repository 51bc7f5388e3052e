"""Connections of execution environments to servers inside a VPC: they live as long as somebody holds the socket.

A frozen environment keeps them, and so they count against the server's limit while nothing runs. Source: AWS Lambda
Developer Guide, "Using a database connection", "Understanding the execution environment lifecycle", read 2026-11-23.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from lambdalab.simulator.account import World
from lambdalab.simulator.account.vpc import Server
from lambdalab.simulator.trace.facts import ConnectionAccepted, ConnectionClosed, ConnectionRefused

if TYPE_CHECKING:
    from lambdalab.simulator.lambda_.environments import Environment

Reason = Literal["closed", "runtime killed", "environment ended"]


def open_connection(
    world: World, environment: Environment, request_id: str | None, connect_id: int, server: Server, port: int
) -> bool:
    """Ask a server for a connection; false when it refuses."""
    who = (server.name, environment.function.name, environment.id, request_id)
    if port != server.port:
        world.trace.record(ConnectionRefused(*who, None))
        return False
    if not server.accept():
        world.trace.record(ConnectionRefused(*who, server.connections_open))
        return False
    environment.connections[connect_id] = server
    world.trace.record(ConnectionAccepted(*who, server.connections_open))
    return True


def close_connections(world: World, environment: Environment, connects: Iterable[int], reason: Reason) -> None:
    """These connects are over. Those that were none to a server are passed over."""
    for connect_id in connects:
        server = environment.connections.pop(connect_id, None)
        if server is not None:
            server.release()
            name, open_now = environment.function.name, server.connections_open
            world.trace.record(ConnectionClosed(server.name, name, environment.id, open_now, reason))


def close_all(world: World, environment: Environment, reason: Reason) -> None:
    """Whoever held the environment's connections is gone."""
    close_connections(world, environment, sorted(environment.connections), reason)
