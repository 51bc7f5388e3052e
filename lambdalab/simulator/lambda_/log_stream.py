"""What an environment writes into its log stream: the platform's lines and the code's, in the function's log format.

Source: facts B.4 and H.2. Text is the default and has no levels; in JSON both kinds are filtered by their level.
"""

from __future__ import annotations

import base64
from collections import deque
from typing import Any, Literal

import msgspec

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.lambda_ import log_records
from lambdalab.simulator.lambda_.environments import Environment
from lambdalab.simulator.lambda_.handlers import LoggedLine
from lambdalab.simulator.trace import platform_lines
from lambdalab.simulator.trace.facts import InvocationEnded, InvocationStarted, LogLine
from lambdalab.simulator.vocabulary.quotas import LOG_TAIL_BYTES


class XRay(msgspec.Struct, frozen=True):
    """The trace of a sampled invocation: its root, the function's segment, and the header that led to it."""

    root: str
    segment: str
    header: str

    def context(self) -> dict[str, str]:
        """As a platform record has it."""
        return {"spanId": self.segment, "type": "X-Amzn-Trace-Id", "value": self.header}


def write_application(world: World, environment: Environment, request_id: str | None, line: LoggedLine) -> None:
    """One log event of the code."""
    config = environment.function.logging
    if config.is_json:
        level = log_records.application_level(line.text, error=line.error)
        if not log_records.passes(level, config.application_level):
            return
    _write(world, environment, request_id, line.text, "error" if line.error else "plain", "function")


def init_started(world: World, environment: Environment, phase: Literal["init", "invoke"]) -> None:
    """INIT begins. In text, only the first INIT of an environment is told."""
    if environment.function.logging.is_json:
        _record(world, environment, None, "initStart", log_records.init_start(environment.function, phase))
    elif phase == "init":
        _platform(world, environment, None, platform_lines.init_start(environment.function.runtime))


def init_ended(
    world: World,
    environment: Environment,
    phase: Literal["init", "invoke"],
    took: Micros,
    status: Literal["ok", "error", "timeout"],
    error_type: str | None,
) -> None:
    """INIT is over. In text, only a failure is told."""
    if not environment.function.logging.is_json:
        if status != "ok":
            _platform(world, environment, None, platform_lines.init_report(took, phase, status, error_type))
        return
    outcome: log_records.Status = "success" if status == "ok" else status
    done = log_records.init_runtime_done(environment.function, phase, outcome, error_type)
    _record(world, environment, None, "initRuntimeDone", done, outcome)
    report = log_records.init_report(environment.function, phase, outcome, error_type, took)
    _record(world, environment, None, "initReport", report, outcome)


def provisioned(world: World, environment: Environment, took: Micros) -> None:
    """INIT of a provisioned environment went well. In text, nothing else tells of it (assumption A-25)."""
    if not environment.function.logging.is_json:
        _platform(world, environment, None, platform_lines.init_report(took, "init", "success", None))


def is_plain(environment: Environment, *, traced: bool) -> bool:
    """Whether START, END and REPORT are what the facts of the invocation say, and need none of their own.

    They are not in JSON, nor where X-Ray adds to them, nor without the rights to log.
    """
    return environment.logs_are_kept and not traced and environment.function.logging.format == "Text"


def started(world: World, environment: Environment, beginning: InvocationStarted, xray: XRay | None) -> None:
    """START."""
    if beginning.logged:
        if environment.log is not None:
            environment.log.started(beginning)
        if environment.log_tail is not None:
            _keep_tail(environment.log_tail, platform_lines.start_of(beginning))
        return
    request_id = beginning.request_id
    if environment.function.logging.format == "Text":
        _platform(world, environment, request_id, platform_lines.start_of(beginning))
        return
    content = log_records.start(request_id, environment.version, xray.context() if xray else None)
    _record(world, environment, request_id, "start", content)


def ended(world: World, environment: Environment, ending: InvocationEnded, answer: str, xray: XRay | None) -> None:
    """END and REPORT. ``answer`` is the whole of what the fact ``ending`` may have cut."""
    if ending.logged:
        if environment.log is not None:
            environment.log.ended(ending)
        if environment.log_tail is not None:
            _keep_tail(environment.log_tail, platform_lines.end_of(ending))
            _keep_tail(environment.log_tail, platform_lines.report_of(ending))
        return
    if environment.function.logging.format != "Text":
        _ended_json(world, environment, ending, answer, xray)
        return
    _platform(world, environment, ending.request_id, platform_lines.end_of(ending))
    report = platform_lines.report_of(ending)
    if xray is not None:
        report += platform_lines.xray(xray.root, xray.segment)
    _platform(world, environment, ending.request_id, report)


def _ended_json(
    world: World, environment: Environment, ending: InvocationEnded, answer: str, xray: XRay | None
) -> None:
    status: log_records.Status = (
        "success" if ending.status == "ok" else "timeout" if ending.status == "timeout" else "error"
    )
    duration, tracing = Micros(ending.duration_us), xray.context() if xray else None
    done = log_records.runtime_done(
        ending.request_id,
        status,
        ending.error_type,
        started=world.timestamp(Micros(world.kernel.now - duration)),
        duration=duration,
        produced_bytes=0 if status == "timeout" else len(answer.encode()),
        tracing=tracing,
    )
    _record(world, environment, ending.request_id, "runtimeDone", done, status)
    report = log_records.report(
        ending.request_id,
        status,
        ending.error_type,
        duration=duration,
        init=None if ending.init_us is None else Micros(ending.init_us),
        memory_mb=environment.function.memory_mb,
        max_memory_mb=ending.max_memory_mb,
        tracing=tracing,
    )
    _record(world, environment, ending.request_id, "report", report, status)


def tail(environment: Environment) -> str:
    """The last 4 KB of what the environment has logged for one request, in base64: ``LogResult``. BC Invoke."""
    text = "\n".join(environment.log_tail or ())
    if not environment.function.logging.is_json:
        text += "\n"
    return base64.b64encode(text.encode("utf-8", "replace")[-LOG_TAIL_BYTES:]).decode()


def _record(
    world: World,
    environment: Environment,
    request_id: str | None,
    kind: str,
    content: dict[str, Any],
    status: log_records.Status = "success",
) -> None:
    level = log_records.level_of(kind, status, provisioned=environment.provisioned)
    if log_records.passes(level, environment.function.logging.system_level):
        _platform(world, environment, request_id, log_records.record(world.timestamp(), kind, content))


def _platform(world: World, environment: Environment, request_id: str | None, text: str) -> None:
    _write(world, environment, request_id, text, "plain", "platform")


def _write(
    world: World,
    environment: Environment,
    request_id: str | None,
    text: str,
    level: Literal["error", "plain"],
    source: Literal["platform", "function"],
) -> None:
    if environment.logs_are_kept:
        world.trace.record(LogLine(environment.function.name, environment.id, request_id, source, level, text))
        if environment.log is not None:
            environment.log.line(text)
    if environment.log_tail is not None:
        _keep_tail(environment.log_tail, text)


def _keep_tail(kept: deque[str], text: str) -> None:
    kept.append(text)
    while len(kept) > 1 and sum(map(len, kept)) - len(kept[0]) > LOG_TAIL_BYTES:
        kept.popleft()
