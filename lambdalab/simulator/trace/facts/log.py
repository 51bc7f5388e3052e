"""Facts about CloudWatch Logs: one log event each."""

from __future__ import annotations

__all__ = ("LogFact", "LogLine", "LoggingConfigured", "LogsRefused")

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class LoggingConfigured(Recorded, frozen=True):
    """A function logs in another way than most: not as text, or into a log group of its own choice."""

    kind: ClassVar[Literal["function.logging_configured"]] = "function.logging_configured"
    function: str
    log_format: str
    application_level: str
    system_level: str
    log_group: str


class LogsRefused(Recorded, frozen=True):
    """What a function logs is lost from here on: its role may not take this action, and ``why`` says what it lacks.

    The function itself works all the same. Told once for each function, log group and action.
    """

    kind: ClassVar[Literal["log.refused"]] = "log.refused"
    function: str
    log_group: str
    action: str
    why: str


class LogLine(Recorded, frozen=True):
    """One log event. ``source`` is ``platform`` for Lambda's own lines, ``function`` for the student's code.

    A student may print a line that looks like REPORT; its source says what it is.
    """

    kind: ClassVar[Literal["log.line"]] = "log.line"
    function: str
    environment: str
    request_id: str | None
    source: Literal["platform", "function"]
    level: Literal["error", "plain"]
    text: str


LogFact = LoggingConfigured | LogsRefused | LogLine
