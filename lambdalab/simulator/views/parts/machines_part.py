"""The summary's ``machines``: what each state machine's executions have done."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.trace.facts import (
    MachineDeployed,
    MachineExecutionEnded,
    MachineExecutionStarted,
    StateEntered,
    StateExited,
    StateFailed,
    StateRetried,
)
from lambdalab.simulator.views.fold import Take

ENDED_MAX = 100  # executions that are shown, the first
TEXT_MAX = 2_048
_COUNTED = {"SUCCEEDED": "succeeded", "FAILED": "failed", "TIMED_OUT": "timed_out", "ABORTED": "aborted"}


class MachinesPart:
    """Counts what state machines did."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Any]] = {}
        self._names: dict[str, str] = {}
        self.takes: dict[type, Take] = {
            MachineDeployed: self._deployed,
            MachineExecutionStarted: self._started,
            MachineExecutionEnded: self._ended,
            StateEntered: self._entered,
            StateExited: self._exited,
            StateRetried: self._retried,
            StateFailed: self._failed,
        }

    def _deployed(self, at: int, fact: MachineDeployed) -> None:
        self._names[fact.machine] = fact.shown_as
        states = {name: {"entered": 0, "exited": 0, "retried": 0, "failed": 0, "caught": 0} for name in fact.states}
        self._rows[fact.machine] = {
            "type": fact.type, "executions": 0, "running": 0, "succeeded": 0, "failed": 0, "timed_out": 0, "aborted": 0,
            "transitions": 0, "duration_max_s": 0.0, "states": states, "ended": [],
        }  # fmt: skip

    def _started(self, at: int, fact: MachineExecutionStarted) -> None:
        row = self._rows[fact.machine]
        row["executions"] += 1
        row["running"] += 1

    def _ended(self, at: int, fact: MachineExecutionEnded) -> None:
        row = self._rows[fact.machine]
        row["running"] -= 1
        row[_COUNTED[fact.status]] += 1
        row["transitions"] += fact.transitions
        seconds = fact.duration_us / SECOND
        row["duration_max_s"] = max(row["duration_max_s"], seconds)
        if len(row["ended"]) < ENDED_MAX:
            output = None if fact.output is None else fact.output[:TEXT_MAX]
            told = {"name": fact.execution, "status": fact.status, "output": output, "error": fact.error}
            row["ended"].append(told | {"cause": fact.cause[:TEXT_MAX] or None, "duration_s": seconds})

    def _entered(self, at: int, fact: StateEntered) -> None:
        self._rows[fact.machine]["states"][fact.state]["entered"] += 1

    def _exited(self, at: int, fact: StateExited) -> None:
        self._rows[fact.machine]["states"][fact.state]["exited"] += 1

    def _retried(self, at: int, fact: StateRetried) -> None:
        self._rows[fact.machine]["states"][fact.state]["retried"] += 1

    def _failed(self, at: int, fact: StateFailed) -> None:
        self._rows[fact.machine]["states"][fact.state]["caught" if fact.caught else "failed"] += 1

    def result(self) -> dict[str, Any]:
        """``machines`` of the summary."""
        return {self._names[name]: row for name, row in self._rows.items()}
