"""Sentences about jobs of S3 Batch Operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import unquote_plus

from lambdalab.simulator.trace import facts as f

OfBatchJob = f.BatchJobCreated | f.BatchJobChanged | f.BatchTaskEnded | f.BatchTaskRetried | f.BatchReportWritten


def of_batch_job(
    fact: OfBatchJob,
    jobs: Mapping[str, str],
    who: Callable[[str], str],
    name_of: Callable[[str], str],
    duration: Callable[[int], str],
) -> str:
    """The sentence; ``jobs``: what people call them."""
    name = jobs.get(fact.job) or f"batch job {fact.job[:8]}"
    called = f"{name[:1].upper()}{name[1:]}"
    match fact:
        case f.BatchJobCreated():
            function, colon, qualifier = (fact.function.partition(":function:")[2] or fact.function).partition(":")
            function = f"{name_of(function)}{colon}{qualifier}"
            return f"{who(fact.created_by)} creates the {name}: {function} for each object that {fact.manifest} lists."
        case f.BatchJobChanged():
            over = f" ({fact.succeeded} of {fact.tasks} tasks have succeeded, {fact.failed} have failed)"
            why = f": {fact.reason}" if fact.reason else "."
            return f"{called} is {fact.status}{over if fact.succeeded or fact.failed else ''}{why}"
        case f.BatchTaskEnded():
            tried = f" after {fact.attempts} attempts" if fact.attempts > 1 else ""
            told = f": {' '.join(fact.message.split())[:200]}" if fact.message else "."
            return f"The task for {_object(fact.bucket, fact.key)} ends with {fact.result}{tried}{told}"
        case f.BatchTaskRetried():
            again = f"is tried again in {duration(fact.delay_us)}"
            return f"The task for {_object(fact.bucket, fact.key)} {again}: {' '.join(fact.message.split())[:200]}"
        case f.BatchReportWritten():
            return f"The report of the {name} on {fact.tasks} tasks is in {fact.bucket}/{fact.key}."


def _object(bucket: str, key: str) -> str:
    return f"{bucket}/{unquote_plus(key)}"
