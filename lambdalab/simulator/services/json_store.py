"""What services with a JSON protocol share when moto keeps their state."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.account import Answer, World
from lambdalab.simulator.services import wire
from lambdalab.simulator.services.stores import Moto
from lambdalab.simulator.vocabulary.errors import AwsError


class JsonStore:
    """Asks moto, in the run's time and with its chance."""

    def __init__(self, world: World, service: str) -> None:
        self._service = service
        self.moto = Moto(world, service)

    def ask(self, operation: str, params: dict[str, Any]) -> Answer | AwsError:
        """One operation; errors with AWS's own code and text."""
        with self.moto:
            status, body = wire.call(self._service, operation, params)
        if status >= 400:
            code = str(body.get("__type", "InternalServerError")).rsplit("#", 1)[-1]
            return AwsError(code, str(body.get("message") or body.get("Message") or ""), status)
        return Answer(wire.parsed(self._service, operation, status, body), status)
