"""Facts about reserved and provisioned concurrency."""

from __future__ import annotations

__all__ = (
    "CapacityScaled", "ConcurrencyFact", "ConcurrencyReserved", "ProvisionedChanged", "ProvisionedDeleted",
    "ProvisionedInitialised", "ProvisionedRateExceeded", "ProvisionedSpilled", "ProvisionedUsed",
)  # fmt: skip

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class ConcurrencyReserved(Recorded, frozen=True):
    """A function's reserved concurrency is another now; None: it has none any more. 0 stops it."""

    kind: ClassVar[Literal["concurrency.reserved"]] = "concurrency.reserved"
    function: str
    amount: int | None


class ProvisionedChanged(Recorded, frozen=True):
    """Provisioned concurrency of a version or alias: ``allocated`` of ``requested`` environments are ready."""

    kind: ClassVar[Literal["provisioned.changed"]] = "provisioned.changed"
    function: str
    qualifier: str
    requested: int
    allocated: int
    status: Literal["IN_PROGRESS", "READY", "FAILED"]
    reason: str | None


class ProvisionedDeleted(Recorded, frozen=True):
    """Nothing is provisioned for a version or alias any more."""

    kind: ClassVar[Literal["provisioned.deleted"]] = "provisioned.deleted"
    function: str
    qualifier: str


class ProvisionedInitialised(Recorded, frozen=True):
    """A provisioned environment has run its INIT, which is billed by itself: no invocation carries it."""

    kind: ClassVar[Literal["provisioned.initialised"]] = "provisioned.initialised"
    environment: str
    function: str
    version: str
    memory_mb: int
    billed_ms: int


class CapacityScaled(Recorded, frozen=True):
    """Application Auto Scaling changes provisioned concurrency; ``error`` is Lambda's answer when it refused."""

    kind: ClassVar[Literal["autoscaling.capacity_scaled"]] = "autoscaling.capacity_scaled"
    function: str
    qualifier: str
    before: int
    wanted: int
    cause: str
    error: str | None


class ProvisionedUsed(Recorded, frozen=True):
    """A request found a provisioned environment; ``in_use`` are busy now, of ``allocated``."""

    kind: ClassVar[Literal["provisioned.used"]] = "provisioned.used"
    request_id: str
    function: str
    qualifier: str
    in_use: int
    allocated: int


class ProvisionedSpilled(Recorded, frozen=True):
    """Every provisioned environment was busy: the request goes on as an on-demand one."""

    kind: ClassVar[Literal["provisioned.spilled"]] = "provisioned.spilled"
    request_id: str
    function: str
    qualifier: str


class ProvisionedRateExceeded(Recorded, frozen=True):
    """More requests came in this second than the allocation takes: this one goes on as an on-demand one.

    Ten for each provisioned environment; asynchronous events have no such limit.
    """

    kind: ClassVar[Literal["provisioned.rate_exceeded"]] = "provisioned.rate_exceeded"
    request_id: str
    function: str
    qualifier: str


ConcurrencyFact = (
    ConcurrencyReserved
    | ProvisionedChanged
    | ProvisionedDeleted
    | ProvisionedInitialised
    | CapacityScaled
    | ProvisionedUsed
    | ProvisionedSpilled
    | ProvisionedRateExceeded
)
