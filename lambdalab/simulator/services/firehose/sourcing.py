"""A Kinesis stream as the source of a Firehose stream: each shard is read from the moment the stream was made.

Source: Amazon Data Firehose Developer Guide, "Configure Kinesis data stream as source", read 2026-11: GetRecords is
called once a second for each shard, from LATEST on. While there is nothing to read nobody asks, which no student can
tell from empty polls; a refusal is met again with the next record (A-146).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.kernel import SECOND, Micros, Process
from lambdalab.simulator.services.firehose.stream import DeliveryStream, FirehoseRecord
from lambdalab.simulator.services.shards import Watchers
from lambdalab.simulator.vocabulary.errors import AwsError

INTERVAL = Micros(1 * SECOND)
LIMIT = 10_000  # records of one GetRecords
ATTEMPTS = 10  # of a read that is refused, before the next record


class Reader:
    """Reads one Kinesis stream; ``take`` gets what it finds."""

    def __init__(
        self, world: World, stream: DeliveryStream, watchers: Watchers, take: Callable[[list[FirehoseRecord]], None]
    ) -> None:
        self._world = world
        self._stream = stream
        self._take = take
        self._last: dict[str, str] = {}  # the sequence number that was read last, by shard
        self._at_work: set[str] = set()
        self._news: set[str] = set()
        assert stream.source is not None
        self._source = stream.source
        watchers.add(stream.source.stream_arn, self._tell)

    def _tell(self, shard: str) -> None:
        """Something is new in a shard."""
        self._news.add(shard)
        if shard not in self._at_work:
            self._at_work.add(shard)
            self._world.kernel.spawn(self._read(shard))

    def _read(self, shard: str) -> Process[None]:
        """Poll until nothing is left."""
        refused = 0
        while shard in self._news and refused < ATTEMPTS:
            yield from self._world.kernel.sleep(INTERVAL)
            self._news.discard(shard)
            page = yield from self._page(shard)
            if page is None:
                refused += 1
                self._news.add(shard)
                continue
            refused = 0
            records = [self._record(shard, each) for each in page["Records"]]
            if records:
                self._last[shard] = page["Records"][-1]["SequenceNumber"]
                self._take(records)
                self._news.add(shard)  # once more, until a page is empty
        self._at_work.discard(shard)

    def _page(self, shard: str) -> Process[dict[str, Any] | None]:
        last = self._last.get(shard)
        place = {"ShardIteratorType": "TRIM_HORIZON"}  # nothing was there before this stream was made
        if last is not None:
            place = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": last}
        found = yield from self._call("GetShardIterator", ShardId=shard, **place)
        if isinstance(found, AwsError):
            return None
        iterator = found.output["ShardIterator"]
        page = yield from self._call("GetRecords", ShardIterator=iterator, Limit=LIMIT)
        return None if isinstance(page, AwsError) else page.output

    def _call(self, operation: str, **params: Any) -> Process[Answer | AwsError]:
        given = params | {"StreamARN": self._source.stream_arn}
        request = Request(self._source.role, "kinesis", operation, given, f"firehose/{self._stream.name}")
        return (yield from self._world.api.call(request))

    def _record(self, shard: str, found: dict[str, Any]) -> FirehoseRecord:
        arrived = found["ApproximateArrivalTimestamp"]
        moment = Micros(round(arrived.timestamp() * SECOND) - self._world.epoch_us)
        sequence = str(found["SequenceNumber"])
        source = (shard, str(found["PartitionKey"]), sequence, moment)
        return FirehoseRecord(f"{sequence}000000", bytes(found["Data"]), self._world.kernel.now, source)
