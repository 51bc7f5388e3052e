"""The platform's log lines in the text format, byte for byte. Source: fact B.4 (LS invocation_with_logs, DG26).

Tabs separate fields. START, END and REPORT say nothing that ``invocation.started`` and ``invocation.ended`` do not say:
where those are ``logged`` the lines are in the log, and no fact repeats them (decision 21).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.trace.facts import InvocationEnded, InvocationStarted, LogLine
from lambdalab.simulator.trace.stamp import Stamped
from lambdalab.simulator.vocabulary.arns import REGION
from lambdalab.simulator.vocabulary.utf8 import utf8_size

START_BYTES = len("START RequestId:  Version: ")
END_AND_REPORT_BYTES = len("END RequestId: ") + len(
    "REPORT RequestId: \tDuration:  ms\tBilled Duration:  ms\tMemory Size:  MB\tMax Memory Used:  MB\t"
)
KILLS_RUNTIME = frozenset(("timeout", "exit", "out_of_memory", "init_error"))  # a thrown exception does not. Fact B.2


def init_start(runtime: str) -> str:
    """INIT_START, with the runtime's version and ARN."""
    name, arn = runtime_version(runtime)
    return f"INIT_START Runtime Version: {name}\tRuntime Version ARN: {arn}"


def runtime_version(runtime: str) -> tuple[str, str]:
    """The version of a runtime (``python:3.13.v50``) and its ARN."""
    name = f"{runtime.rstrip('0123456789.')}:{runtime.lstrip('abcdefghijklmnopqrstuvwxyz')}.v50"
    digest = hashlib.sha256(name.encode()).hexdigest()
    return name, f"arn:aws:lambda:{REGION}::runtime:{digest}"


def init_report(duration: Micros, phase: str, status: str, error_type: str | None) -> str:
    """INIT_REPORT, written when INIT failed or timed out."""
    line = f"INIT_REPORT Init Duration: {_ms(duration)} ms\tPhase: {phase}\tStatus: {status}"
    return line + (f"\tError Type: {error_type}" if error_type else "")


def start_of(fact: InvocationStarted) -> str:
    """START."""
    return f"START RequestId: {fact.request_id} Version: {fact.version}"


def end_of(fact: InvocationEnded) -> str:
    """END."""
    return f"END RequestId: {fact.request_id}"


def report_of(fact: InvocationEnded) -> str:
    """REPORT. It names a status where the runtime was killed, and an error type where that was not by a timeout."""
    line = (
        f"REPORT RequestId: {fact.request_id}\tDuration: {fact.duration_us / 1_000:.2f} ms"
        f"\tBilled Duration: {fact.billed_ms} ms\tMemory Size: {fact.memory_mb} MB"
        f"\tMax Memory Used: {fact.max_memory_mb} MB\t"
    )
    if fact.init_us is not None:
        line += f"Init Duration: {_ms(Micros(fact.init_us))} ms\t"
    if fact.status not in KILLS_RUNTIME:
        return line
    if fact.status == "timeout":
        return f"{line}Status: timeout"
    return f"{line}Status: error" + (f"\tError Type: {fact.error_type}" if fact.error_type else "")


def start_size(fact: InvocationStarted) -> int:
    """The bytes of START, without writing it: who counts what a log holds asks for every invocation of a run."""
    return START_BYTES + len(fact.request_id) + len(fact.version)


def end_and_report_size(fact: InvocationEnded) -> int:
    """The bytes of END and REPORT together. An error in INIT may have any name that a class can have."""
    rounds_up = fact.duration_us % 10_000 >= 9_995  # perhaps to one digit more
    if rounds_up or fact.init_us is not None or fact.status in KILLS_RUNTIME:
        return utf8_size(end_of(fact)) + utf8_size(report_of(fact))
    drawn = f"{fact.duration_us // 1_000}{fact.billed_ms}{fact.memory_mb}{fact.max_memory_mb}"
    return END_AND_REPORT_BYTES + len(".00") + 2 * len(fact.request_id) + len(drawn)


def with_platform_lines(facts: Iterable[Stamped]) -> Iterator[Stamped]:
    """A trace with the lines that follow from its facts, each behind its fact, and with that fact's number."""
    for stamped in facts:
        yield stamped
        fact = stamped.fact
        if isinstance(fact, InvocationStarted | InvocationEnded) and fact.logged:
            texts = (start_of(fact),) if isinstance(fact, InvocationStarted) else (end_of(fact), report_of(fact))
            for text in texts:
                line = LogLine(fact.function, fact.environment, fact.request_id, "platform", "plain", text)
                yield Stamped(stamped.at, stamped.seq, line)


def xray(root: str, segment: str) -> str:
    """The line that a traced invocation's REPORT has below it, in the same log event. Fact B.4."""
    return f"\nXRAY TraceId: {root}\tSegmentId: {segment}\tSampled: true"


def billed_ms(duration: Micros, init: Micros | None) -> int:
    """Billed Duration: the sum of duration and INIT, rounded up to a millisecond. Fact B.3, since 2025-08-01."""
    return -(-(duration + (init or 0)) // 1_000)


def _ms(value: Micros) -> str:
    return f"{value / 1_000:.2f}"
