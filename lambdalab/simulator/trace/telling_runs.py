"""Sentences about a run itself: its beginning and end, what there is, what its scenario does, and its checks."""

from __future__ import annotations

from lambdalab.simulator.trace import facts as f


def of_run(fact: f.RunFact) -> str:
    """The sentence."""
    match fact:
        case f.RunStarted():
            return f"The run starts with seed {fact.seed}."
        case f.RunEnded():
            return "The run ends." if fact.stopped is None else f"The run is stopped: {fact.stopped}."
        case f.FunctionDeployed():
            return f"The function {fact.shown_as} exists: {fact.memory_mb} MB, {fact.timeout_s} s timeout."
        case f.QueueDeployed():
            return f"The {'FIFO queue' if fact.fifo else 'queue'} {fact.shown_as} exists."
        case f.TopicDeployed():
            return f"The topic {fact.shown_as} exists."
        case f.TableDeployed():
            return f"The table {fact.shown_as} exists."
        case f.TableDeleted():
            return f"The table {fact.table} is deleted."
        case f.StepPlayed():
            did = "deployed" if fact.action == "deploy" else f"called {fact.action}"
            did = f"sent {fact.action[5:]}" if fact.action.startswith("http ") else did
            return f"The scenario {did}{_for(fact.label)}: {fact.outcome}."
        case f.CheckEvaluated():
            return f"Check {fact.id} {'holds' if fact.passed else 'does not hold'}: {fact.says}"


def _for(label: str | None) -> str:
    return f" for {label}" if label else ""
