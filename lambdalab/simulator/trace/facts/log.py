"""Facts about CloudWatch Logs: one log event each."""

from __future__ import annotations

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


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
