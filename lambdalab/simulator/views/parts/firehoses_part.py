"""The summary's ``firehoses``: what came into each Firehose stream, and what became of it."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.trace.facts import (
    FirehoseDelivered,
    FirehoseDeployed,
    FirehosePut,
    FirehoseRefused,
    FirehoseRetried,
    FirehoseTransformed,
)
from lambdalab.simulator.views.fold import Take

_DELIVERED = {"data": "delivered", "processing-failed": "failed_delivered", "source": "backed_up"}


class FirehosesPart:
    """Counts records, batches and objects."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Any]] = {}
        self._names: dict[str, str] = {}
        self.takes: dict[type, Take] = {
            FirehoseDeployed: self._deployed,
            FirehosePut: self._put,
            FirehoseRetried: self._retried,
            FirehoseTransformed: self._transformed,
            FirehoseDelivered: self._delivered,
            FirehoseRefused: self._refused,
        }

    def _deployed(self, at: int, fact: FirehoseDeployed) -> None:
        self._names[fact.stream] = fact.shown_as
        counts = ("records", "bytes", "batches", "ok", "dropped", "failed", "retries")
        results = ("delivered", "failed_delivered", "backed_up", "objects", "refused", "lost")
        self._rows[fact.stream] = dict.fromkeys((*counts, *results), 0)

    def _put(self, at: int, fact: FirehosePut) -> None:
        row = self._rows[fact.stream]
        row["records"] += fact.records
        row["bytes"] += fact.bytes

    def _retried(self, at: int, fact: FirehoseRetried) -> None:
        self._rows[fact.stream]["retries"] += 1

    def _transformed(self, at: int, fact: FirehoseTransformed) -> None:
        row = self._rows[fact.stream]
        row["batches"] += 1
        for name, number in (("ok", fact.ok), ("dropped", fact.dropped), ("failed", fact.failed)):
            row[name] += number

    def _delivered(self, at: int, fact: FirehoseDelivered) -> None:
        row = self._rows[fact.stream]
        row["objects"] += 1
        row[_DELIVERED[fact.content]] += fact.records

    def _refused(self, at: int, fact: FirehoseRefused) -> None:
        row = self._rows[fact.stream]
        row["refused"] += 1
        if fact.delay_us is None:
            row["lost"] += fact.records

    def result(self) -> dict[str, dict[str, Any]]:
        """``firehoses`` of the summary."""
        return {self._names[name]: row for name, row in self._rows.items()}
