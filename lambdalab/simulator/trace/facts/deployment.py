"""Facts about versions, aliases and updates: how code that runs is replaced."""

from __future__ import annotations

__all__ = (
    "AlarmChanged", "AliasChanged", "AliasDeleted", "DeploymentEnded", "DeploymentFact", "DeploymentStarted",
    "FunctionUpdateStarted", "FunctionUpdated", "HardwareConfigured", "HookAnswered", "HookInvoked", "LayerDeleted",
    "LayerPublished", "LayersConfigured", "TrafficShifted", "VersionDeleted", "VersionPublished",
)  # fmt: skip

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class VersionPublished(Recorded, frozen=True):
    """``$LATEST`` was frozen: code and configuration of this version never change again."""

    kind: ClassVar[Literal["version.published"]] = "version.published"
    function: str
    version: str
    code_sha256: str


class VersionDeleted(Recorded, frozen=True):
    """A version is gone; its number is never used again."""

    kind: ClassVar[Literal["version.deleted"]] = "version.deleted"
    function: str
    version: str


class AliasChanged(Recorded, frozen=True):
    """An alias is made or leads elsewhere: to ``version``, and with ``weight`` (0 to 1) to ``additional``."""

    kind: ClassVar[Literal["alias.changed"]] = "alias.changed"
    function: str
    alias: str
    version: str
    additional: str | None
    weight: float


class AliasDeleted(Recorded, frozen=True):
    """An alias is gone: who calls by it is told that there is no such function."""

    kind: ClassVar[Literal["alias.deleted"]] = "alias.deleted"
    function: str
    alias: str


class LayerPublished(Recorded, frozen=True):
    """A version of a layer exists and never changes; ``bytes`` is the size of its files, unzipped."""

    kind: ClassVar[Literal["layer.published"]] = "layer.published"
    layer: str
    version: int
    arn: str
    bytes: int
    folder: str


class LayerDeleted(Recorded, frozen=True):
    """A version of a layer can be named no more; functions that use it keep it."""

    kind: ClassVar[Literal["layer.deleted"]] = "layer.deleted"
    layer: str
    version: int


class LayersConfigured(Recorded, frozen=True):
    """A function has these layer versions from now on, by their ARNs, in the order in which they are extracted."""

    kind: ClassVar[Literal["function.layers_configured"]] = "function.layers_configured"
    function: str
    layers: tuple[str, ...]


class HardwareConfigured(Recorded, frozen=True):
    """An update gives ``$LATEST`` another ephemeral storage or another processor; its memory, FunctionUpdated says."""

    kind: ClassVar[Literal["function.hardware_configured"]] = "function.hardware_configured"
    function: str
    ephemeral_mb: int
    architecture: str


class FunctionUpdateStarted(Recorded, frozen=True):
    """New code or configuration of ``$LATEST`` was accepted. Until it is ready the old one serves."""

    kind: ClassVar[Literal["function.update_started"]] = "function.update_started"
    function: str
    what: Literal["code", "configuration", "code and configuration"]
    code_sha256: str


class FunctionUpdated(Recorded, frozen=True):
    """``$LATEST`` serves with new code or configuration; environments of the old one take no more requests."""

    kind: ClassVar[Literal["function.updated"]] = "function.updated"
    function: str
    code_sha256: str
    memory_mb: int
    timeout_s: int
    code_folder: str


class AlarmChanged(Recorded, frozen=True):
    """A CloudWatch alarm looked at a period that was over, and its state is another now."""

    kind: ClassVar[Literal["alarm.changed"]] = "alarm.changed"
    alarm: str
    before: str
    state: Literal["OK", "ALARM", "INSUFFICIENT_DATA"]


class DeploymentStarted(Recorded, frozen=True):
    """CodeDeploy begins to move an alias from the version ``old`` to ``new``."""

    kind: ClassVar[Literal["deployment.started"]] = "deployment.started"
    deployment: str
    function: str
    alias: str
    old: str
    new: str
    configuration: str


class HookInvoked(Recorded, frozen=True):
    """CodeDeploy asks a function whether to go on, and waits for its PutLifecycleEventHookExecutionStatus."""

    kind: ClassVar[Literal["deployment.hook_invoked"]] = "deployment.hook_invoked"
    deployment: str
    hook: str
    event: str


class HookAnswered(Recorded, frozen=True):
    """The hook has answered; anything but ``Succeeded`` ends the deployment."""

    kind: ClassVar[Literal["deployment.hook_answered"]] = "deployment.hook_answered"
    deployment: str
    hook: str
    event: str
    status: str


class TrafficShifted(Recorded, frozen=True):
    """From now on the new ``version`` gets ``weight`` (0 to 1) of the alias's invocations."""

    kind: ClassVar[Literal["deployment.traffic_shifted"]] = "deployment.traffic_shifted"
    deployment: str
    function: str
    alias: str
    version: str
    weight: float


class DeploymentEnded(Recorded, frozen=True):
    """The deployment is over: the alias leads to ``new``, or to ``old`` again for ``reason``."""

    kind: ClassVar[Literal["deployment.ended"]] = "deployment.ended"
    deployment: str
    function: str
    alias: str
    old: str
    new: str
    outcome: Literal["Succeeded", "RolledBack"]
    reason: str | None


DeploymentFact = (
    VersionPublished
    | VersionDeleted
    | AliasChanged
    | AliasDeleted
    | LayerPublished
    | LayerDeleted
    | LayersConfigured
    | HardwareConfigured
    | FunctionUpdateStarted
    | FunctionUpdated
    | AlarmChanged
    | DeploymentStarted
    | HookInvoked
    | HookAnswered
    | TrafficShifted
    | DeploymentEnded
)
