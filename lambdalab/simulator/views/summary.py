"""The summary of a run: what checks, quizzes and scripts query. Its keys are a public contract (docs: labs)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lambdalab.simulator.kernel import SECOND, Micros
from lambdalab.simulator.trace.facts import (
    ApiCalled,
    CheckEvaluated,
    FunctionDeployed,
    InvocationEnded,
    InvocationStarted,
    InvocationThrottled,
    LogEventsPut,
    LoggingConfigured,
    LogLine,
    RunStarted,
)
from lambdalab.simulator.trace.platform_lines import end_and_report_size, end_of, report_of, start_of, start_size
from lambdalab.simulator.trace.stamp import Entry
from lambdalab.simulator.views import embedded
from lambdalab.simulator.views.bill import BillFold
from lambdalab.simulator.views.custom_metrics import CustomMetrics
from lambdalab.simulator.views.fold import Take, by_type
from lambdalab.simulator.views.measured import Measured
from lambdalab.simulator.views.metrics import MetricsFold, named
from lambdalab.simulator.views.parts.async_part import AsyncPart
from lambdalab.simulator.views.parts.batch_jobs_part import BatchJobsPart
from lambdalab.simulator.views.parts.buckets_part import BucketsPart
from lambdalab.simulator.views.parts.buses_part import BusesPart
from lambdalab.simulator.views.parts.deployments_part import DeploymentsPart
from lambdalab.simulator.views.parts.distributions_part import DistributionsPart
from lambdalab.simulator.views.parts.endpoints_part import EndpointsPart
from lambdalab.simulator.views.parts.firehoses_part import FirehosesPart
from lambdalab.simulator.views.parts.functions_part import FunctionsPart
from lambdalab.simulator.views.parts.http_part import HttpPart
from lambdalab.simulator.views.parts.machines_part import MachinesPart
from lambdalab.simulator.views.parts.mappings_part import MappingsPart
from lambdalab.simulator.views.parts.pipelines_part import PipelinesPart
from lambdalab.simulator.views.parts.pools_part import PoolsPart
from lambdalab.simulator.views.parts.stores_part import StoresPart
from lambdalab.simulator.views.parts.streams_part import StreamsPart
from lambdalab.simulator.views.segments import SegmentsFold
from lambdalab.simulator.vocabulary.metrics import NAMESPACE
from lambdalab.simulator.vocabulary.utf8 import utf8_size

LOG_LINES_MAX = 2_000
STREAMS_REMEMBERED_MAX = 100  # their numbers are read once more when they come again
EVENT_BYTES = 26  # what an event of a log weighs beside its text. CloudWatch Logs, PutLogEvents

Logged = LogLine | InvocationStarted | InvocationEnded


@dataclass(slots=True)
class _LogGroup:
    """What a function has logged: the first lines, and how much in all."""

    streams: dict[str, int] = field(default_factory=dict)  # by function: several may share a group
    stored_bytes: int = 0
    lines: list[dict[str, Any]] = field(default_factory=list)
    counted: set[str] = field(default_factory=set)  # environments whose numbers were looked at, the latest ones

    def count(self, fact: Logged) -> None:
        """Count the stream of an environment."""
        if len(self.counted) >= STREAMS_REMEMBERED_MAX:
            self.counted.clear()
        self.counted.add(fact.environment)
        number = int(fact.environment.rsplit("/", 1)[-1])
        self.streams[fact.function] = max(self.streams.get(fact.function, 0), number)

    def started(self, at: int, fact: InvocationStarted) -> None:
        """START of an environment."""
        if fact.environment not in self.counted:
            self.count(fact)
        self.stored_bytes += start_size(fact) + EVENT_BYTES
        if len(self.lines) < LOG_LINES_MAX:
            self.keep(at, fact, start_of(fact))

    def ended(self, at: int, fact: InvocationEnded) -> None:
        """END and REPORT of an environment."""
        self.stored_bytes += end_and_report_size(fact) + 2 * EVENT_BYTES
        if len(self.lines) < LOG_LINES_MAX:
            self.keep(at, fact, end_of(fact))
            self.keep(at, fact, report_of(fact))

    def line(self, at: int, fact: LogLine) -> None:
        """Any other event of an environment."""
        if fact.environment not in self.counted:
            self.count(fact)
        self.stored_bytes += utf8_size(fact.text) + EVENT_BYTES
        self.keep(at, fact, fact.text)

    def keep(self, at: int, fact: Logged, text: str) -> None:
        """One of the lines that are shown, while there is room for it."""
        if len(self.lines) < LOG_LINES_MAX:
            row = {"at_s": at / SECOND, "stream": fact.environment, "request_id": fact.request_id}
            self.lines.append(row | {"text": text[:4096]})

    def put(self, at: int, fact: LogEventsPut) -> None:
        """What a call has put there. Its stream is one of its own."""
        self.streams[f"put/{fact.log_stream}"] = 1
        for _, text in fact.events:
            self.stored_bytes += utf8_size(text) + EVENT_BYTES
            if len(self.lines) < LOG_LINES_MAX:
                row = {"at_s": at / SECOND, "stream": fact.log_stream, "request_id": None}
                self.lines.append(row | {"text": text[:4096]})

    def shown(self) -> dict[str, Any]:
        return {"streams": sum(self.streams.values()), "lines": self.lines, "stored_bytes": self.stored_bytes}


class SummaryFold:
    """Folds a trace into its summary, fact by fact; memory is bounded whatever the trace's length."""

    def __init__(self) -> None:
        self._run: RunStarted | None = None
        self._epoch_us = 0
        self._facts = 0
        self._throttles = 0
        self._concurrent_max = 0
        self._names: dict[str, str] = {}
        self._calls: dict[str, dict[str, Any]] = {}
        self._logs: dict[str, _LogGroup] = {}
        self._log_of: dict[str, _LogGroup] = {}
        self._log_groups: dict[str, str] = {}
        self._checks: list[dict[str, Any]] = []
        self._metrics = MetricsFold()
        self._functions = FunctionsPart(self._metrics)
        self._async = AsyncPart()
        self._stores = StoresPart()
        self._buckets = BucketsPart()
        self._buses = BusesPart()
        self._machines = MachinesPart()
        self._pools = PoolsPart()
        self._pipelines = PipelinesPart()
        self._firehoses = FirehosesPart()
        self._batch_jobs = BatchJobsPart()
        self._mappings = MappingsPart()
        self._streams = StreamsPart()
        self._deployments = DeploymentsPart()
        self._endpoints = EndpointsPart()
        self._http = HttpPart()
        self._distributions = DistributionsPart()
        self._custom = CustomMetrics()
        self.metrics = Measured(self._metrics, self._custom)
        self._bill = BillFold()
        self._segments = SegmentsFold()
        self._at = 0
        own: dict[type, Take] = {
            RunStarted: self._started,
            FunctionDeployed: self._deployed,
            ApiCalled: self._called,
            LogLine: self._logged,
            InvocationStarted: self._invocation_started,
            InvocationEnded: self._invocation_ended,
            LogEventsPut: self._events_put,
            LoggingConfigured: self._logging_configured,
            InvocationThrottled: self._throttled,
            CheckEvaluated: self._checked,
        }
        parts = (
            self._functions,
            self._async,
            self._stores,
            self._buckets,
            self._buses,
            self._machines,
            self._pools,
            self._pipelines,
            self._firehoses,
            self._batch_jobs,
            self._mappings,
            self._streams,
            self._deployments,
            self._endpoints,
            self._http,
            self._distributions,
            self._metrics,
            self._custom,
            self._bill,
            self._segments,
        )
        self._takes = by_type(own, *(part.takes for part in parts))

    def add(self, batch: Iterable[Entry]) -> None:
        """Take facts in."""
        takes, at, seq = self._takes, self._at, self._facts
        for at, seq, fact in batch:  # noqa: B007, the last ones are kept
            for take in takes[type(fact)]:
                take(at, fact)
        self._at, self._facts = at, seq

    def result(self, now: Micros, stopped: str | None, reproducible: bool) -> dict[str, Any]:
        """The summary so far, in the shape of the contract."""
        run = self._run
        limit = run.concurrency_limit if run else 0
        bill_total = self._bill.total(now)
        return {
            "account": {
                "concurrency_limit": limit,
                "unreserved": limit - self._metrics.reserved,
                "concurrent_max": self._metrics.concurrent_max,
                "throttles": self._throttles,
            },
            "run": {
                "seed": run.seed if run else 0,
                "engine": run.engine if run else "",
                "started_at": run.epoch_us / SECOND if run else 0,
                "ended_at": (run.epoch_us + now) / SECOND if run else 0,
                "virtual_s": now / SECOND,
                "stopped": stopped,
                "facts": self._facts,
                "reproducible": reproducible,
            },
            "functions": self._functions.result(self._names),
            "async": self._async.result(self._names),
            "mappings": self._mappings.result(self._names, self._stores.queue_names() | self._streams.names()),
            **self._stores.result(self._at),
            "streams": self._streams.result(self._at),
            "buckets": self._buckets.result(),
            "endpoints": self._endpoints.result(),
            "http": self._http.answers(),
            "doors": self._http.doors(),
            "distributions": self._distributions.result(),
            **self._buses.result(),
            "machines": self._machines.result(),
            "pools": self._pools.result(),
            "pipelines": self._pipelines.result(),
            "firehoses": self._firehoses.result(),
            "batch_jobs": self._batch_jobs.result(),
            "calls": {name: {**row, "errors": dict(row["errors"])} for name, row in self._calls.items()},
            "metrics": {NAMESPACE: self._named_metrics(), **self._custom.result()},
            "logs": {name: group.shown() for name, group in self._logs.items()},
            "traces": self._segments.summary(now),
            "deployments": self._deployments.result(self._names),
            "bill": {
                "total_usd": bill_total,
                "free_tier_usd": self._bill.free_tier(),
                "by_function": self._bill.by_function(now),
                "per_million_usd": self._bill.per_million(now),
                "per_million_invocations_usd": self._bill.per_million_invocations(now),
            },
            "checks": self._checks,
        }

    def _named_metrics(self) -> dict[str, Any]:
        return {
            metric: {named(name, self._names): rows for name, rows in table.items()}
            for metric, table in self._metrics.result().items()
        }

    def _started(self, at: int, fact: RunStarted) -> None:
        self._run, self._epoch_us = fact, fact.epoch_us

    def _deployed(self, at: int, fact: FunctionDeployed) -> None:
        self._names[fact.function] = fact.shown_as

    def _throttled(self, at: int, fact: InvocationThrottled) -> None:
        self._throttles += 1

    def _called(self, at: int, fact: ApiCalled) -> None:
        name = _boto_name(fact.service, fact.operation)
        row = self._calls.get(name)
        if row is None:
            row = self._calls[name] = {"count": 0, "errors": Counter(), "denied": 0}
        row["count"] += 1
        if fact.error:
            row["errors"][fact.error] += 1
            row["denied"] += fact.status == 403

    def _logging_configured(self, at: int, fact: LoggingConfigured) -> None:
        if fact.log_group != f"/aws/lambda/{fact.function}":
            self._log_groups[fact.function] = fact.log_group

    def _log_group(self, function: str) -> _LogGroup:
        """Where it logs."""
        name = self._log_groups.get(function) or f"/aws/lambda/{self._names.get(function, function)}"
        group = self._log_of[function] = self._logs.setdefault(name, _LogGroup())
        return group

    def _logged(self, at: int, fact: LogLine) -> None:
        (self._log_of.get(fact.function) or self._log_group(fact.function)).line(at, fact)
        if fact.source == "function":
            found = embedded.read(fact.text, self._epoch_us + at)
            if found is not None:
                self._custom.take_in(*found)
                self._bill.take_in(*found)

    def _invocation_started(self, at: int, fact: InvocationStarted) -> None:
        if fact.logged:
            (self._log_of.get(fact.function) or self._log_group(fact.function)).started(at, fact)

    def _invocation_ended(self, at: int, fact: InvocationEnded) -> None:
        if fact.logged:
            (self._log_of.get(fact.function) or self._log_group(fact.function)).ended(at, fact)

    def _events_put(self, at: int, fact: LogEventsPut) -> None:
        function = fact.log_group.removeprefix("/aws/lambda/")
        own = fact.log_group != function
        name = f"/aws/lambda/{self._names.get(function, function)}" if own else fact.log_group
        self._logs.setdefault(name, _LogGroup()).put(at, fact)

    def _checked(self, at: int, fact: CheckEvaluated) -> None:
        self._checks.append(
            {
                "id": fact.id,
                "says": fact.says,
                "passed": fact.passed,
                "actual": fact.actual,
                "expected": fact.expected,
                "comparison": fact.comparison,
                "hidden": fact.hidden,
            }
        )


@lru_cache(maxsize=1024)
def _boto_name(service: str, operation: str) -> str:
    words = "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(operation))
    return f"{service}.{words}"
