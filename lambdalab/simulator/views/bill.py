"""The bill of a run: requests, compute, and what neighbouring services charge for their calls. Fact J."""

from __future__ import annotations

from collections import Counter, defaultdict
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
from lambdalab.simulator.trace.facts import ApiCalled, FunctionDeployed, InvocationEnded
from lambdalab.simulator.views.fold import Take
from lambdalab.simulator.vocabulary import prices


@dataclass(slots=True)
class _Usage:
    invocations: int = 0
    billed_ms: int = 0
    failed_billed_ms: int = 0


class BillFold:
    """Adds up what AWS would charge, without the free tier."""

    def __init__(self) -> None:
        self._functions: dict[str, FunctionDeployed] = {}
        self._usage: dict[str, _Usage] = defaultdict(_Usage)
        self._calls: Counter[tuple[str, str]] = Counter()
        self.takes: dict[type, Take] = {
            InvocationEnded: self._ended,
            ApiCalled: self._count,
            FunctionDeployed: self._deployed,
        }

    def _ended(self, at: int, fact: InvocationEnded) -> None:
        usage = self._usage[fact.function]
        usage.invocations += 1
        usage.billed_ms += fact.billed_ms
        if fact.status != "ok":
            usage.failed_billed_ms += fact.billed_ms

    def _deployed(self, at: int, fact: FunctionDeployed) -> None:
        self._functions[fact.function] = fact

    def _count(self, at: int, call: ApiCalled) -> None:
        if call.source != "scenario" and call.status not in (403, 501):
            self._calls[call.service, call.operation] += 1

    def by_function(self) -> dict[str, dict[str, float]]:
        """``{NAME: {requests_usd, compute_usd, provisioned_usd, storage_usd}}``."""
        table = {}
        for name, deployed in self._functions.items():
            usage = self._usage[name]
            table[deployed.shown_as] = {
                "requests_usd": float(usage.invocations * prices.REQUEST),
                "compute_usd": float(_compute(deployed, usage.billed_ms)),
                "provisioned_usd": 0.0,
                "storage_usd": float(self._storage_gb_s(deployed) * prices.EPHEMERAL_GB_S),
            }
        return table

    def total(self) -> float:
        """Everything, in USD."""
        return float(sum((usd for _, _, usd in self._lines()), Decimal(0)))

    def free_tier(self) -> float:
        """How much of the total a month's free tier would pay, had nothing else used it, in USD.

        One million requests and 400,000 GB-seconds, x86 and arm together: the dearer ones go first.
        """
        requests = sum(usage.invocations for usage in self._usage.values())
        left, free = Decimal(prices.FREE_GB_S), min(requests, prices.FREE_REQUESTS) * prices.REQUEST
        for usd, gb_s in sorted(self._gb_seconds(), reverse=True):
            free += min(gb_s, left) * usd
            left -= min(gb_s, left)
        return float(free)

    def rows(self) -> list[dict[str, Any]]:
        """The bill's lines: ``{item, quantity, usd}``, failed attempts apart from successes."""
        return [{"item": item, "quantity": quantity, "usd": float(usd)} for item, quantity, usd in self._lines()]

    def _lines(self) -> list[tuple[str, str, Decimal]]:
        lines: list[tuple[str, str, Decimal]] = []
        for name, usage in self._usage.items():
            deployed = self._functions[name]
            shown = deployed.shown_as
            requests = usage.invocations * prices.REQUEST
            lines.append((f"{shown}: requests", f"{usage.invocations:,} × $0.20 per million", requests))
            for what, billed in (
                ("successes", usage.billed_ms - usage.failed_billed_ms),
                ("failed attempts", usage.failed_billed_ms),
            ):
                if billed:
                    quantity = f"{gb_seconds(deployed.memory_mb, billed):.3f} GB-s"
                    lines.append((f"{shown}: compute, {what}", quantity, _compute(deployed, billed)))
            storage = self._storage_gb_s(deployed)
            if storage:
                lines.append((f"{shown}: storage", f"{storage:.3f} GB-s", storage * prices.EPHEMERAL_GB_S))
        return lines + self._neighbours()

    def _neighbours(self) -> list[tuple[str, str, Decimal]]:
        counts: Counter[str | None] = Counter()
        for (service, operation), count in self._calls.items():
            counts[neighbour_of(service, operation)] += count
        return [
            (unit.item, f"{counts[name]:,}", counts[name] * unit.usd)
            for name, unit in prices.NEIGHBOURS.items()
            if counts[name]
        ]

    def _gb_seconds(self) -> list[tuple[Decimal, Decimal]]:
        """(USD each, GB-seconds) of every function and tier."""
        return [
            (usd, gb_s)
            for name, usage in self._usage.items()
            for gb_s, usd in by_tier(
                gb_seconds(self._functions[name].memory_mb, usage.billed_ms), self._functions[name].architecture
            )
        ]

    def _storage_gb_s(self, deployed: FunctionDeployed) -> Decimal:
        """Ephemeral storage beyond what is included, for the billed time."""
        return ephemeral_gb_seconds(deployed.ephemeral_mb, self._usage[deployed.function].billed_ms)


def _compute(deployed: FunctionDeployed, billed_ms: int) -> Decimal:
    return duration_usd(gb_seconds(deployed.memory_mb, billed_ms), deployed.architecture)
