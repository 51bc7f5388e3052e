"""Sentences about pipelines."""

from __future__ import annotations

from collections.abc import Mapping

from lambdalab.simulator.trace import facts as f

OfPipeline = f.PipelineDeployed | f.PipelineExecutionChanged | f.PipelineActionStarted | f.PipelineActionEnded
_STATUS = {"InProgress": "begins", "Succeeded": "has succeeded", "Failed": "has failed", "Superseded": "is superseded"}


def of_pipeline(fact: OfPipeline, pipelines: Mapping[str, str]) -> str:
    """The sentence; ``pipelines``: what people call them."""
    name = pipelines.get(fact.pipeline, fact.pipeline)
    match fact:
        case f.PipelineDeployed():
            return f"The pipeline {name} is there: {', '.join(fact.actions)}."
        case f.PipelineExecutionChanged():
            why = f": {' '.join(fact.summary.split())[:200]}" if fact.summary else "."
            return f"Execution {fact.execution[:8]} of {name} {_STATUS.get(fact.status, fact.status)}{why}"
        case f.PipelineActionStarted():
            return f"{name} begins {fact.stage}/{fact.action} ({fact.provider})."
        case f.PipelineActionEnded():
            rounds = f" after {fact.rounds} rounds" if fact.rounds > 1 else ""
            why = f": {' '.join(fact.message.split())[:200]}" if fact.message else "."
            return f"{fact.stage}/{fact.action} of {name} {_STATUS.get(fact.status, fact.status)}{rounds}{why}"
