"""Facts about execution environments: INIT, reset, end."""

from __future__ import annotations

__all__ = ("EnvironmentCreated", "EnvironmentEnded", "EnvironmentFact", "EnvironmentReset", "InitEnded", "InitStarted")

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class EnvironmentCreated(Recorded, frozen=True):
    """A new execution environment of a function. ``number`` counts the function's environments from 1."""

    kind: ClassVar[Literal["environment.created"]] = "environment.created"
    environment: str
    function: str
    version: str
    number: int
    log_stream: str


class InitStarted(Recorded, frozen=True):
    """INIT begins. ``phase`` is ``invoke`` when it is repeated inside an invocation (a suppressed init)."""

    kind: ClassVar[Literal["environment.init_started"]] = "environment.init_started"
    environment: str
    function: str
    phase: Literal["init", "invoke"]


class InitEnded(Recorded, frozen=True):
    """INIT is over."""

    kind: ClassVar[Literal["environment.init_ended"]] = "environment.init_ended"
    environment: str
    function: str
    phase: Literal["init", "invoke"]
    status: Literal["ok", "error", "timeout"]
    duration_us: int
    error_type: str | None


class EnvironmentReset(Recorded, frozen=True):
    """The runtime was killed; globals are lost, /tmp stays. The next invocation repeats INIT without a cold start."""

    kind: ClassVar[Literal["environment.reset"]] = "environment.reset"
    environment: str
    function: str
    reason: str


class EnvironmentEnded(Recorded, frozen=True):
    """The environment is gone: idle too long, too old, replaced, or the run is over."""

    kind: ClassVar[Literal["environment.ended"]] = "environment.ended"
    environment: str
    function: str
    reason: Literal["idle", "age", "killed", "replaced"]


EnvironmentFact = EnvironmentCreated | InitStarted | InitEnded | EnvironmentReset | EnvironmentEnded
