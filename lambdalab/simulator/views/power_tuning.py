"""What memory buys: duration and cost of a function's invocations, from a run for each size. Source: facts J.1 to J.3.

Below a full vCPU (1,769 MB) CPU-bound work takes as much longer as its share is smaller, so its price hardly changes;
what waits for others takes as long at any size, so more memory only costs more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from lambdalab.simulator.billing.charges import duration_usd, gb_seconds
from lambdalab.simulator.trace.facts import FunctionDeployed, InvocationEnded
from lambdalab.simulator.trace.stamp import Stamped
from lambdalab.simulator.vocabulary import prices


@dataclass(frozen=True, slots=True)
class Setting:
    """One size and what it came to: averages of the warm invocations, or of all where none was warm.

    ``usd_per_million`` is for a million such invocations, requests included, without the free tier.
    """

    memory_mb: int
    invocations: int
    errors: int
    duration_ms: float
    billed_ms: float
    usd_per_million: float


@dataclass(slots=True)
class _Sums:
    count: int = 0
    duration_us: int = 0
    billed_ms: int = 0

    def add(self, fact: InvocationEnded) -> None:
        self.count += 1
        self.duration_us += fact.duration_us
        self.billed_ms += fact.billed_ms


@dataclass(slots=True)
class _Row:
    deployed: FunctionDeployed
    errors: int = 0
    warm: _Sums = field(default_factory=_Sums)
    every: _Sums = field(default_factory=_Sums)


class TuningFold:
    """Takes in the facts of one run."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}

    def add(self, stamped: Stamped) -> None:
        """Take one fact in."""
        fact = stamped.fact
        if isinstance(fact, FunctionDeployed):
            self._rows[fact.function] = _Row(fact)
        elif isinstance(fact, InvocationEnded):
            row = self._rows[fact.function]
            row.errors += fact.status != "ok"
            row.every.add(fact)
            if fact.init_us is None:
                row.warm.add(fact)

    def result(self) -> dict[str, Setting]:
        """The setting of each function that was invoked, by the name that people see."""
        return {row.deployed.shown_as: _setting(row) for row in self._rows.values() if row.every.count}


def power_tuning(settings: Sequence[Setting]) -> dict[str, Any]:
    """``{settings: […], fastest, cheapest}`` by memory; the two are sizes in MB, of equals the smaller one."""
    ordered = sorted(settings, key=lambda setting: setting.memory_mb)
    return {
        "settings": [asdict(setting) for setting in ordered],
        "fastest": min(ordered, key=lambda setting: setting.duration_ms).memory_mb,
        "cheapest": min(ordered, key=lambda setting: setting.usd_per_million).memory_mb,
    }


def _setting(row: _Row) -> Setting:
    sums, memory_mb = row.warm if row.warm.count else row.every, row.deployed.memory_mb
    billed_ms = Decimal(sums.billed_ms) / sums.count
    each = prices.REQUEST + duration_usd(gb_seconds(memory_mb, billed_ms), row.deployed.architecture)
    return Setting(
        memory_mb=memory_mb,
        invocations=row.every.count,
        errors=row.errors,
        duration_ms=sums.duration_us / sums.count / 1_000,
        billed_ms=float(billed_ms),
        usd_per_million=float(each * prices.MILLION),
    )
