"""State machines and their executions, as they are kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lambdalab.simulator.account import Principal
from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.kernel.kernel import Signal
from lambdalab.simulator.vocabulary.arns import arn

Kind = Literal["STANDARD", "EXPRESS"]
Status = Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]


def machine_arn(name: str) -> str:
    """A state machine's ARN."""
    return arn("states", f"stateMachine:{name}")


@dataclass(slots=True)
class StateMachine:
    """A state machine. ``definition`` has been checked; ``text`` is what DescribeStateMachine answers."""

    name: str
    kind: Kind
    definition: Mapping[str, Any]
    text: str
    role: Principal
    role_arn: str
    shown_as: str
    tracing: bool = False
    executions: dict[str, Execution] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The machine's ARN."""
        return machine_arn(self.name)

    def execution_arn(self, name: str, express_id: str) -> str:
        """The ARN of an execution; an Express one carries an id of its own, since names may come again."""
        if self.kind == "EXPRESS":
            return arn("states", f"express:{self.name}:{name}:{express_id}")
        return arn("states", f"execution:{self.name}:{name}")


@dataclass(slots=True, eq=False)
class Execution:
    """One execution. Times are virtual; ``history`` holds its events as GetExecutionHistory answers them."""

    machine: StateMachine
    name: str
    arn: str
    input: str
    started_at: Micros
    done: Signal
    trace_header: str | None = None
    lineage: Mapping[str, int] | None = None
    status: Status = "RUNNING"
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    ended_at: Micros | None = None
    transitions: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)

    def note(self, at: dt.datetime, kind: str, previous: int, **details: Any) -> int:
        """Add an event to the history and return its id."""
        number = len(self.history) + 1
        event = {"timestamp": at, "type": kind, "id": number, "previousEventId": previous, **details}
        self.history.append(event)
        return number
