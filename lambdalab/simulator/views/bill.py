"""The bill of a run: requests, compute, and what neighbouring services charge for their calls. Fact J."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.trace.facts import ApiCalled, FunctionDeployed, InvocationEnded
from lambdalab.simulator.views.fold import Take
from lambdalab.simulator.vocabulary import prices
from lambdalab.simulator.vocabulary.quotas import EPHEMERAL_MB_DEFAULT

SERVICE_PRICES = {
    "sqs": ("SQS requests", prices.SQS_REQUEST),
    "sns": ("SNS publishes", prices.SNS_PUBLISH),
}
DYNAMODB_WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")


@dataclass(slots=True)
class _Usage:
    invocations: int = 0
    failed: int = 0
    billed_ms: int = 0
    failed_billed_ms: int = 0


class BillFold:
    """Adds up what AWS would charge, without the free tier."""

    def __init__(self) -> None:
        self._functions: dict[str, FunctionDeployed] = {}
        self._usage: dict[str, _Usage] = defaultdict(_Usage)
        self._calls: Counter[str] = Counter()
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
            usage.failed += 1
            usage.failed_billed_ms += fact.billed_ms

    def _deployed(self, at: int, fact: FunctionDeployed) -> None:
        self._functions[fact.function] = fact

    def _count(self, at: int, call: ApiCalled) -> None:
        if call.source == "scenario" or call.status in (403, 501):
            return
        if call.service in SERVICE_PRICES:
            self._calls[call.service] += 1
        elif call.service == "dynamodb":
            self._calls["dynamodb-write" if call.operation in DYNAMODB_WRITES else "dynamodb-read"] += 1

    def by_function(self) -> dict[str, dict[str, float]]:
        """``{NAME: {requests_usd, compute_usd, provisioned_usd, storage_usd}}``."""
        table = {}
        for name, deployed in self._functions.items():
            requests, compute = self._cost(deployed, self._usage[name].billed_ms)
            table[deployed.shown_as] = {
                "requests_usd": requests,
                "compute_usd": compute,
                "provisioned_usd": 0.0,
                "storage_usd": self._storage_gb_s(deployed) * prices.EPHEMERAL_GB_S,
            }
        return table

    def total(self) -> float:
        """Everything, in USD."""
        return float(sum(row["usd"] for row in self.rows()))

    def rows(self) -> list[dict[str, Any]]:
        """The bill's lines: ``{item, quantity, usd}``, failed attempts apart from successes."""
        rows = []
        for name, usage in self._usage.items():
            deployed = self._functions[name]
            requests, _ = self._cost(deployed, 0)
            shown = deployed.shown_as
            rows.append(_row(f"{shown}: requests", f"{usage.invocations:,} × $0.20 per million", requests))
            for what, billed in (
                ("successes", usage.billed_ms - usage.failed_billed_ms),
                ("failed attempts", usage.failed_billed_ms),
            ):
                if billed:
                    gb_s = deployed.memory_mb / 1024 * billed / 1000
                    rows.append(_row(f"{shown}: compute, {what}", f"{gb_s:.3f} GB-s", self._cost(deployed, billed)[1]))
            storage = self._storage_gb_s(deployed)
            if storage:
                rows.append(_row(f"{shown}: storage", f"{storage:.3f} GB-s", storage * prices.EPHEMERAL_GB_S))
        for service, (item, price) in SERVICE_PRICES.items():
            if self._calls[service]:
                rows.append(_row(item, f"{self._calls[service]:,}", self._calls[service] * price))
        for key, item, price in (
            ("dynamodb-write", "DynamoDB writes", prices.DYNAMODB_WRITE),
            ("dynamodb-read", "DynamoDB reads", prices.DYNAMODB_READ),
        ):
            if self._calls[key]:
                rows.append(_row(item, f"{self._calls[key]:,}", self._calls[key] * price))
        return rows

    def _storage_gb_s(self, deployed: FunctionDeployed) -> float:
        """/tmp beyond what is included, for the billed time."""  # noqa: S108
        extra_mb = max(0, deployed.ephemeral_mb - EPHEMERAL_MB_DEFAULT)
        return extra_mb / 1024 * self._usage[deployed.function].billed_ms / 1000

    def _cost(self, deployed: FunctionDeployed, billed_ms: int) -> tuple[float, float]:
        usage = self._usage[deployed.function]
        return prices.function_cost(usage.invocations, billed_ms, deployed.memory_mb, deployed.architecture)


def _row(item: str, quantity: str, usd: float) -> dict[str, Any]:
    return {"item": item, "quantity": quantity, "usd": usd}
