"""A fixed fleet of servers to compare with: it is paid for whether there is work or not. The lesson of fact 2, "only
billed when running"."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from lambdalab.simulator.billing.calculator import MONTH_HOURS, REQUESTS_MAX, BillError, Usage, bill_of
from lambdalab.simulator.billing.charges import money, number
from lambdalab.simulator.vocabulary import prices

SERVERS_MAX = 100_000
HOUR_USD_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Servers:
    """``count`` servers that run a whole month (720 h), at ``usd_per_hour`` each (default: assumption A-19)."""

    count: int
    usd_per_hour: Decimal = prices.SERVER_HOUR

    def __post_init__(self) -> None:
        """Refuse what is no fleet. Raises :class:`BillError`."""
        if not 1 <= self.count <= SERVERS_MAX:
            raise BillError(f"servers must be 1 to {SERVERS_MAX:,}, not {self.count:,}.")
        if not 0 < self.usd_per_hour <= HOUR_USD_MAX:
            raise BillError(
                f"server-usd-per-hour must be above 0 and at most {HOUR_USD_MAX:,}, not {self.usd_per_hour}."
            )

    @property
    def usd(self) -> Decimal:
        """What a month costs."""
        return self.count * MONTH_HOURS * self.usd_per_hour

    def arithmetic(self) -> str:
        """The same, as a person would write it."""
        return f"{number(self.count)} × {MONTH_HOURS} h × ${self.usd_per_hour.normalize():f} = {money(self.usd)}"


def in_flight(usage: Usage) -> Decimal:
    """How many requests are in flight on average: requests a second times their duration in seconds (fact C.1)."""
    return usage.requests * usage.duration_ms / 1000 / (MONTH_HOURS * 3600)


def break_even(usage: Usage, servers: Servers) -> int | None:
    """The fewest requests a month from which on Lambda costs more than ``servers``; None when it never does.

    Everything but the number of requests stays as in ``usage``.
    """
    low, high = 0, REQUESTS_MAX
    if _at(usage, high) <= servers.usd:
        return None
    while low < high:
        middle = (low + high) // 2
        if _at(usage, middle) > servers.usd:
            high = middle
        else:
            low = middle + 1
    return low


def _at(usage: Usage, requests: int) -> Decimal:
    cold = usage.cold_starts if usage.provisioned else min(usage.cold_starts, requests)
    return bill_of(replace(usage, requests=requests, cold_starts=cold)).total
