"""The player's data: everything a page needs to draw a run, from one fold over its trace."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from lambdalab.simulator.kernel import MINUTE, SECOND
from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.trace.explain import Explainer
from lambdalab.simulator.trace.platform_lines import end_of, report_of, start_of
from lambdalab.simulator.trace.stamp import Stamped
from lambdalab.simulator.views import embedded
from lambdalab.simulator.views.bill import BillFold
from lambdalab.simulator.views.fold import Take, by_type
from lambdalab.simulator.views.metrics import MetricsFold
from lambdalab.simulator.views.story import StoryFold
from lambdalab.simulator.views.timeline import TimelineFold
from lambdalab.simulator.views.x_ray import TraceFold
from lambdalab.simulator.vocabulary.metrics import METRICS as DEFINED

LOGS_MAX = 2_000
EVENTS_MAX = 2_000
ERRORS_MAX = 1_000  # different ones; the commonest fifty are shown
METRICS = (  # metric, statistic shown, tone
    ("Invocations", "sum", None),
    ("Errors", "sum", "err"),
    ("Throttles", "sum", "thr"),
    ("Duration", "p99", None),
    ("ConcurrentExecutions", "max", None),
    ("AsyncEventsReceived", "sum", None),
    ("AsyncEventAge", "max", "thr"),
    ("AsyncEventsDropped", "sum", "err"),
    ("DeadLetterErrors", "sum", "err"),
    ("DestinationDeliveryFailures", "sum", "err"),
    ("IteratorAge", "max", "thr"),
)
COST_LABEL = "Cost per million invocations"
STATISTIC = {"sum": "Sum", "max": "Maximum", "p99": "p99"}


class PlayerFold:
    """Folds a trace into the player's JSON. Its shape is versioned; a change of meaning raises ``version``."""

    def __init__(self) -> None:
        self.explainer = Explainer()
        self._timeline = TimelineFold(self.explainer)
        self._story = StoryFold(self.explainer)
        self._metrics = MetricsFold()
        self._bill = BillFold()
        self._trace = TraceFold()
        self._names: dict[str, str] = {}
        self._run: f.RunStarted | None = None
        self._ended: f.RunEnded | None = None
        self._logs: list[dict[str, Any]] = []
        self._logs_left_out = 0
        self._events: dict[str, dict[str, str]] = {}
        self._errors: Counter[tuple[str | None, int | None, str]] = Counter()
        self._counts: Counter[str] = Counter()
        self._checks: list[dict[str, Any]] = []
        self._end_us = 0
        first: dict[type, Take] = {  # what the sentences of the other folds need
            f.FunctionDeployed: lambda at, fact: self.explainer.note(fact),
            f.AsyncEventReceived: lambda at, fact: self.explainer.note(fact),
            f.MappingConfigured: lambda at, fact: self.explainer.note(fact),
        }
        parts = (self._timeline, self._story, self._metrics, self._bill, self._trace)
        self._takes = by_type(first, *(part.takes for part in parts), self._own())

    def add(self, stamped: Stamped) -> None:
        """Take one fact in."""
        self._end_us, _, fact = stamped
        for take in self._takes.get(type(fact), ()):
            take(self._end_us, fact)

    def sentence(self) -> str:
        """What has happened so far, in one sentence."""
        return self._story.result()[0]

    def _own(self) -> dict[type, Take]:
        return {
            f.RunStarted: self._run_started,
            f.RunEnded: self._run_ended,
            f.FunctionDeployed: self._deployed,
            f.LogLine: self._logged,
            f.InvocationStarted: self._started,
            f.InvocationEnded: self._invocation_ended,
            f.InvocationThrottled: self._throttled,
            f.AsyncEventReceived: self._name,
            f.AsyncEventDeadLettered: self._dead_lettered,
            f.CheckEvaluated: self._checked,
        }

    def _run_started(self, at: int, fact: f.RunStarted) -> None:
        self._run = fact

    def _run_ended(self, at: int, fact: f.RunEnded) -> None:
        self._ended = fact

    def _deployed(self, at: int, fact: f.FunctionDeployed) -> None:
        self._names[fact.function] = fact.shown_as

    def _started(self, at: int, fact: f.InvocationStarted) -> None:
        self._counts["invocations"] += 1
        self._counts["cold_starts"] += fact.cold
        self._name(at, fact)
        if fact.logged:
            self._show(at, fact, "platform", start_of(fact))

    def _throttled(self, at: int, fact: f.InvocationThrottled) -> None:
        self._counts["throttles"] += 1

    def _dead_lettered(self, at: int, fact: f.AsyncEventDeadLettered) -> None:
        self._counts["dead_lettered"] += 1

    def _checked(self, at: int, fact: f.CheckEvaluated) -> None:
        keys = ("id", "says", "passed", "actual", "expected", "comparison", "hidden")
        self._checks.append({key: getattr(fact, key) for key in keys})

    def _name(self, at: int, fact: f.InvocationStarted | f.AsyncEventReceived) -> None:
        if len(self._events) < EVENTS_MAX:
            self._events.setdefault(fact.request_id, {"label": self.explainer.label(fact.request_id)})

    def _invocation_ended(self, at: int, fact: f.InvocationEnded) -> None:
        if fact.logged:
            self._show(at, fact, "platform", end_of(fact))
            self._show(at, fact, "platform", report_of(fact))
        if fact.status != "ok":
            self._failed(fact)

    def _failed(self, fact: f.InvocationEnded) -> None:
        self._counts["errors"] += 1
        what = "Timed out" if fact.status == "timeout" else fact.error_type or "failed"
        place = (fact.file, fact.line, what)
        if place in self._errors or len(self._errors) < ERRORS_MAX:
            self._errors[place] += 1

    def _logged(self, at: int, fact: f.LogLine) -> None:
        if fact.source == "function" and self._run is not None:
            found = embedded.read(fact.text, self._run.epoch_us + at)
            if found is not None:
                self._bill.take_in(*found)
        kind = "platform" if fact.source == "platform" else "error" if fact.level == "error" else "app"
        self._show(at, fact, kind, fact.text)

    def _show(self, at: int, fact: f.LogLine | f.InvocationStarted | f.InvocationEnded, kind: str, text: str) -> None:
        """One line of the logs."""
        if len(self._logs) >= LOGS_MAX:
            self._logs_left_out += 1
            return
        self._logs.append(
            {
                "t": at / SECOND,
                "lane": fact.environment,
                "event": fact.request_id,
                "kind": kind,
                "text": text[:4096],
            }
        )

    def result(self) -> dict[str, Any]:
        """The player's JSON."""
        lanes, items = self._timeline.result(self._end_us)
        sentence, verdict = self._story.result()
        started = dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(
            microseconds=self._run.epoch_us if self._run else 0
        )
        total, per_million = self._bill.total(self._end_us), self._bill.per_million(self._end_us)
        each = self._bill.per_million_invocations(self._end_us)
        return {
            "version": 1,
            "started_at": started.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "end_s": self._end_us / SECOND,
            "sentence": sentence,
            "because": self._story.because(),
            "verdict": verdict,
            "notes": list(self._run.notes) if self._run else [],
            "events": self._events,
            "lanes": lanes,
            "items": items,
            "logs": self._logs,
            "logs_left_out": self._logs_left_out,
            "metrics": self._metric_series(),
            "trace": self._trace.result(),
            "bill": {
                "rows": self._bill.rows(self._end_us),
                "total_usd": total,
                "per_million_usd": per_million,
                "note": "us-east-1, without the free tier",
            },
            "stats": self._stats(each),
            "checks": self._checks,
            "errors": [
                {"file": file, "line": line, "message": what, "count": count}
                for (file, line, what), count in self._errors.most_common(50)
            ],
            "reproducible": self._ended.reproducible if self._ended else True,
            "stopped": self._ended.stopped if self._ended else None,
        }

    def _stats(self, per_million_invocations_usd: float | None) -> list[dict[str, Any]]:
        rows = [
            {"label": label, "key": key, "value": self._counts[key]}
            for label, key in (
                ("Invocations", "invocations"),
                ("Errors", "errors"),
                ("Throttles", "throttles"),
                ("Cold starts", "cold_starts"),
                ("Dead-lettered", "dead_lettered"),
            )
        ]
        if per_million_invocations_usd is None:
            return rows
        cost = {"label": COST_LABEL, "key": "per_million_invocations_usd", "value": per_million_invocations_usd}
        return [*rows, cost]

    def _metric_series(self) -> list[dict[str, Any]]:
        table = self._metrics.result()
        minutes = max(1, -(-self._end_us // MINUTE))
        series = []
        for metric, statistic, tone in METRICS:
            for function, rows in table.get(metric, {}).items():
                if function not in self._names:  # the account's, or a version's: its function's are drawn
                    continue
                values: list[float | None] = [None] * minutes
                for row in rows:
                    minute = int(row["t_s"] // 60)
                    if minute < minutes:
                        values[minute] = round(row[statistic], 3)
                series.append(
                    {
                        "name": metric,
                        "unit": DEFINED[metric].unit,
                        "stat": STATISTIC[statistic],
                        "function": self._names.get(function, function),
                        "period_s": 60,
                        "values": values,
                        "tone": tone,
                    }
                )
        return series
