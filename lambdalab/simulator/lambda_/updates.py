"""Updates of a function: the old code serves until the new one is ready. Source: fact B.1 (LS, DG22)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import Micros, Process, Signal
from lambdalab.simulator.lambda_.attachment import attach
from lambdalab.simulator.lambda_.environments import Fleet
from lambdalab.simulator.lambda_.function import LATEST, Function, LoggingConfig
from lambdalab.simulator.lambda_.registry import Registered
from lambdalab.simulator.trace.facts import (
    FunctionUpdated,
    FunctionUpdateStarted,
    HardwareConfigured,
    LayersConfigured,
    LoggingConfigured,
    TracingConfigured,
)
from lambdalab.simulator.vocabulary.arns import function_arn
from lambdalab.simulator.vocabulary.assumptions.networks import INTERFACE_CREATION
from lambdalab.simulator.vocabulary.assumptions.stacks import UPDATE_MEDIAN, UPDATE_SPREAD
from lambdalab.simulator.vocabulary.errors import AwsError, conflict

Change = Literal["code", "configuration", "code and configuration"]


class Updates:
    """Changes ``$LATEST``, one update of a function at a time."""

    def __init__(self, world: World, fleets: Mapping[str, Fleet]) -> None:
        self._world = world
        self._fleets = fleets

    def refusal(self, registered: Registered) -> AwsError | None:
        """The answer to a change that comes while another is under way."""
        if registered.incoming is None:
            return None
        return conflict(
            "The operation cannot be performed at this time. An update is in progress for resource: "
            f"{function_arn(registered.name)}"
        )

    def begin(self, registered: Registered, function: Function, what: Change) -> Signal:
        """Start an update; the signal fires when the new code serves. No other may be under way."""
        assert registered.incoming is None, registered.name
        registered.incoming = function
        registered.revise(LATEST, self._world)
        done = self._world.kernel.signal()
        self._world.trace.record(FunctionUpdateStarted(function.name, what, function.code_sha256))
        self._world.kernel.spawn(self._carry_out(registered, function, done))
        return done

    def _carry_out(self, registered: Registered, function: Function, done: Signal) -> Process[None]:
        """Until now the old code serves; from here on its environments take no request and new ones are cold."""
        world = self._world
        spread = world.kernel.random_for("lambda/update").uniform(-UPDATE_SPREAD, UPDATE_SPREAD)
        takes = Micros(round(UPDATE_MEDIAN * (1 + spread)))
        if function.vpc is not None and world.network.missing(function.vpc):
            takes = Micros(world.kernel.random_for("lambda/interfaces").randint(*INTERFACE_CREATION))
        yield from world.kernel.sleep(takes)
        before, registered.latest, registered.incoming = registered.latest, function, None
        world.trace.record(
            FunctionUpdated(
                function.name, function.code_sha256, function.memory_mb, function.timeout_s, function.code_folder
            )
        )
        tell_configuration(world, before, function)
        if function.vpc != before.vpc:
            attach(world, function)
        self._fleets[function.name].replace(LATEST)
        done.fire()


def tell_configuration(world: World, before: Function | None, now: Function) -> None:
    """Record what other facts do not say of a function, as far as that is news. ``before``: None when it is new."""
    hardware = now.ephemeral_mb, now.architecture
    if before is not None and hardware != (before.ephemeral_mb, before.architecture):
        world.trace.record(HardwareConfigured(now.name, *hardware))
    config = now.logging
    if config != (LoggingConfig() if before is None else before.logging):
        levels = config.application_level, config.system_level
        world.trace.record(LoggingConfigured(now.name, config.format, *levels, now.log_group))
    if now.tracing != ("PassThrough" if before is None else before.tracing):
        world.trace.record(TracingConfigured(now.name, now.tracing))
    if now.layers != (() if before is None else before.layers):
        world.trace.record(LayersConfigured(now.name, tuple(layer.arn for layer in now.layers)))
