"""The summary's ``endpoints``: databases and caches, and their connections."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.trace.facts import ConnectionAccepted, ConnectionClosed, ConnectionRefused, ServerDeployed
from lambdalab.simulator.views.fold import Take


class EndpointsPart:
    """Counts connections. ``connections_max`` is what the server takes, None for any number; ``connections_peak`` the
    most that were open at once."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Any]] = {}
        self.takes: dict[type, Take] = {
            ServerDeployed: self._deployed,
            ConnectionAccepted: self._accepted,
            ConnectionRefused: self._refused,
            ConnectionClosed: self._closed,
        }

    def result(self) -> dict[str, Any]:
        """The part, by what people call the server."""
        return self._rows

    def _deployed(self, at: int, fact: ServerDeployed) -> None:
        self._rows[fact.endpoint] = {
            "connections_open": 0,
            "connections_max": fact.connections_max,
            "connections_peak": 0,
            "accepted": 0,
            "refused": 0,
        }

    def _accepted(self, at: int, fact: ConnectionAccepted) -> None:
        row = self._rows[fact.endpoint]
        row["accepted"] += 1
        row["connections_open"] = fact.connections_open
        row["connections_peak"] = max(row["connections_peak"], fact.connections_open)

    def _refused(self, at: int, fact: ConnectionRefused) -> None:
        self._rows[fact.endpoint]["refused"] += 1

    def _closed(self, at: int, fact: ConnectionClosed) -> None:
        self._rows[fact.endpoint]["connections_open"] = fact.connections_open
