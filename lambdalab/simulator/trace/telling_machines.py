"""Sentences about state machines."""

from __future__ import annotations

from collections.abc import Mapping

from lambdalab.simulator.trace import facts as f

OfMachine = (
    f.MachineDeployed
    | f.MachineExecutionStarted
    | f.StateEntered
    | f.StateExited
    | f.StateRetried
    | f.StateFailed
    | f.MachineExecutionEnded
)
CAUSE_SHOWN = 160
_ENDS = {"SUCCEEDED": "succeeded", "FAILED": "failed", "TIMED_OUT": "timed out", "ABORTED": "was stopped"}


def of_machine(fact: OfMachine, machines: Mapping[str, str]) -> str:
    """The sentence; ``machines`` is what people call state machines."""
    name = machines.get(fact.machine, fact.machine)
    match fact:
        case f.MachineDeployed():
            kind = "Express" if fact.type == "EXPRESS" else "Standard"
            count = len(fact.states)
            return f"The {kind} state machine {name} is there, with {count} state{'' if count == 1 else 's'}."
        case f.MachineExecutionStarted():
            return f"{_execution(fact.execution)} of {name} begins."
        case f.StateEntered():
            return f"{name} enters {_where(fact)}, a {fact.type}."
        case f.StateExited():
            return f"{name} leaves {_where(fact)}."
        case f.StateRetried():
            return f"{_where(fact)} of {name} failed ({fact.error}): retry {fact.count} in {fact.delay_us / 1e6:g} s."
        case f.StateFailed():
            then = f"; caught, on to {fact.caught}" if fact.caught else ""
            cause = f": {' '.join(fact.cause.split())[:CAUSE_SHOWN]}" if fact.cause else ""
            return f"{_where(fact)} of {name} failed with {fact.error or 'an error without a name'}{cause}{then}."
        case f.MachineExecutionEnded():
            why = f" with {fact.error}" if fact.error else ""
            ends, count = _ENDS.get(fact.status, fact.status), fact.transitions
            took = f"{fact.duration_us / 1e6:.3f} s, {count:,} transition{'' if count == 1 else 's'}"
            return f"{_execution(fact.execution)} of {name} {ends}{why} after {took}."


def _execution(name: str) -> str:
    return f"Execution {name[:8] if len(name) == 36 else name}"


def _where(fact: f.StateEntered | f.StateExited | f.StateRetried | f.StateFailed) -> str:
    return f"{fact.path}/{fact.state}" if fact.path else fact.state
