"""Sentences about invocations, the environments that they run in, and what these log."""

from __future__ import annotations

from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.trace.names import Names
from lambdalab.simulator.trace.words import duration, first, first_line, where

STATUS_WORDS = {
    "ok": "succeeded",
    "error": "failed",
    "timeout": "timed out",
    "exit": "exited",
    "out_of_memory": "ran out of memory",
    "init_error": "failed to load",
}


def of_invocation(fact: f.InvocationFact, names: Names) -> str:
    """The sentence."""
    if isinstance(fact, f.RecursionStopped):
        called = f"{fact.source} called {names.name(fact.function)}"
        return f"{called} once too often in one chain of requests: Lambda stops the loop."
    label = names.label(fact.request_id)
    match fact:
        case f.InvocationRouted():
            return f"The alias {fact.alias} of {names.name(fact.function)} sends {label} to version {fact.version}."
        case f.InvocationThrottled():
            return f"{first(label)} found no room in {names.name(fact.function)}: throttled (429, {fact.reason})."
        case f.InvocationStarted():
            cold = " after a cold start" if fact.cold else ""
            return f"{names.attempt(fact)} starts in {where(fact.environment)}{cold}."
        case f.InvocationEnded():
            error = f" with {fact.error_type}" if fact.error_type and fact.status != "timeout" else ""
            return (
                f"{names.attempt(fact)} {STATUS_WORDS[fact.status]}{error} "
                f"after {duration(fact.duration_us)} in {where(fact.environment)}."
            )


def of_environment(fact: f.EnvironmentFact, names: Names) -> str:
    """The sentence."""
    place = f"{where(fact.environment)} of {names.name(fact.function)}"
    match fact:
        case f.EnvironmentCreated():
            whose = "" if fact.version == "$LATEST" else f" for version {fact.version}"
            return f"A new execution environment, {place}, is created{whose}."
        case f.InitStarted():
            again = " again, inside the invocation" if fact.phase == "invoke" else ""
            return f"INIT begins in {place}{again}."
        case f.InitEnded():
            failed = f"failed with {fact.error_type or 'an error'}"
            how = {"ok": "is done", "error": failed, "timeout": "timed out"}[fact.status]
            return f"INIT {how} in {place} after {duration(fact.duration_us)}."
        case f.EnvironmentReset():
            return f"The runtime in {place} was killed ({fact.reason}): its globals are lost, /tmp stays."
        case f.EnvironmentEnded():
            why = {"idle": "it was idle too long", "age": "it grew too old", "killed": "a fault killed it"}
            return f"{place} is gone: {why.get(fact.reason, fact.reason)}."


def of_trace(fact: f.TracingFact, names: Names) -> str:
    """The sentence."""
    name = names.name(fact.function)
    match fact:
        case f.TracingConfigured():
            return f"{name} is traced by X-Ray ({fact.mode})."
        case f.RequestTraced():
            return f"X-Ray samples {names.label(fact.request_id)} to {name} in the trace {fact.root}."
        case f.InvocationTraced():
            label = names.label(fact.request_id)
            return f"Attempt {fact.attempt} of {label} in {name} is the segment {fact.segment}."


def of_log(fact: f.LogFact, names: Names) -> str:
    """The sentence."""
    match fact:
        case f.LoggingConfigured():
            return f"{names.name(fact.function)} logs as {fact.log_format} into {fact.log_group}."
        case f.LogsRefused():
            name, why = names.name(fact.function), fact.why.removeprefix("denied: ")
            return f"{name} works, but nothing that it logs reaches CloudWatch Logs: {why}."
        case f.LogLine():
            return f"{where(fact.environment)} logs: {first_line(fact.text)}"
