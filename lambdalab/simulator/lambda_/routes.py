"""From a qualifier to the version that runs: where an alias sends each invocation. Source: fact K.5."""

from __future__ import annotations

from lambdalab.simulator.account import World
from lambdalab.simulator.lambda_.function import LATEST, Function
from lambdalab.simulator.lambda_.registry import Registered
from lambdalab.simulator.trace.facts import InvocationRouted


class Routes:
    """Draws versions for aliases, each alias from a random stream of its own."""

    def __init__(self, world: World) -> None:
        self._world = world

    def version_for(self, registered: Registered, qualifier: str | None, request_id: str) -> Function | None:
        """The version that this invocation runs, or None when nothing is called so any more.

        An asynchronous event is drawn anew at each attempt (assumption A-22).
        """
        if qualifier is None or qualifier == LATEST:
            return registered.latest
        alias = registered.aliases.get(qualifier)
        if alias is None:
            return registered.versions.get(qualifier)
        stream = f"alias/{registered.name}/{alias.name}"
        version = registered.version(alias.draw(self._world.kernel.random_for(stream).random()))
        self._world.trace.record(InvocationRouted(request_id, registered.name, alias.name, version.version))
        return version
