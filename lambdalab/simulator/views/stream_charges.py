"""What streams cost: shards by the hour, records by their size. Prices: A-94."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from lambdalab.simulator.kernel import HOUR
from lambdalab.simulator.trace.facts import StreamDeleted, StreamDeployed, StreamRecordPut, StreamResharded
from lambdalab.simulator.views.fold import Take
from lambdalab.simulator.vocabulary import prices


@dataclass(slots=True)
class _Stream:
    """``open`` shards, or one stream on demand, since ``since``; before that ``micros`` in all."""

    on_demand: bool
    open: int
    since: int
    micros: int = 0

    def settle(self, now: int) -> None:
        """Count up to ``now`` with as many shards as there were."""
        self.micros += self.open * (now - self.since)
        self.since = now


class StreamCharges:
    """Adds up what Kinesis charges, without any minimum: an open shard costs by the microsecond here (A-94)."""

    def __init__(self) -> None:
        self._streams: dict[str, _Stream] = {}
        self._units = 0
        self._bytes = 0
        self.takes: dict[type, Take] = {
            StreamDeployed: self._deployed,
            StreamDeleted: self._deleted,
            StreamResharded: self._resharded,
            StreamRecordPut: self._put,
        }

    def _deployed(self, at: int, fact: StreamDeployed) -> None:
        if fact.mode is not None:  # a table's stream costs nothing by itself
            on_demand = fact.mode == "ON_DEMAND"
            self._streams[fact.stream] = _Stream(on_demand, 1 if on_demand else len(fact.shards), at)

    def _deleted(self, at: int, fact: StreamDeleted) -> None:
        stream = self._streams.get(fact.stream)
        if stream is not None:
            stream.settle(at)
            stream.open = 0

    def _resharded(self, at: int, fact: StreamResharded) -> None:
        stream = self._streams.get(fact.stream)
        if stream is not None:
            stream.settle(at)
            stream.open += len(fact.opened) - len(fact.closed)

    def _put(self, at: int, fact: StreamRecordPut) -> None:
        stream = self._streams.get(fact.stream)
        if stream is not None and stream.on_demand:
            self._bytes += -(-fact.bytes // prices.STREAM_KB) * prices.STREAM_KB
        elif stream is not None:
            self._units += -(-fact.bytes // prices.PUT_UNIT_BYTES)

    def standing(self, now: int) -> Iterator[tuple[str, str, Decimal]]:
        """What is paid by the hour, whether anything comes or not."""
        for on_demand, item, price in (
            (False, "Kinesis shard hours", prices.SHARD_HOUR),
            (True, "Kinesis on-demand stream hours", prices.STREAM_HOUR),
        ):
            found = [stream for stream in self._streams.values() if stream.on_demand is on_demand]
            hours = Decimal(sum(stream.micros + stream.open * (now - stream.since) for stream in found)) / HOUR
            if hours:
                yield item, f"{hours:.3f} h", hours * price

    def lines(self, now: int) -> Iterator[tuple[str, str, Decimal]]:
        """The bill's lines: (item, quantity, USD)."""
        yield from self.standing(now)
        if self._units:
            yield "Kinesis PUT payload units", f"{self._units:,}", self._units * prices.PUT_UNIT
        if self._bytes:
            size = Decimal(self._bytes) / prices.GB_BYTES
            yield "Kinesis data, on demand", f"{size:.6f} GB", size * prices.STREAM_GB
