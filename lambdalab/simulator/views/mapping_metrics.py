"""Metrics of event source mappings: IteratorAge for every stream's, the counts of events for those that ask. Fact H.1

The counts stand under what people call the mapping: CloudWatch's dimension is EventSourceMappingUUID.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from lambdalab.simulator.trace.facts import (
    BatchEnded,
    BatchSent,
    DiscardDelivered,
    MappingConfigured,
    MappingScaled,
    RecordsDiscarded,
    RecordsPolled,
    ShardBatchEnded,
)
from lambdalab.simulator.views.fold import Take
from lambdalab.simulator.views.series import Row, Statistics
from lambdalab.simulator.vocabulary.quotas import PROVISIONED_INVOKES


class MappingMetrics:
    """Collects samples by mapping, each of so many events. ``functions`` has the rows of the functions."""

    def __init__(self, functions: dict[str, Row]) -> None:
        self._functions = functions
        self._rows: dict[str, Row] = defaultdict(Row)
        self._names: dict[str, str] = {}
        self._counted: set[str] = set()
        self._provisioned: set[str] = set()
        self.takes: dict[type, Take] = {
            MappingConfigured: self._configured,
            RecordsPolled: self._polled,
            BatchSent: self._sent,
            BatchEnded: self._queue_batch_ended,
            ShardBatchEnded: self._ended,
            RecordsDiscarded: lambda at, fact: self._add(at, fact.mapping, "DroppedEventCount", fact.records),
            DiscardDelivered: self._told,
            MappingScaled: self._scaled,
        }

    def _configured(self, at: int, fact: MappingConfigured) -> None:
        self._names[fact.mapping] = fact.shown_as
        for wanted, group in ((fact.counted, self._counted), (fact.pollers_min is not None, self._provisioned)):
            (group.add if wanted else group.discard)(fact.mapping)

    def _add(self, at: int, mapping: str, metric: str, number: int) -> None:
        if number and mapping in self._counted:
            self._rows[mapping].sample(metric, at, number)

    def _polled(self, at: int, fact: RecordsPolled) -> None:
        self._add(at, fact.mapping, "PolledEventCount", fact.records)
        self._add(at, fact.mapping, "FilteredOutEventCount", fact.filtered)
        if fact.shard is None:  # a queue's: what does not pass is deleted
            self._add(at, fact.mapping, "DeletedEventCount", fact.filtered)

    def _sent(self, at: int, fact: BatchSent) -> None:
        self._add(at, fact.mapping, "InvokedEventCount", fact.records)
        if fact.age_us is not None:
            self._functions[fact.function].sample("IteratorAge", at, fact.age_us / 1_000)

    def _ended(self, at: int, fact: BatchEnded | ShardBatchEnded) -> None:
        self._add(at, fact.mapping, "FailedInvokeEventCount", fact.failed)

    def _queue_batch_ended(self, at: int, fact: BatchEnded) -> None:
        self._ended(at, fact)
        self._add(at, fact.mapping, "DeletedEventCount", fact.deleted)

    def _told(self, at: int, fact: DiscardDelivered) -> None:
        self._add(at, fact.mapping, "OnFailureDestinationDeliveredEventCount", fact.records)

    def _scaled(self, at: int, fact: MappingScaled) -> None:
        """Each provisioned poller has ten batches under way at most."""
        if fact.mapping in self._provisioned:
            self._rows[fact.mapping].sample("ProvisionedPollers", at, -(-fact.concurrency // PROVISIONED_INVOKES))

    def found(self) -> Iterator[tuple[str, str, dict[int, Statistics]]]:
        """(metric, name of the mapping, statistics by minute)."""
        return ((metric, self._names[mapping], rows) for metric, mapping, rows in self.by_uuid())

    def of_uuid(self, metric: str, mapping: str, since: int) -> dict[int, Statistics]:
        """One metric of the mapping with this UUID, from a minute on."""
        row = self._rows.get(mapping)
        series = None if row is None else row.levels.get(metric)
        return {} if series is None else series.rows(since)

    def by_uuid(self) -> Iterator[tuple[str, str, dict[int, Statistics]]]:
        """(metric, UUID of the mapping, statistics by minute)."""
        for mapping, row in self._rows.items():
            for metric, series in row.levels.items():
                yield metric, mapping, series.rows()
