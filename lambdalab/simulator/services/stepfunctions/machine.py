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

HISTORY_BYTES_MAX = 16 * 1024 * 1024  # ours: what the history of one execution keeps of inputs and outputs
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
    events: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)
    history_bytes: int = 0

    def note(self, at: dt.datetime, kind: str, previous: int, **details: Any) -> int:
        """Count an event, and return its id. Only a Standard execution keeps them: nobody can ask for the others."""
        self.events += 1
        if self.machine.kind == "STANDARD":
            shown = {name: self._kept(value) for name, value in details.items()}
            known = {"timestamp": at, "type": kind, "id": self.events, "previousEventId": previous}
            self.history.append(known | shown)
        return self.events

    def _kept(self, details: dict[str, Any]) -> dict[str, Any]:
        """Details of an event with what AWS adds to data; past the bound they are without the data itself."""
        kept = dict(details)
        for name in ("input", "output"):
            if name in details:
                self.history_bytes += len(details[name])
                truncated = self.history_bytes > HISTORY_BYTES_MAX
                kept[f"{name}Details"] = {"truncated": truncated}
                if truncated:
                    del kept[name]
        return kept
