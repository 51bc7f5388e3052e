"""A month of one function, priced line by line as a person would write it. Source: facts B.3 and J.2."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from lambdalab.simulator.billing.charges import by_tier, ephemeral_gb_seconds, gb_seconds, money, number
from lambdalab.simulator.vocabulary import prices, quotas

MONTH_HOURS = 720  # 30 days, as in fact J.3, 5
IDLE_POLLERS = 2  # of one SQS event source mapping. Fact D.3
LONG_POLL_S = 20
REQUESTS_MAX = 10**12


class BillError(ValueError):
    """A figure that no bill can be made from. Its text is one sentence."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a month asks of one function.

    ``duration_ms`` is one request's Duration, INIT apart: ``init_ms`` comes on top in each of ``cold_starts``.
    ``provisioned`` environments stand for ``provisioned_hours``, and then serve all requests; ``cold_starts`` counts
    their initialisations (assumption A-19). ``rounding_ms`` is 1 since December 2020, and was 100 before.
    ``neighbours`` are requests to other services by their names in ``prices.NEIGHBOURS``; ``idle_queues`` the SQS event
    source mappings that poll a whole month.
    """

    requests: int
    duration_ms: Decimal
    memory_mb: int = quotas.MEMORY_MB_DEFAULT
    architecture: str = "x86_64"
    ephemeral_mb: int = quotas.EPHEMERAL_MB_DEFAULT
    cold_starts: int = 0
    init_ms: Decimal = Decimal(0)
    provisioned: int = 0
    provisioned_hours: Decimal = Decimal(MONTH_HOURS)
    free_tier: bool = True
    rounding_ms: int = 1
    neighbours: Mapping[str, int] = field(default_factory=dict)
    idle_queues: int = 0

    def __post_init__(self) -> None:
        """Refuse what AWS would. Raises :class:`BillError`."""
        _within("requests", self.requests, 0, REQUESTS_MAX)
        _within("duration-ms", self.duration_ms, 0, quotas.TIMEOUT_S_MAX * 1000, "ms")
        _within("memory-mb", self.memory_mb, quotas.MEMORY_MB_MIN, quotas.MEMORY_MB_MAX, "MB")
        _within("ephemeral-mb", self.ephemeral_mb, quotas.EPHEMERAL_MB_MIN, quotas.EPHEMERAL_MB_MAX, "MB")
        _within("cold-starts", self.cold_starts, 0, REQUESTS_MAX if self.provisioned else self.requests)
        _within("init-ms", self.init_ms, 0, quotas.TIMEOUT_S_MAX * 1000, "ms")
        _within("provisioned", self.provisioned, 0, 1_000_000)
        _within("provisioned-hours", self.provisioned_hours, 0, 744, "h")
        _within("rounding-ms", self.rounding_ms, 1, 1000, "ms")
        _within("idle-queues", self.idle_queues, 0, 1_000_000)
        for name, count in self.neighbours.items():
            _within(name.replace("_", "-"), count, 0, REQUESTS_MAX)
        if self.architecture not in prices.DURATION:
            raise BillError(f"architecture must be {' or '.join(prices.DURATION)}, not {self.architecture}.")

    @property
    def billed_ms(self) -> int:
        """Billed Duration of all requests together: each is rounded up, its INIT included (fact B.3)."""
        warm = self._rounded(self.duration_ms)
        if self.provisioned:  # INIT runs before the requests, and by itself
            return self.requests * warm + self.cold_starts * self._rounded(self.init_ms)
        return (self.requests - self.cold_starts) * warm + self.cold_starts * self._rounded(
            self.duration_ms + self.init_ms
        )

    def _rounded(self, milliseconds: Decimal) -> int:
        return math.ceil(milliseconds / self.rounding_ms) * self.rounding_ms


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill: what it is for, the arithmetic in words, and USD (None: an intermediate result)."""

    item: str
    arithmetic: str
    usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """The lines in order, and what they come to."""

    lines: tuple[Line, ...]

    @property
    def total(self) -> Decimal:
        """USD."""
        return sum((line.usd for line in self.lines if line.usd is not None), Decimal(0))


def bill_of(usage: Usage) -> Bill:
    """The bill of a month in which nothing else ran: the free tier is its own, and its GB-seconds start in tier 1."""
    lines = [_used(usage)]
    lines += _provisioned(usage) if usage.provisioned else _on_demand(usage)
    lines += _storage(usage)
    lines += _neighbours(usage)
    return Bill(tuple(lines))


def _used(usage: Usage) -> Line:
    gb, total = _gb(usage), gb_seconds(usage.memory_mb, usage.billed_ms)
    billed_s = Decimal(usage.billed_ms) / 1000
    each = f"{number(usage.requests)} × {number(billed_s / usage.requests)} s" if usage.requests else "0 s"
    seconds = f"{number(billed_s)} s" if usage.cold_starts else each
    return Line("billed duration", f"{seconds} × {gb} = {number(total)} GB-s")


def _on_demand(usage: Usage) -> Iterator[Line]:
    used = gb_seconds(usage.memory_mb, usage.billed_ms)
    free_gb_s = min(used, Decimal(prices.FREE_GB_S)) if usage.free_tier else Decimal(0)
    free_requests = min(usage.requests, prices.FREE_REQUESTS) if usage.free_tier else 0
    if free_gb_s:
        left = f"{number(used)} − {number(free_gb_s)} = {number(used - free_gb_s)} GB-s"
        yield Line("free tier", left)
    for gb_s, usd in by_tier(used - free_gb_s, usage.architecture) or [(Decimal(0), _first(usage))]:
        yield _priced("duration", f"{number(gb_s)} GB-s", usd, gb_s * usd)
    count = usage.requests - free_requests
    shown = f"({number(usage.requests)} − {number(free_requests)})" if free_requests else number(usage.requests)
    yield _priced("requests", shown, prices.REQUEST, count * prices.REQUEST)


def _provisioned(usage: Usage) -> Iterator[Line]:
    """Allocation, the reduced duration, requests. No free tier (fact J.2)."""
    seconds = usage.provisioned_hours * 3600
    gb_s = gb_seconds(usage.memory_mb, seconds * 1000) * usage.provisioned
    held = f"{number(usage.provisioned)} × {number(seconds)} s × {_gb(usage)} = {number(gb_s)} GB-s"
    price = prices.PROVISIONED_ALLOCATION[usage.architecture]
    yield _priced("provisioned concurrency", held, price, gb_s * price)
    used, price = gb_seconds(usage.memory_mb, usage.billed_ms), prices.PROVISIONED_DURATION[usage.architecture]
    yield _priced("duration", f"{number(used)} GB-s", price, used * price)
    yield _priced("requests", number(usage.requests), prices.REQUEST, usage.requests * prices.REQUEST)


def _storage(usage: Usage) -> Iterator[Line]:
    gb_s = ephemeral_gb_seconds(usage.ephemeral_mb, usage.billed_ms)
    if gb_s:
        more = number(Decimal(usage.ephemeral_mb - quotas.EPHEMERAL_MB_DEFAULT) / 1024)
        held = f"{more} GB × {number(Decimal(usage.billed_ms) / 1000)} s"
        yield _priced("ephemeral storage", held, prices.EPHEMERAL_GB_S, gb_s * prices.EPHEMERAL_GB_S)


def _neighbours(usage: Usage) -> Iterator[Line]:
    for name, count in usage.neighbours.items():
        unit = prices.NEIGHBOURS[name]
        if count:
            yield _priced(unit.item, number(count), unit.usd, count * unit.usd)
    if usage.idle_queues:
        price = prices.NEIGHBOURS["sqs_requests"].usd
        count = usage.idle_queues * IDLE_POLLERS * MONTH_HOURS * 3600 // LONG_POLL_S
        polled = f"{number(usage.idle_queues)} × {IDLE_POLLERS} pollers × {MONTH_HOURS} h ÷ {LONG_POLL_S} s = "
        yield _priced("polling of idle queues", f"{polled}{number(count)}", price, count * price)


def _priced(item: str, quantity: str, price: Decimal, usd: Decimal) -> Line:
    return Line(item, f"{quantity} × ${price.normalize():f} = {money(usd)}", usd)


def _gb(usage: Usage) -> str:
    return f"{number(Decimal(usage.memory_mb) / 1024)} GB"


def _first(usage: Usage) -> Decimal:
    return prices.DURATION[usage.architecture][0].usd


def _within(name: str, value: Decimal | int, low: int, high: int, unit: str = "") -> None:
    if not low <= value <= high:
        bounds = f"{number(low)} to {number(high)}{f' {unit}' if unit else ''}"
        raise BillError(f"{name} must be {bounds}, not {number(value)}.")
