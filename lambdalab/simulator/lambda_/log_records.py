"""The platform's records of the JSON log format, byte for byte, and their levels.

Source: fact B.4; DG26 "Log-level filtering" (the table event to level); DG22 "Lambda Telemetry API event schema" and
records of 2024 and 2026 for the order of the keys. What AWS calls a thrown exception there is assumption A-20.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.trace.platform_lines import billed_ms, runtime_version

LEVELS: tuple[str, ...] = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")  # from most to least detail
SAME_LEVEL: dict[str, str] = {"WARNING": "WARN", "CRITICAL": "FATAL"}  # as Python's logging calls them
TIMESTAMPS = ("timestamp", "time", "@timestamp")

Status = Literal["success", "error", "timeout"]
Init = Literal["init", "invoke"]


def passes(level: str, configured: str) -> bool:
    """Whether a record of ``level`` is sent where ``configured`` is the function's level."""
    return LEVELS.index(level) >= LEVELS.index(configured)


def application_level(text: str, *, error: bool) -> str:
    """The level of one log event of the code: what its JSON says, INFO where it says nothing valid.

    ``error`` marks what AWS's own runtime client logged as an error.
    """
    if error:
        return "ERROR"
    try:
        document = json.loads(text) if text.startswith("{") else None
    except (ValueError, RecursionError):
        return "INFO"
    if not isinstance(document, dict) or not any(isinstance(document.get(name), str) for name in TIMESTAMPS):
        return "INFO"
    named = str(document.get("level", "")).upper()
    level = SAME_LEVEL.get(named, named)
    return level if level in LEVELS else "INFO"


def record(time: str, kind: str, content: dict[str, Any]) -> str:
    """One record as a line. ``time`` is the moment as AWS writes it."""
    return json.dumps({"time": time, "type": f"platform.{kind}", "record": content}, separators=(",", ":"))


def init_start(function: Function, phase: Init) -> dict[str, Any]:
    """platform.initStart."""
    name, arn = runtime_version(function.runtime)
    return {**_init(function, phase), "runtimeVersion": name, "runtimeVersionArn": arn}


def init_runtime_done(function: Function, phase: Init, status: Status, error_type: str | None) -> dict[str, Any]:
    """platform.initRuntimeDone."""
    return {**_init(function, phase), **_outcome(status, error_type)}


def init_report(
    function: Function, phase: Init, status: Status, error_type: str | None, duration: Micros
) -> dict[str, Any]:
    """platform.initReport."""
    return {**_init(function, phase), **_outcome(status, error_type), "metrics": {"durationMs": duration / 1_000}}


def start(request_id: str, version: str, tracing: dict[str, str] | None = None) -> dict[str, Any]:
    """platform.start. ``tracing`` is the trace context of a traced invocation."""
    return {"requestId": request_id, "version": version, **_traced(tracing)}


def runtime_done(
    request_id: str,
    status: Status,
    error_type: str | None,
    *,
    started: str,
    duration: Micros,
    produced_bytes: int,
    tracing: dict[str, str] | None = None,
) -> dict[str, Any]:
    """platform.runtimeDone. ``started`` is the moment at which the handler began; a timeout has no answer to time."""
    took = duration / 1_000
    answered = {"spans": [{"name": "responseLatency", "start": started, "durationMs": took}]}
    return {
        "requestId": request_id,
        **_outcome(status, error_type),
        **({} if status == "timeout" else answered),
        "metrics": {"durationMs": took, "producedBytes": produced_bytes},
        **_traced(tracing),
    }


def report(
    request_id: str,
    status: Status,
    error_type: str | None,
    *,
    duration: Micros,
    init: Micros | None,
    memory_mb: int,
    max_memory_mb: int,
    tracing: dict[str, str] | None = None,
) -> dict[str, Any]:
    """platform.report."""
    metrics: dict[str, Any] = {
        "durationMs": duration / 1_000,
        "billedDurationMs": billed_ms(duration, init),
        "memorySizeMB": memory_mb,
        "maxMemoryUsedMB": max_memory_mb,
    }
    if init is not None:
        metrics["initDurationMs"] = init / 1_000
    return {"requestId": request_id, "metrics": metrics, **_outcome(status, error_type), **_traced(tracing)}


def level_of(kind: str, status: Status = "success", *, provisioned: bool = False) -> str:
    """The level of a platform record; initReport has another one where the environment was provisioned."""
    if status != "success":
        return "WARN"
    if kind == "initReport":
        return "INFO" if provisioned else "DEBUG"
    return "DEBUG" if kind in ("initRuntimeDone", "runtimeDone") else "INFO"


def _init(function: Function, phase: Init) -> dict[str, Any]:
    return {"initializationType": function.initialization, "phase": phase}


def _outcome(status: Status, error_type: str | None) -> dict[str, Any]:
    return {"status": status} | ({"errorType": error_type} if error_type and status == "error" else {})


def _traced(tracing: dict[str, str] | None) -> dict[str, Any]:
    return {} if tracing is None else {"tracing": tracing}
