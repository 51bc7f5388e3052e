"""The summary's ``mappings``: what each event source mapping has polled, handed over and got back."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.trace.facts import (
    BatchBisected,
    BatchEnded,
    BatchSent,
    MappingConfigured,
    MappingStateChanged,
    RecordsDiscarded,
    RecordsPolled,
    ShardBatchEnded,
)
from lambdalab.simulator.views.fold import Take


class MappingsPart:
    """Counts what mappings did."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Any]] = {}
        self.takes: dict[type, Take] = {
            MappingConfigured: self._configured,
            MappingStateChanged: self._state_changed,
            RecordsPolled: self._polled,
            BatchSent: self._sent,
            BatchEnded: self._ended,
            ShardBatchEnded: self._ended,
            BatchBisected: self._bisected,
            RecordsDiscarded: self._discarded,
        }

    def _configured(self, at: int, fact: MappingConfigured) -> None:
        fresh = {
            "batches": 0,
            "records": 0,
            "failures": 0,
            "failed_items": 0,
            "filtered": 0,
            "bisections": 0,
            "discarded": 0,
            "iterator_age_max_ms": 0,
            "concurrent_max": 0,
            "state": "Creating",
        }
        row = self._rows.setdefault(fact.mapping, fresh)
        row["shown_as"], row["function"] = fact.shown_as, fact.function
        row["source"] = fact.source

    def _state_changed(self, at: int, fact: MappingStateChanged) -> None:
        self._rows[fact.mapping]["state"] = fact.state

    def _polled(self, at: int, fact: RecordsPolled) -> None:
        self._rows[fact.mapping]["filtered"] += fact.filtered

    def _sent(self, at: int, fact: BatchSent) -> None:
        row = self._rows[fact.mapping]
        row["batches"] += 1
        row["records"] += fact.records
        row["concurrent_max"] = max(row["concurrent_max"], fact.concurrency)
        if fact.age_us is not None:
            row["iterator_age_max_ms"] = max(row["iterator_age_max_ms"], fact.age_us / 1_000)

    def _ended(self, at: int, fact: BatchEnded | ShardBatchEnded) -> None:
        row = self._rows[fact.mapping]
        row["failures"] += fact.outcome not in ("ok", "partial")
        row["failed_items"] += fact.failed

    def _bisected(self, at: int, fact: BatchBisected) -> None:
        self._rows[fact.mapping]["bisections"] += 1

    def _discarded(self, at: int, fact: RecordsDiscarded) -> None:
        self._rows[fact.mapping]["discarded"] += fact.records

    def result(self, names: dict[str, str], sources: dict[str, str]) -> dict[str, Any]:
        """``mappings`` of the summary; ``names`` and ``sources``: what functions and sources (by ARN) are called."""
        return {
            row["shown_as"]: {
                "source": sources.get(row["source"]) or row["source"].rsplit(":", 1)[-1],
                "function": names.get(row["function"], row["function"]),
                **{name: value for name, value in row.items() if name not in ("shown_as", "source", "function")},
            }
            for row in self._rows.values()
        }
