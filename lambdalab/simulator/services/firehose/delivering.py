"""From a record's arrival to its object: buffers, the function between them, and writing to the bucket.

Source: Amazon Data Firehose Developer Guide, "Understand data delivery in Amazon Data Firehose" and "Handle data
delivery failure", read 2026-11: what the bucket does not take is tried again for up to 24 hours, then it is lost.
"""

from __future__ import annotations

import base64
import gzip

from lambdalab.simulator.account import Request, World
from lambdalab.simulator.kernel import DAY, Micros, Process
from lambdalab.simulator.services.firehose.answers import Failure, Outcome
from lambdalab.simulator.services.firehose.prefixes import data_prefix, error_prefix, suffix
from lambdalab.simulator.services.firehose.stream import Buffer, DeliveryStream, FirehoseRecord, Place
from lambdalab.simulator.services.firehose.transforming import Transformer, batches
from lambdalab.simulator.trace.facts import FirehoseDelivered, FirehoseRefused
from lambdalab.simulator.vocabulary.assumptions.firehose_and_batch import (
    FIREHOSE_S3_BACKOFF_MAX,
    FIREHOSE_S3_BACKOFF_MIN,
)
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.events.plain import compact

FAILED = "processing-failed"


class Delivery:
    """The way of one stream's records."""

    def __init__(self, world: World, stream: DeliveryStream) -> None:
        self._world = world
        self._stream = stream
        self._transformer = Transformer(world)
        place = stream.place
        self._out = Buffer(world, place.hints, lambda records: self._ship(place, records, "data"))
        self._errors = Buffer(world, place.hints, lambda records: self._ship(place, records, FAILED))
        self._first = self._out
        if stream.processor is not None:
            self._first = Buffer(world, stream.processor.hints, self._transform)
        backup = stream.backup
        self._backup: Buffer | None = None
        if backup is not None:
            self._backup = Buffer(world, backup.hints, lambda records: self._ship(backup, records, "source"))

    def take(self, record: FirehoseRecord) -> None:
        """A record has come."""
        if self._backup is not None:
            self._backup.add(record)
        self._first.add(record)

    def _transform(self, records: list[FirehoseRecord]) -> None:
        for batch in batches(records):
            self._world.kernel.spawn(self._transform_batch(batch))

    def _transform_batch(self, batch: list[FirehoseRecord]) -> Process[None]:
        processor = self._stream.processor
        assert processor is not None
        outcome: Outcome = yield from self._transformer.transform(self._stream, processor, batch)
        for record in outcome.ok:
            self._out.add(record)
        for record, failure in outcome.failed:
            self._errors.add(self._told(record, failure, outcome.attempts, processor.function))

    def _told(self, record: FirehoseRecord, failure: Failure, attempts: int, function: str) -> FirehoseRecord:
        """The line that stands for a record that could not be processed, in the order and spelling that AWS writes.

        The guide has another order, and ``lambdaArn``: objects of 2025 and 2026 that people have published have this.
        """
        line = compact(
            {
                "rawData": base64.b64encode(record.data).decode(),
                "errorCode": failure.code,
                "errorMessage": failure.message,
                "attemptsMade": attempts,
                "arrivalTimestamp": self._transformer.stamp(record.arrived_at),
                "attemptEndingTimestamp": self._transformer.stamp(self._world.kernel.now),
                "lambdaARN": function,
            }
        )
        return FirehoseRecord(record.id, line.encode() + b"\n", record.arrived_at)

    def _ship(self, place: Place, records: list[FirehoseRecord], content: str) -> None:
        self._world.kernel.spawn(self._write(place, records, content))

    def _write(self, place: Place, records: list[FirehoseRecord], content: str) -> Process[None]:
        """Put one object into the bucket, again and again while the bucket does not take it."""
        world, stream = self._world, self._stream
        delimiter = stream.delimiter if content == "data" else b""
        body = delimiter.join(record.data for record in records)
        headers = {"ContentType": "application/octet-stream"}
        if place.gzip:
            body, headers = gzip.compress(body, mtime=0), headers | {"ContentEncoding": "gzip"}
        key = self._key(place, records, content)
        began, delay = world.kernel.now, Micros(FIREHOSE_S3_BACKOFF_MIN)
        while True:
            params = {"Bucket": place.bucket, "Key": key, "Body": body, **headers}
            answer = yield from world.api.call(
                Request(place.role, "s3", "PutObject", params, f"firehose/{stream.name}")
            )
            if not isinstance(answer, AwsError):
                size = len(body)
                fact = FirehoseDelivered(stream.name, place.bucket, key, len(records), size, content)  # type: ignore[arg-type]
                world.trace.record(fact)
                return
            over = world.kernel.now + delay - began > DAY
            error = f"{answer.code}: {answer.message[:300]}"
            world.trace.record(
                FirehoseRefused(stream.name, place.bucket, len(records), content, None if over else delay, error)  # type: ignore[arg-type]
            )
            if over:
                return
            yield from world.kernel.sleep(delay)
            delay = Micros(min(delay * 2, FIREHOSE_S3_BACKOFF_MAX))

    def _key(self, place: Place, records: list[FirehoseRecord], content: str) -> str:
        world, name = self._world, self._stream.name
        random = world.kernel.random_for(f"firehose/{name}")
        oldest = world.wall_clock(min(record.arrived_at for record in records))
        if content == FAILED:
            prefix = error_prefix(place.prefix, place.error_prefix, oldest, random, FAILED)
        else:
            prefix = data_prefix(place.prefix, oldest, random)
        extension = place.extension or (".gz" if place.gzip else "")
        return prefix + suffix(name, self._stream.version, oldest, world.new_uuid("firehose"), extension)
