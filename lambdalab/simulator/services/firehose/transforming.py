"""Handing batches to a function, again while it fails.

Source: Amazon Data Firehose Developer Guide, "Transform source data" and "Handle failure in data transformation", read
2026-11. An invocation takes five minutes at most. How long Firehose waits between attempts: A-146.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.kernel import MILLISECOND, MINUTE, Micros, Process, Signal
from lambdalab.simulator.services.firehose.answers import TIMED_OUT, Failure, Outcome, outcome_of, read_answer
from lambdalab.simulator.services.firehose.stream import DeliveryStream, FirehoseRecord, Processor
from lambdalab.simulator.trace.facts import FirehoseRetried, FirehoseTransformed
from lambdalab.simulator.vocabulary.arns import REGION
from lambdalab.simulator.vocabulary.assumptions.firehose_and_batch import FIREHOSE_BACKOFF
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.events.plain import compact

PATIENCE = Micros(5 * MINUTE)
PAYLOAD_MAX = 6 * 1024 * 1024  # of a synchronous invocation
ENVELOPE = 512  # of an event without its records
AROUND = 420  # of a record in an event beside its data and its partition key, at most


class Transformer:
    """Asks the functions of streams."""

    def __init__(self, world: World) -> None:
        self._world = world

    def transform(self, stream: DeliveryStream, by: Processor, records: list[FirehoseRecord]) -> Process[Outcome]:
        """Ask until the function answers without an error, whatever it says, or its retries are used up."""
        attempt = 0
        while True:
            attempt += 1
            answer = yield from self._ask(stream, by, records)
            if not isinstance(answer, Failure) or attempt > by.retries:
                break
            delay = Micros(FIREHOSE_BACKOFF[min(attempt, len(FIREHOSE_BACKOFF)) - 1])
            self._world.trace.record(
                FirehoseRetried(
                    stream.name, by.function, len(records), attempt, delay, f"{answer.code}: {answer.message}"
                )
            )
            yield from self._world.kernel.sleep(delay)
        if isinstance(answer, Failure):
            outcome = Outcome([], 0, [(record, answer) for record in records], attempt)
        else:
            outcome = outcome_of(records, answer, attempt)
        why = next((failure for _, failure in outcome.failed), None)
        self._world.trace.record(
            FirehoseTransformed(
                stream.name,
                by.function,
                len(records),
                len(outcome.ok),
                outcome.dropped,
                len(outcome.failed),
                attempt,
                None if why is None else f"{why.code}: {why.message}",
            )
        )
        return outcome

    def _ask(self, stream: DeliveryStream, by: Processor, records: list[FirehoseRecord]) -> Process[Any]:
        """One invocation: what the function returned, or why it returned nothing."""
        event = self._event(stream, records)
        params = {
            "FunctionName": by.function,
            "InvocationType": "RequestResponse",
            "Payload": compact(event).encode(),
        }
        request = Request(by.role, "lambda", "Invoke", params, f"firehose/{stream.name}")
        done, answers = self._world.kernel.signal(), list[Answer | AwsError]()
        self._world.kernel.spawn(self._call(request, done, answers))
        yield from self._world.kernel.wait_until(done, Micros(self._world.kernel.now + PATIENCE))
        return read_answer(answers[0]) if answers else TIMED_OUT

    def _call(self, request: Request, done: Signal, answers: list[Answer | AwsError]) -> Process[None]:
        answers.append((yield from self._world.api.call(request)))
        done.fire()

    def _event(self, stream: DeliveryStream, records: list[FirehoseRecord]) -> dict[str, Any]:
        event: dict[str, Any] = {
            "invocationId": self._world.new_uuid("firehose"),
            "deliveryStreamArn": stream.arn,
            "region": REGION,
        }
        if stream.source is not None:
            event["sourceKinesisStreamArn"] = stream.source.stream_arn
        event["records"] = [self._shown(record) for record in records]
        return event

    def _shown(self, record: FirehoseRecord) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "recordId": record.id,
            "approximateArrivalTimestamp": self.stamp(record.arrived_at),
            "data": base64.b64encode(record.data).decode(),
        }
        if record.source is not None:
            shard, key, sequence, arrived_at = record.source
            shown["kinesisRecordMetadata"] = {
                "sequenceNumber": sequence,
                "subsequenceNumber": 0,
                "partitionKey": key,
                "shardId": shard,
                "approximateArrivalTimestamp": self.stamp(arrived_at),
            }
        return shown

    def stamp(self, moment: Micros) -> int:
        """Milliseconds since 1970."""
        return (self._world.epoch_us + moment) // MILLISECOND


def batches(records: list[FirehoseRecord]) -> Iterator[list[FirehoseRecord]]:
    """Parts of a batch that fit into an invocation: many small records are more in an event than they are."""
    batch: list[FirehoseRecord] = []
    size = ENVELOPE
    for record in records:
        takes = -(-len(record.data) // 3) * 4 + AROUND
        if record.source is not None:
            takes += len(compact(record.source[1]).encode())  # a key of 256 characters may take six times as many bytes
        if batch and size + takes > PAYLOAD_MAX:
            yield batch
            batch, size = [], ENVELOPE
        batch.append(record)
        size += takes
    if batch:
        yield batch
