"""CloudWatch metrics of the namespace AWS/Lambda, per minute. Source: fact H.1; what each counts: vocabulary."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from copy import deepcopy

from lambdalab.simulator.kernel import MINUTE, SECOND
from lambdalab.simulator.trace.facts import (
    AsyncEventDiscarded,
    AsyncEventDuplicated,
    AsyncEventReceived,
    AsyncEventSucceeded,
    DeadLetterFailed,
    DestinationFailed,
    DiscardFailed,
    EnvironmentEnded,
    InvocationEnded,
    InvocationRouted,
    InvocationStarted,
    InvocationThrottled,
    ProvisionedInitialised,
    ProvisionedRateExceeded,
    ProvisionedSpilled,
    ProvisionedUsed,
    RecursionStopped,
)
from lambdalab.simulator.trace.routed import RoutedRequests
from lambdalab.simulator.views.claims import ClaimsFold
from lambdalab.simulator.views.distribution import Distribution
from lambdalab.simulator.views.fold import QueuedEvents, Take
from lambdalab.simulator.views.mapping_metrics import MappingMetrics
from lambdalab.simulator.views.series import DURATIONS_MAX, Gauge, Row, Statistics, raised
from lambdalab.simulator.vocabulary.metric_data import Dimensions
from lambdalab.simulator.vocabulary.metrics import ALL_FUNCTIONS

LATEST = "$LATEST"


class MetricsFold:
    """Collects samples by metric, name and minute.

    The name is the value of the dimension FunctionName; or of Resource, ``function:alias`` or ``function:version``, for
    what was asked of either by its name; or of Resource and ExecutedVersion, ``function:alias:version``. What has no
    dimension is that of the account, under ``*``. Source: fact H.1; AWS Lambda Developer Guide, "Viewing metrics for
    Lambda functions", read 2026-11-24.
    """

    def __init__(self) -> None:
        self._minute, self._ends = 0, int(MINUTE)  # the present one: concurrency and durations of all rows are in it
        self._rows: dict[str, Row] = defaultdict(self._new_row)
        self._all = Row()
        self._account_durations: dict[int, Statistics] = {}  # by minute, those that are over
        self._claims = ClaimsFold()
        self._unreserved = Gauge()  # these two from the first claim on: until then they are those of the account
        self._unclaimed = Gauge()  # the unreserved less those in provisioned environments
        self._routed = RoutedRequests()
        self._provisioned: set[str] = set()  # environments that are
        self._provisioned_busy: Counter[str] = Counter()  # by function
        self._events = QueuedEvents()
        self._received: dict[str, int] = {}
        self._mappings = MappingMetrics(self._rows)
        self.takes: dict[type, Take] = {
            **{kind: self._claim(take) for kind, take in self._claims.takes.items()},
            InvocationRouted: lambda at, fact: self._routed.note(fact),
            InvocationStarted: self._invocation_started,
            InvocationEnded: self._invocation_ended,
            InvocationThrottled: self._throttled,
            ProvisionedInitialised: lambda at, fact: self._provisioned.add(fact.environment),
            ProvisionedUsed: self._provisioned_used,
            ProvisionedSpilled: self._spilled,
            ProvisionedRateExceeded: self._spilled,
            EnvironmentEnded: lambda at, fact: self._provisioned.discard(fact.environment),
            AsyncEventReceived: self._event_received,
            AsyncEventDuplicated: self._event_duplicated,
            AsyncEventSucceeded: self._event_succeeded,
            AsyncEventDiscarded: self._event_discarded,
            RecursionStopped: self._counted("RecursiveInvocationsDropped"),
            DeadLetterFailed: self._counted("DeadLetterErrors"),
            DestinationFailed: self._counted("DestinationDeliveryFailures"),
            DiscardFailed: self._counted("DestinationDeliveryFailures"),
            **self._mappings.takes,
        }

    def _invocation_started(self, at: int, fact: InvocationStarted) -> None:
        if at >= self._ends:
            self._turn(at // MINUTE)
        row, minute = self._rows[fact.function], self._minute
        row.invocations[minute] = row.invocations.get(minute, 0) + 1
        self._move(at, row, fact)
        if fact.version != LATEST or self._routed.under_way:
            alias = self._routed.alias_of(fact.request_id)
            for name in _resources(fact.function, alias, fact.version):
                resource = self._rows[name]
                resource.invocations[minute] = resource.invocations.get(minute, 0) + 1
        if fact.invocation_type == "Event":
            received = self._received.get(fact.request_id)
            if received is not None:
                age_ms = (at - received) / 1_000
                row.ages.add(at, age_ms)
                self._all.ages.add(at, age_ms)

    def _invocation_ended(self, at: int, fact: InvocationEnded) -> None:
        if at >= self._ends:
            self._turn(at // MINUTE)
        row, duration_ms = self._rows[fact.function], fact.duration_us / 1_000
        row.ended(at, fact, duration_ms)
        self._move(at, row, fact)
        if fact.version != LATEST or self._routed.under_way:
            for name in _resources(fact.function, self._routed.end(fact.request_id), fact.version):
                self._rows[name].ended(at, fact, duration_ms)

    def _new_row(self) -> Row:
        row = Row()
        row.turn(self._minute)
        return row

    def _turn(self, minute: int) -> None:
        """A later minute begins. What a minute's durations were for the account is put together when it is over."""
        self._account_durations |= self._durations_now()
        for row in self._rows.values():
            row.turn(minute)
        self._all.busy.turn(minute)
        self._minute, self._ends = minute, (minute + 1) * MINUTE

    def _durations_now(self) -> dict[int, Statistics]:
        """Those of all functions together in the present minute. What a version does is counted at its function."""
        found = [row.durations.samples for name, row in self._rows.items() if row.durations.samples and ":" not in name]
        if not found:
            return {}
        together = found[0] if len(found) == 1 else Distribution.of(DURATIONS_MAX, found)
        return {self._minute: together.statistics()}

    def _claim(self, take: Take) -> Take:
        """What is claimed may be more or less now, and functions with a reservation are counted apart."""

        def claim(at: int, fact: object) -> None:
            if not self._claims:
                self._unreserved, self._unclaimed = deepcopy(self._all.busy), deepcopy(self._all.busy)
            take(at, fact)
            reserved = self._claims.reserved
            levels = (row.busy.level for name, row in self._rows.items() if ":" not in name and name not in reserved)
            self._move_unreserved(at, sum(levels))

        return claim

    def _move(self, at: int, row: Row, fact: InvocationStarted | InvocationEnded) -> None:
        """A function's concurrency has changed, and the account's by as much."""
        busy, above = row.busy, self._all.busy
        change = fact.concurrency - busy.level
        if change > 0:
            busy.rise(fact.concurrency)
            above.rise(above.level + change)
        else:
            busy.level += change
            above.level += change
        if not self._claims.minutes:
            return
        if fact.environment in self._provisioned:
            self._provisioned_busy[fact.function] += 1 if isinstance(fact, InvocationStarted) else -1
        if fact.function not in self._claims.reserved:
            self._move_unreserved(at, self._unreserved.level + change)

    def _move_unreserved(self, at: int, level: int) -> None:
        self._unreserved.move(at, level)
        reserved = self._claims.reserved
        self._unclaimed.move(at, level - sum(n for name, n in self._provisioned_busy.items() if name not in reserved))

    def _throttled(self, at: int, fact: InvocationThrottled) -> None:
        alias = self._routed.end(fact.request_id)
        for name in (fact.function,) if alias is None else (fact.function, f"{fact.function}:{alias}"):
            self._rows[name].count("Throttles", at)

    def _provisioned_used(self, at: int, fact: ProvisionedUsed) -> None:
        """Each such invocation says how many are in use at that moment."""
        resource = self._rows[f"{fact.function}:{fact.qualifier}"]
        for row in (self._rows[fact.function], resource):
            row.count("ProvisionedConcurrencyInvocations", at)
        resource.sample("ProvisionedConcurrentExecutions", at, fact.in_use)
        resource.sample("ProvisionedConcurrencyUtilization", at, fact.in_use / fact.allocated)

    def _spilled(self, at: int, fact: ProvisionedSpilled | ProvisionedRateExceeded) -> None:
        resource = self._rows[f"{fact.function}:{fact.qualifier}"]
        for row in (self._rows[fact.function], resource):
            row.count("ProvisionedConcurrencySpilloverInvocations", at)
        if isinstance(fact, ProvisionedSpilled):  # all were busy (assumption A-33)
            resource.sample("ProvisionedConcurrencyUtilization", at, 1)

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

    @property
    def reserved(self) -> int:
        """How much is reserved now, for all functions together."""
        return sum(self._claims.reserved.values())

    @property
    def concurrent_max(self) -> int:
        """The most invocations at once, of all functions together."""
        return self._all.busy.peak

    def of_function(self, name: str) -> Row:
        """What is known of one function."""
        return self._rows.get(name) or Row()

    def result(self) -> dict[str, dict[str, list[dict[str, float]]]]:
        """``{METRIC: {NAME: [{t_s, sum, min, max, count, avg, p50, p90, p95, p99}]}}``, empty minutes left out."""
        table: dict[str, dict[str, list[dict[str, float]]]] = {}
        every = (*self._found(), *self._mappings.found())
        for metric, name, found in sorted(every, key=lambda each: each[:2]):
            if found:
                table.setdefault(metric, {})[name] = [
                    statistics | {"t_s": minute * (MINUTE // SECOND)} for minute, statistics in sorted(found.items())
                ]
        return table

    def measured(self) -> Iterator[tuple[str, Dimensions, dict[int, Statistics]]]:
        """The same by CloudWatch's own dimensions: (metric, dimensions, statistics by minute)."""
        for metric, name, found in self._found():
            yield metric, dimensions_of(name), found
        for metric, uuid, found in self._mappings.by_uuid():
            yield metric, (("EventSourceMappingUUID", uuid),), found

    def measured_of(self, metric: str, dimensions: Dimensions, since: int) -> dict[int, Statistics]:
        """One metric of these, from a minute of the run on."""
        if dimensions[:1] and dimensions[0][0] == "EventSourceMappingUUID":
            return self._mappings.of_uuid(metric, dimensions[0][1], since)
        if not dimensions:
            table = self._of_account(since).get(metric)
        else:
            row = next((row for name, row in self._rows.items() if dimensions_of(name) == dimensions), None)
            table = None if row is None else row.tables().get(metric)
        return {} if table is None else table(since)

    def _found(self) -> Iterator[tuple[str, str, dict[int, Statistics]]]:
        for name, row in self._rows.items():
            for metric, found in row.rows():
                yield metric, name, found
        for metric, table in self._of_account(0).items():
            yield metric, ALL_FUNCTIONS, table(0)

    def _of_account(self, since: int) -> dict[str, Callable[[int], dict[int, Statistics]]]:
        """Each metric of the account, and how its statistics are worked out, from a minute on."""
        account = Row(self._all.busy, ages=self._all.ages)
        for name, row in self._rows.items():
            if ":" not in name:  # what a version does is counted at its function, too
                account.add_counts(row, since)
        claims, busy = self._claims, self._all.busy

        def durations(since: int) -> dict[int, Statistics]:
            found = self._account_durations | self._durations_now()
            return {minute: row for minute, row in found.items() if minute >= since}

        unreserved, unclaimed = (self._unreserved, self._unclaimed) if claims else (busy, busy)

        def claimed(since: int) -> dict[int, Statistics]:
            found = unclaimed.series.rows(since)
            return {minute: raised(row, claims.most_in(minute)) for minute, row in found.items()}

        return {
            **account.tables(),
            "Duration": durations,
            "UnreservedConcurrentExecutions": unreserved.series.rows,
            "ClaimedAccountConcurrency": claimed,
        }


def _resources(function: str, alias: str | None, version: str) -> tuple[str, ...]:
    """The names under which an invocation stands beside its function's."""
    if alias is not None:
        return f"{function}:{alias}", f"{function}:{alias}:{version}"
    return () if version == LATEST else (f"{function}:{version}",)


def dimensions_of(name: str) -> Dimensions:
    """The dimensions of a row: of a function, of what was asked of an alias or version, of the version that ran."""
    if name == ALL_FUNCTIONS:
        return ()
    function, *qualifiers = name.split(":")
    resource = [("Resource", f"{function}:{qualifiers[0]}")] if qualifiers else []
    executed = [("ExecutedVersion", qualifiers[1])] if len(qualifiers) > 1 else []
    return tuple(sorted([("FunctionName", function), *resource, *executed]))


def named(name: str, names: dict[str, str]) -> str:
    """The name of a row as people see it: ``names`` are the functions' physical names and what they are called."""
    function, colon, version = name.partition(":")
    return f"{names.get(function, function)}{colon}{version}"
