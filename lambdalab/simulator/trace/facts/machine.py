"""Facts about state machines and their executions."""

from __future__ import annotations

__all__ = (
    "MachineDeployed", "MachineExecutionEnded", "MachineExecutionStarted", "MachineFact", "StateEntered", "StateExited",
    "StateFailed", "StateRetried",
)  # fmt: skip

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class MachineDeployed(Recorded, frozen=True):
    """There is a state machine. ``states`` are the names of its states, those in branches included."""

    kind: ClassVar[Literal["machine.deployed"]] = "machine.deployed"
    machine: str
    shown_as: str
    type: Literal["STANDARD", "EXPRESS"]
    states: tuple[str, ...]


class MachineExecutionStarted(Recorded, frozen=True):
    """An execution of a state machine has begun with this input; ``source`` is who started it."""

    kind: ClassVar[Literal["machine.execution_started"]] = "machine.execution_started"
    machine: str
    execution: str
    input: str
    source: str


class StateEntered(Recorded, frozen=True):
    """An execution entered a state. ``path`` is empty, or names the branch: ``Each[3]`` is the fourth iteration."""

    kind: ClassVar[Literal["machine.state_entered"]] = "machine.state_entered"
    machine: str
    execution: str
    state: str
    type: str
    path: str


class StateExited(Recorded, frozen=True):
    """An execution left a state: it succeeded, or its failure was caught."""

    kind: ClassVar[Literal["machine.state_exited"]] = "machine.state_exited"
    machine: str
    execution: str
    state: str
    path: str


class StateRetried(Recorded, frozen=True):
    """A state failed and will be tried again after ``delay_us``. ``count``: its retries so far, this one included."""

    kind: ClassVar[Literal["machine.state_retried"]] = "machine.state_retried"
    machine: str
    execution: str
    state: str
    path: str
    error: str
    count: int
    delay_us: int


class StateFailed(Recorded, frozen=True):
    """A state failed for good. ``caught`` is the state to which a catcher leads, or None."""

    kind: ClassVar[Literal["machine.state_failed"]] = "machine.state_failed"
    machine: str
    execution: str
    state: str
    path: str
    error: str
    cause: str
    caught: str | None


class MachineExecutionEnded(Recorded, frozen=True):
    """An execution has ended. ``transitions`` are what a Standard one is billed for: states entered, and retries."""

    kind: ClassVar[Literal["machine.execution_ended"]] = "machine.execution_ended"
    machine: str
    execution: str
    status: Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]
    output: str | None
    error: str | None
    cause: str
    duration_us: int
    transitions: int


MachineFact = (
    MachineDeployed
    | MachineExecutionStarted
    | StateEntered
    | StateExited
    | StateRetried
    | StateFailed
    | MachineExecutionEnded
)
