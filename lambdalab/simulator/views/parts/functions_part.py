"""The summary's ``functions``."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.trace.facts import (
    EnvironmentCreated,
    EnvironmentEnded,
    FunctionDeployed,
    InvocationEnded,
    InvocationStarted,
    InvocationThrottled,
)
from lambdalab.simulator.views.distribution import Distribution
from lambdalab.simulator.views.fold import Take
from lambdalab.simulator.views.metrics import MetricsFold
from lambdalab.simulator.views.series import Row
from lambdalab.simulator.vocabulary.json_values import too_deep

RESULTS_MAX = 100


@dataclass(slots=True)
class _Row:
    invocations: int = 0
    errors: int = 0
    throttles: int = 0
    cold_starts: int = 0
    timeouts: int = 0
    out_of_memory: int = 0
    environments: int = 0
    environments_max: int = 0
    billed_ms: int = 0
    init_ms: float = 0.0
    max_memory_mb: int = 0
    by_version: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_source: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    results: list[Any] = field(default_factory=list)
    result_count: int = 0
    last_error: dict[str, Any] | None = None


class FunctionsPart:
    """Counts what functions did. How long they took, and how many at once, the metrics know."""

    def __init__(self, metrics: MetricsFold) -> None:
        self._metrics = metrics
        self._rows: dict[str, _Row] = {}
        self.takes: dict[type, Take] = {
            FunctionDeployed: self._deployed,
            InvocationStarted: self._started,
            InvocationEnded: self._ended,
            InvocationThrottled: self._throttled,
            EnvironmentCreated: self._environment_created,
            EnvironmentEnded: self._environment_ended,
        }

    def _deployed(self, at: int, fact: FunctionDeployed) -> None:
        self._rows.setdefault(fact.function, _Row())  # it may come back to its stack

    def _throttled(self, at: int, fact: InvocationThrottled) -> None:
        self._rows[fact.function].throttles += 1

    def _environment_created(self, at: int, fact: EnvironmentCreated) -> None:
        row = self._rows[fact.function]
        row.environments += 1
        row.environments_max = max(row.environments_max, row.environments)

    def _environment_ended(self, at: int, fact: EnvironmentEnded) -> None:
        self._rows[fact.function].environments -= 1

    def _started(self, at: int, fact: InvocationStarted) -> None:
        row = self._rows[fact.function]
        row.cold_starts += fact.cold
        row.by_source[fact.source] += 1

    def _ended(self, at: int, fact: InvocationEnded) -> None:
        row = self._rows[fact.function]
        row.invocations += 1
        row.billed_ms += fact.billed_ms
        if fact.init_us is not None:
            row.init_ms += fact.init_us / 1_000
        if fact.max_memory_mb > row.max_memory_mb:
            row.max_memory_mb = fact.max_memory_mb
        row.by_version[fact.version] += 1
        if fact.status == "ok":
            row.result_count += 1
            if len(row.results) < RESULTS_MAX:
                row.results.append(_value(fact.payload))
            return
        row.errors += 1
        row.timeouts += fact.status == "timeout"
        row.out_of_memory += fact.status == "out_of_memory"
        row.last_error = {"type": fact.error_type, "message": fact.error_message, "request_id": fact.request_id}

    def result(self, names: dict[str, str]) -> dict[str, Any]:
        """``functions`` of the summary."""
        return {names[name]: _shown(row, self._metrics.of_function(name)) for name, row in self._rows.items()}


def _shown(row: _Row, measured: Row) -> dict[str, Any]:
    return {
        "invocations": row.invocations,
        "errors": row.errors,
        "throttles": row.throttles,
        "cold_starts": row.cold_starts,
        "timeouts": row.timeouts,
        "out_of_memory": row.out_of_memory,
        "concurrent_max": measured.busy.peak,
        "environments_max": row.environments_max,
        "billed_ms": row.billed_ms,
        "init_ms": round(row.init_ms, 3),
        "duration_ms": _durations(measured.all_durations()),
        "max_memory_mb": row.max_memory_mb,
        "by_version": dict(row.by_version),
        "by_source": _kinds(row.by_source),
        "results": row.results,
        "result_count": row.result_count,
        "last_error": row.last_error,
    }


def _kinds(sources: dict[str, int]) -> dict[str, int]:
    """Invocations by what kind of source asked: all queues together, all functions together."""
    kinds: Counter[str] = Counter()
    for source, count in sources.items():
        kinds[source.split("/", 1)[0]] += count
    return dict(kinds)


def _durations(durations: Distribution) -> dict[str, float | None]:
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
    if not durations:
        return dict.fromkeys(shares)
    return dict(zip(shares, durations.percentiles(shares.values()), strict=True))


def _value(payload: str) -> Any:
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):  # cut after 4 KB, or nested as deep as that
        return payload
    return payload if too_deep(value) else value
