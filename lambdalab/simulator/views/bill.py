"""The bill of a run: requests, compute, and what neighbouring services charge for their calls. Facts J.1 and J.2.

Every invocation is priced by what its environment runs with: the version's memory, which an update of ``$LATEST`` does
not change, and whether it was provisioned.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lambdalab.simulator.billing.charges import (
    by_tier,
    duration_usd,
    ephemeral_gb_seconds,
    gb_seconds,
    neighbour_of,
)
from lambdalab.simulator.trace.facts import (
    ApiCalled,
    EdgeFunctionReplicated,
    EnvironmentCreated,
    EnvironmentEnded,
    EventPut,
    FunctionDeployed,
    InvocationEnded,
    ProvisionedInitialised,
    ScheduleFired,
)
from lambdalab.simulator.views.batch_charges import BatchCharges
from lambdalab.simulator.views.embedded import Sample
from lambdalab.simulator.views.firehose_charges import FirehoseCharges
from lambdalab.simulator.views.fold import Take
from lambdalab.simulator.views.http_charges import HttpCharges
from lambdalab.simulator.views.machine_bill import MachineBill
from lambdalab.simulator.views.metric_charges import MetricCharges
from lambdalab.simulator.views.provisioned_hours import ProvisionedHoursFold
from lambdalab.simulator.views.sizes import Size, SizesFold
from lambdalab.simulator.views.stream_charges import StreamCharges
from lambdalab.simulator.vocabulary import prices

Line = tuple[str, str, Decimal]
"""What it is for, how much of it, and USD."""


@dataclass(slots=True)
class _Usage:
    """What one function's environments of one kind have done. ``init_ms`` is INIT that no invocation carries."""

    invocations: int = 0
    billed_ms: int = 0
    failed_billed_ms: int = 0
    init_ms: int = 0


class BillFold:
    """Adds up what AWS would charge, without the free tier."""

    def __init__(self) -> None:
        self._shown_as: dict[str, str] = {}
        self._usage: dict[str, dict[tuple[Size, bool], _Usage]] = {}  # by size, and whether it is provisioned
        self._usage_of: dict[str, _Usage] = {}  # of the environments that are alive
        self._calls: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._charged: Counter[str | None] = Counter()  # the same by what a neighbour charges for
        self._event_chunks = 0  # of 64 KB
        self._schedules_due = 0
        self._at_edge: set[str] = set()
        self._http = HttpCharges()
        self._sizes = SizesFold()
        self._provisioned = ProvisionedHoursFold(self._sizes)
        self._machines = MachineBill()
        self._streams = StreamCharges()
        self._metrics = MetricCharges()
        self._firehose = FirehoseCharges()
        self._batch = BatchCharges()
        self.takes: dict[type, Take] = {
            **self._sizes.takes,
            **self._provisioned.takes,
            **self._http.takes,
            **self._machines.takes,
            **self._streams.takes,
            **self._metrics.takes,
            **self._firehose.takes,
            **self._batch.takes,
            InvocationEnded: self._ended,
            ApiCalled: self._count,
            EventPut: self._event,
            ScheduleFired: self._due,
            FunctionDeployed: self._deployed,
            EdgeFunctionReplicated: self._replicated,
            EnvironmentCreated: self._environment_created,
            EnvironmentEnded: self._environment_ended,
            ProvisionedInitialised: self._initialised,
        }

    def take_in(self, moment_us: int, samples: Iterable[Sample]) -> None:
        """Custom metrics of a log event of the code. Whoever looks at each line anyway reads them."""
        self._metrics.take_in(moment_us, samples)

    def _ended(self, at: int, fact: InvocationEnded) -> None:
        usage = self._usage_of[fact.environment]
        usage.invocations += 1
        usage.billed_ms += fact.billed_ms
        if fact.status != "ok":
            usage.failed_billed_ms += fact.billed_ms

    def _deployed(self, at: int, fact: FunctionDeployed) -> None:
        self._sizes.takes[FunctionDeployed](at, fact)
        self._shown_as[fact.function] = fact.shown_as
        self._usage.setdefault(fact.function, {})  # it may come back to its stack

    def _replicated(self, at: int, fact: EdgeFunctionReplicated) -> None:
        self._sizes.takes[EdgeFunctionReplicated](at, fact)
        self._at_edge.add(fact.function)

    def _environment_created(self, at: int, fact: EnvironmentCreated) -> None:
        size = self._sizes.of(fact.function, fact.version)
        self._usage_of[fact.environment] = self._usage[fact.function].setdefault((size, False), _Usage())

    def _environment_ended(self, at: int, fact: EnvironmentEnded) -> None:
        del self._usage_of[fact.environment]

    def _initialised(self, at: int, fact: ProvisionedInitialised) -> None:
        size = self._sizes.of(fact.function, fact.version)
        usage = self._usage[fact.function].setdefault((size, True), _Usage())
        usage.init_ms += fact.billed_ms
        self._usage_of[fact.environment] = usage

    def _count(self, at: int, call: ApiCalled) -> None:
        if call.source != "scenario" and call.status not in (403, 501):
            self._calls[call.service, call.operation] += 1
            self._charged[neighbour_of(call.service, call.operation, call.target)] += 1

    def _event(self, at: int, event: EventPut) -> None:
        if event.put_by != "scenario":
            self._event_chunks += event.chunks

    def _due(self, at: int, fact: ScheduleFired) -> None:
        self._schedules_due += 1

    def by_function(self, now: int) -> dict[str, dict[str, float]]:
        """``{NAME: {requests_usd, compute_usd, provisioned_usd, storage_usd}}`` up to ``now`` in microseconds.

        What is provisioned has its own prices: for the allocation, for INIT, and for the duration.
        """
        return {
            shown: {
                "requests_usd": float(_usd(self._requests(name))),
                "compute_usd": float(_usd(self._compute(name))),
                "provisioned_usd": float(_usd(self._provisioned_lines(name, now))),
                "storage_usd": float(_usd(self._storage(name))),
            }
            for name, shown in self._shown_as.items()
        }

    def total(self, now: int) -> float:
        """Everything up to ``now``, in USD."""
        return float(_usd(self._lines(now)))

    def per_million(self, now: int) -> float:
        """What a million such runs would cost, in USD, without what stands there by the hour for all of them together.

        A shard, a load balancer or a custom metric is paid for once, however many runs share it; multiplied, it would
        drown the rest.
        """
        standing = _usd([*self._streams.standing(now), *self._http.standing(now), *self._metrics.standing()])
        return float((_usd(self._lines(now)) - standing) * prices.MILLION)

    def per_million_invocations(self, now: int) -> float | None:
        """What a million invocations cost at this run's rate, with all that they cause, in USD; None without any.

        What stands there by the hour is left out, as in :meth:`per_million`: how long a run lasts decides about it.
        """
        usages = [usage for table in self._usage.values() for usage in table.values()]
        count = sum(usage.invocations for usage in usages)
        return self.per_million(now) / count if count else None

    def free_tier(self) -> float:
        """How much of the total a month's free tier would pay, had nothing else used it, in USD.

        One million requests and 400,000 GB-seconds, x86 and arm together: the dearer ones go first. What provisioned
        environments do is never free (fact J.2), nor is what runs at the edge (A-135).
        """
        tables = [table for name, table in self._usage.items() if name not in self._at_edge]
        on_demand = [usage for table in tables for (_, held), usage in table.items() if not held]
        requests = sum(usage.invocations for usage in on_demand)
        left, free = Decimal(prices.FREE_GB_S), min(requests, prices.FREE_REQUESTS) * prices.REQUEST
        for usd, gb_s in sorted(self._prices_and_gb_seconds(), reverse=True):
            free += min(gb_s, left) * usd
            left -= min(gb_s, left)
        return float(free)

    def rows(self, now: int) -> list[dict[str, Any]]:
        """The bill's lines: ``{item, quantity, usd}``, failed attempts apart from successes."""
        return [{"item": item, "quantity": quantity, "usd": float(usd)} for item, quantity, usd in self._lines(now)]

    def _lines(self, now: int) -> list[Line]:
        lines: list[Line] = []
        for name, shown in self._shown_as.items():
            parts = self._requests(name), self._compute(name), self._provisioned_lines(name, now), self._storage(name)
            lines += [(f"{shown}: {item}", quantity, usd) for part in parts for item, quantity, usd in part]
        others = *self._streams.lines(now), *self._http.lines(now), *self._machines.lines(), *self._firehose.lines()
        return [*lines, *self._neighbours(), *others, *self._metrics.lines(self._calls), *self._batch.lines()]

    def _requests(self, name: str) -> Iterator[Line]:
        count = sum(usage.invocations for usage in self._usage[name].values())
        if count and name in self._at_edge:
            yield "requests at the edge", f"{count:,} × $0.60 per million", count * prices.EDGE_REQUEST
        elif count:
            yield "requests", f"{count:,} × $0.20 per million", count * prices.REQUEST

    def _compute(self, name: str) -> Iterator[Line]:
        """What ran on demand."""
        for what, failed in (("successes", False), ("failed attempts", True)):
            used = self._gb_seconds(name, failed=failed)
            if used:
                usd = sum((duration_usd(gb_s, architecture) for architecture, gb_s in used.items()), Decimal(0))
                if name in self._at_edge:
                    usd = sum(used.values(), Decimal(0)) * prices.EDGE_GB_S
                yield f"compute, {what}", f"{sum(used.values()):.3f} GB-s", usd

    def _provisioned_lines(self, name: str, now: int) -> Iterator[Line]:
        """The allocation, INIT, and what ran in provisioned environments. Fact J.2; for INIT assumption A-19"""
        allocated = [
            (size, gb_seconds(size.memory_mb, Decimal(micros) / 1_000))
            for (function, size), micros in self._provisioned.until(now).items()
            if function == name
        ]
        yield from _priced("provisioned concurrency", allocated, prices.PROVISIONED_ALLOCATION)
        held = [(size, usage) for (size, provisioned), usage in self._usage[name].items() if provisioned]
        init = [(size, gb_seconds(size.memory_mb, usage.init_ms)) for size, usage in held]
        yield from _priced("INIT of provisioned environments", init, prices.PROVISIONED_DURATION)
        ran = [(size, gb_seconds(size.memory_mb, usage.billed_ms)) for size, usage in held]
        yield from _priced("compute, provisioned", ran, prices.PROVISIONED_DURATION)

    def _storage(self, name: str) -> Iterator[Line]:
        """Ephemeral storage beyond what is included, for the billed time."""
        usages = self._usage[name].items()
        parts = (ephemeral_gb_seconds(size.ephemeral_mb, usage.billed_ms) for (size, _), usage in usages)
        gb_s = sum(parts, Decimal(0))
        if gb_s:
            yield "storage", f"{gb_s:.3f} GB-s", gb_s * prices.EPHEMERAL_GB_S

    def _gb_seconds(self, name: str, *, failed: bool | None = None) -> dict[str, Decimal]:
        """What ran on demand, by architecture; ``failed``: of failed invocations only, or of the others."""
        used: dict[str, Decimal] = {}
        for (size, provisioned), usage in self._usage[name].items():
            good = usage.billed_ms - usage.failed_billed_ms
            billed = {None: usage.billed_ms, True: usage.failed_billed_ms, False: good}[failed]
            if billed and not provisioned:
                gb_s = gb_seconds(size.memory_mb, billed)
                used[size.architecture] = used.get(size.architecture, Decimal(0)) + gb_s
        return used

    def _neighbours(self) -> list[Line]:
        counts = self._charged + Counter(events_put=self._event_chunks, schedules_due=self._schedules_due)
        return [
            (unit.item, f"{counts[name]:,}", counts[name] * unit.usd)
            for name, unit in prices.NEIGHBOURS.items()
            if counts[name]
        ]

    def _prices_and_gb_seconds(self) -> Iterator[tuple[Decimal, Decimal]]:
        """(USD each, GB-seconds) of every function and tier."""
        for name in (each for each in self._usage if each not in self._at_edge):
            for architecture, gb_s in self._gb_seconds(name).items():
                yield from ((usd, part) for part, usd in by_tier(gb_s, architecture))


def _priced(item: str, amounts: list[tuple[Size, Decimal]], price: dict[str, Decimal]) -> Iterator[Line]:
    """One line for GB-seconds that cost more or less by their processor; none where there are none."""
    gb_s = sum((amount for _, amount in amounts), Decimal(0))
    if gb_s:
        usd = sum((amount * price[size.architecture] for size, amount in amounts), Decimal(0))
        yield item, f"{gb_s:.3f} GB-s", usd


def _usd(lines: Iterator[Line] | list[Line]) -> Decimal:
    return sum((usd for _, _, usd in lines), Decimal(0))
