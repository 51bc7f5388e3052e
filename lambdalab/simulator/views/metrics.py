"""CloudWatch metrics of the namespace AWS/Lambda, per minute. Source: fact H.1; what each counts: vocabulary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.kernel import MINUTE, SECOND
from lambdalab.simulator.trace.facts import (
    AsyncEventDiscarded,
    AsyncEventDuplicated,
    AsyncEventReceived,
    AsyncEventSucceeded,
    DeadLetterFailed,
    DestinationFailed,
    FunctionDeployed,
    InvocationEnded,
    InvocationStarted,
    InvocationThrottled,
    RecursionStopped,
)
from lambdalab.simulator.views.distribution import Distribution
from lambdalab.simulator.views.fold import QueuedEvents, Take
from lambdalab.simulator.vocabulary.metrics import ALL_FUNCTIONS

LATEST = "$LATEST"
VALUES_PER_MINUTE_MAX = 10_000  # different ones; percentiles of more are rounded (see Distribution)

Statistics = dict[str, Any]


@dataclass(slots=True)
class _Series:
    """Samples of one metric of one function, which come in the order of time: only one minute's are held at once."""

    minute: int = 0
    ends: int = MINUTE
    samples: Distribution = field(default_factory=lambda: Distribution(VALUES_PER_MINUTE_MAX))
    closed: dict[int, Statistics] = field(default_factory=dict)

    def add(self, at: int, value: float) -> None:
        if at >= self.ends:
            self.turn(at // MINUTE)
        self.samples.add(value)

    def turn(self, minute: int) -> None:
        """A later minute begins."""
        if self.samples:
            self.closed[self.minute] = self.samples.statistics()
            self.samples = Distribution(VALUES_PER_MINUTE_MAX)
        self.minute, self.ends = minute, (minute + 1) * MINUTE

    def rows(self) -> dict[int, Statistics]:
        """Statistics by minute, the present one as far as it has come."""
        return self.closed | {self.minute: self.samples.statistics()} if self.samples else self.closed


@dataclass(slots=True)
class _Gauge:
    """A level: sampled when it rises, and once in each further minute in which it lasts."""

    series: _Series = field(default_factory=_Series)
    level: int = 0

    def move(self, at: int, level: int) -> None:
        if at >= self.series.ends:
            self._last_until(at // MINUTE)
        if level > self.level:
            self.series.samples.add(level)
        self.level = level

    def _last_until(self, minute: int) -> None:
        if not self.level:
            self.series.turn(minute)
            return
        for passed in range(self.series.minute + 1, minute + 1):
            self.series.turn(passed)
            self.series.samples.add(self.level)


Counts = dict[int, int]
"""A number for each minute."""


@dataclass(slots=True)
class _Row:
    """What is known of one name: of a function, of one of its versions, or of the account."""

    busy: _Gauge = field(default_factory=_Gauge)
    durations: _Series = field(default_factory=_Series)
    ages: _Series = field(default_factory=_Series)
    invocations: Counts = field(default_factory=dict)
    good: Counts = field(default_factory=dict)
    errors: Counts = field(default_factory=dict)
    counts: dict[str, Counts] = field(default_factory=dict)

    def ended(self, at: int, fact: InvocationEnded, duration_ms: float) -> None:
        self.durations.add(at, duration_ms)
        minute = (at - fact.duration_us) // MINUTE  # errors are stamped at the invocation's start
        outcomes = self.good if fact.status == "ok" else self.errors
        outcomes[minute] = outcomes.get(minute, 0) + 1

    def count(self, metric: str, at: int) -> None:
        counts = self.counts.setdefault(metric, {})
        counts[at // MINUTE] = counts.get(at // MINUTE, 0) + 1

    def add_counts(self, other: _Row) -> None:
        for mine, theirs in (
            (self.invocations, other.invocations),
            (self.good, other.good),
            (self.errors, other.errors),
            *((self.counts.setdefault(metric, {}), counts) for metric, counts in other.counts.items()),
        ):
            for minute, count in theirs.items():
                mine[minute] = mine.get(minute, 0) + count

    def rows(self) -> Iterator[tuple[str, dict[int, Statistics]]]:
        """Statistics by minute of each metric."""
        yield "ConcurrentExecutions", self.busy.series.rows()
        yield "Duration", self.durations.rows()
        yield "AsyncEventAge", self.ages.rows()
        yield "Invocations", _ones(self.invocations)
        yield "Errors", _zeros_and_ones(self.good, self.errors)
        for metric, counts in self.counts.items():
            yield metric, _ones(counts)


class MetricsFold:
    """Collects samples by metric, name and minute.

    The name is the value of the dimension FunctionName, or of Resource (``function:version``) for what a version does;
    what has no dimension is that of the account, under ``*``.
    """

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = defaultdict(_Row)
        self._all = _Row()
        self._unreserved = _Gauge()
        self._reserved: dict[str, int] = {}
        self._events = QueuedEvents()
        self._received: dict[str, int] = {}
        self.takes: dict[type, Take] = {
            FunctionDeployed: self._deployed,
            InvocationStarted: self._invocation_started,
            InvocationEnded: self._invocation_ended,
            InvocationThrottled: self._counted("Throttles"),
            AsyncEventReceived: self._event_received,
            AsyncEventDuplicated: self._event_duplicated,
            AsyncEventSucceeded: self._event_succeeded,
            AsyncEventDiscarded: self._event_discarded,
            RecursionStopped: self._counted("RecursiveInvocationsDropped"),
            DeadLetterFailed: self._counted("DeadLetterErrors"),
            DestinationFailed: self._counted("DestinationDeliveryFailures"),
        }

    def _deployed(self, at: int, fact: FunctionDeployed) -> None:
        if fact.reserved_concurrency is not None:
            self._reserved[fact.function] = fact.reserved_concurrency

    def _invocation_started(self, at: int, fact: InvocationStarted) -> None:
        row, minute = self._rows[fact.function], at // MINUTE
        row.invocations[minute] = row.invocations.get(minute, 0) + 1
        self._move(at, row, fact)
        if fact.version != LATEST:
            version = self._rows[f"{fact.function}:{fact.version}"]
            version.invocations[minute] = version.invocations.get(minute, 0) + 1
        if fact.invocation_type == "Event":
            received = self._received.get(fact.request_id)
            if received is not None:
                age_ms = (at - received) / 1_000
                row.ages.add(at, age_ms)
                self._all.ages.add(at, age_ms)

    def _invocation_ended(self, at: int, fact: InvocationEnded) -> None:
        row, duration_ms = self._rows[fact.function], fact.duration_us / 1_000
        row.ended(at, fact, duration_ms)
        self._all.durations.add(at, duration_ms)
        self._move(at, row, fact)
        if fact.version != LATEST:
            self._rows[f"{fact.function}:{fact.version}"].ended(at, fact, duration_ms)

    def _move(self, at: int, row: _Row, fact: InvocationStarted | InvocationEnded) -> None:
        """A function's concurrency has changed, and the account's by as much."""
        change = fact.concurrency - row.busy.level
        row.busy.move(at, fact.concurrency)
        above = self._all.busy
        above.move(at, above.level + change)
        if self._reserved and fact.function not in self._reserved:
            self._unreserved.move(at, self._unreserved.level + change)

    def _event_received(self, at: int, fact: AsyncEventReceived) -> None:
        self._received[fact.request_id] = at
        self._events.enter(fact.request_id)
        self._rows[fact.function].count("AsyncEventsReceived", at)

    def _event_duplicated(self, at: int, fact: AsyncEventDuplicated) -> None:
        self._events.duplicate(fact.request_id)

    def _event_succeeded(self, at: int, fact: AsyncEventSucceeded) -> None:
        if self._events.leave(fact.request_id):
            self._received.pop(fact.request_id, None)

    def _event_discarded(self, at: int, fact: AsyncEventDiscarded) -> None:
        self._events.leave(fact.request_id)
        self._received.pop(fact.request_id, None)
        self._rows[fact.function].count("AsyncEventsDropped", at)
        if fact.condition == "RecursionDetected":
            self._rows[fact.function].count("RecursiveInvocationsDropped", at)

    def _counted(self, metric: str) -> Take:
        return lambda at, fact: self._rows[fact.function].count(metric, at)

    def result(self) -> dict[str, dict[str, list[dict[str, float]]]]:
        """``{METRIC: {NAME: [{t_s, sum, min, max, count, avg, p50, p90, p95, p99}]}}``, empty minutes left out."""
        table: dict[str, dict[str, list[dict[str, float]]]] = {}
        for metric, name, found in sorted(self._found(), key=lambda each: each[:2]):
            if found:
                table.setdefault(metric, {})[name] = [
                    statistics | {"t_s": minute * (MINUTE // SECOND)} for minute, statistics in sorted(found.items())
                ]
        return table

    def _found(self) -> Iterator[tuple[str, str, dict[int, Statistics]]]:
        account = _Row(self._all.busy, self._all.durations, self._all.ages)
        for name, row in self._rows.items():
            if ":" not in name:  # what a version does is counted at its function, too
                account.add_counts(row)
        for name, row in (*self._rows.items(), (ALL_FUNCTIONS, account)):
            for metric, found in row.rows():
                yield metric, name, found
        unreserved = (self._unreserved if self._reserved else self._all.busy).series.rows()
        yield "UnreservedConcurrentExecutions", ALL_FUNCTIONS, unreserved
        claimed = sum(self._reserved.values())
        yield "ClaimedAccountConcurrency", ALL_FUNCTIONS, {m: _raised(row, claimed) for m, row in unreserved.items()}


def named(name: str, names: dict[str, str]) -> str:
    """The name of a row as people see it: ``names`` are the functions' physical names and what they are called."""
    function, colon, version = name.partition(":")
    return f"{names.get(function, function)}{colon}{version}"


def _ones(counts: Counts) -> dict[int, Statistics]:
    return _zeros_and_ones({}, counts)


def _zeros_and_ones(zeros: Counts, ones: Counts) -> dict[int, Statistics]:
    """Statistics of samples that are 0 or 1."""
    found = {}
    for minute in {*zeros, *ones}:
        samples = Distribution(2)
        for value, counts in enumerate((zeros, ones)):
            if minute in counts:
                samples.add_times(value, counts[minute])
        found[minute] = samples.statistics()
    return found


def _raised(row: Statistics, by: int) -> Statistics:
    """The statistics of samples that are all greater by so much."""
    raised = {name: value if name == "count" else value + by for name, value in row.items()}
    return raised | {"sum": row["sum"] + by * row["count"]}
