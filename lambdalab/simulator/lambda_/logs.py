"""The platform's log lines in the text format, byte for byte. Source: fact B.4 (LS invocation_with_logs, DG26).

Tabs separate fields."""

from __future__ import annotations

import hashlib

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.vocabulary.arns import REGION


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


def start(request_id: str, version: str) -> str:
    """START."""
    return f"START RequestId: {request_id} Version: {version}"


def end(request_id: str) -> str:
    """END."""
    return f"END RequestId: {request_id}"


def report(
    request_id: str,
    *,
    duration: Micros,
    init: Micros | None,
    memory_mb: int,
    max_memory_mb: int,
    status: str | None = None,
    error_type: str | None = None,
) -> str:
    """REPORT. ``init`` is given on a cold start only; ``status`` only when the invocation did not succeed in itself."""
    line = (
        f"REPORT RequestId: {request_id}\tDuration: {_ms(duration)} ms\tBilled Duration: {billed_ms(duration, init)} ms"
        f"\tMemory Size: {memory_mb} MB\tMax Memory Used: {max_memory_mb} MB"
    )
    if init is not None:
        line += f"\tInit Duration: {_ms(init)} ms"
    if status:
        line += f"\tStatus: {status}"
    if error_type:
        line += f"\tError Type: {error_type}"
    return line if status else f"{line}\t"


def xray(root: str, segment: str) -> str:
    """The line that a traced invocation's REPORT has below it, in the same log event. Fact B.4."""
    return f"\nXRAY TraceId: {root}\tSegmentId: {segment}\tSampled: true"


def billed_ms(duration: Micros, init: Micros | None) -> int:
    """Billed Duration: the sum of duration and INIT, rounded up to a millisecond. Fact B.3, since 2025-08-01."""
    return -(-(duration + (init or 0)) // 1_000)


def _ms(value: Micros) -> str:
    return f"{value / 1_000:.2f}"
