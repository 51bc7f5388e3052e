"""Sentences about event source mappings."""

from __future__ import annotations

from collections.abc import Mapping

from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.trace.telling_streams import name_of, short

OfMapping = (
    f.MappingConfigured
    | f.MappingStateChanged
    | f.MappingScaled
    | f.PollRefused
    | f.RecordsPolled
    | f.BatchSent
    | f.BatchThrottled
    | f.BatchEnded
    | f.ShardBatchEnded
    | f.BatchRetried
    | f.BatchBisected
    | f.BatchDuplicated
    | f.RecordsDiscarded
    | f.DiscardDelivered
    | f.DiscardFailed
    | f.CheckpointMoved
    | f.WindowEnded
)
_GIVEN_UP = {
    "RetryAttemptsExhausted": "its retries are used up",
    "RecordAgeExceeded": "they have outlived their maximum age",
}
_ENDS = {
    "ok": "is done",
    "partial": "is done in part",
    "failed": "failed",
    "malformed": "counts as failed: its function's response could not be understood",
    "throttled": "is given up: there was no room for too long",
    "refused": "was refused",
}


def of_mapping(fact: OfMapping, name: str, functions: Mapping[str, str]) -> str:
    """The sentence; ``name`` is what people call the mapping, ``functions`` what they call functions."""
    match fact:
        case f.MappingConfigured():
            function = functions.get(fact.function, fact.function)
            ends = f"from {name_of(fact.source)} to {function}"
            return f"The mapping {name} leads {ends}, {_up_to(fact.batch_size)} at once."
        case f.MappingStateChanged():
            return f"The mapping {name} is {fact.state}."
        case f.MappingScaled():
            why = f" ({fact.reason})"
            return f"The mapping {name} may have {_count(fact.concurrency, 'batch', 'batches')} under way at once{why}."
        case f.PollRefused():
            return f"{name} cannot poll its source: {fact.error}. {' '.join(fact.message.split())}"
        case f.RecordsPolled():
            dropped = f"; {fact.filtered:,} of them do not pass the filter" if fact.filtered else ""
            where = f" from {short(fact.shard)}" if fact.shard else ""
            return f"A poll of {name} brings {_count(fact.records, 'record')}{where}{dropped}."
        case f.BatchSent():
            function = functions.get(fact.function, fact.function)
            where = f" of {short(fact.shard)}" if fact.shard else ""
            again = f", attempt {fact.attempt}" if fact.attempt > 1 else ""
            return f"{name} hands a batch of {_count(fact.records, 'record')}{where} to {function}{again}."
        case f.BatchThrottled():
            return f"There is no room for a batch of {name} ({fact.reason}): again in {fact.delay_us / 1e6:g} s."
        case f.BatchEnded():
            kept = f", {_count(fact.failed, 'record')} will come again" if fact.failed else ""
            return f"A batch of {name} {_ENDS[fact.outcome]}: {_count(fact.deleted, 'record')} deleted{kept}."

        case _:
            return _of_shard(fact, name)


def _of_shard(
    fact: f.ShardBatchEnded
    | f.BatchRetried
    | f.BatchBisected
    | f.BatchDuplicated
    | f.RecordsDiscarded
    | f.DiscardDelivered
    | f.DiscardFailed
    | f.CheckpointMoved
    | f.WindowEnded,
    name: str,
) -> str:
    match fact:
        case f.ShardBatchEnded():
            where = f"A batch of {short(fact.shard)} for {name}"
            if fact.outcome == "partial":
                return f"{where} is done in part: {_count(fact.failed, 'record')} failed."
            return f"{where} {_ENDS[fact.outcome]}."
        case f.BatchRetried():
            again = f"{_count(fact.records, 'record')} again in {fact.delay_us / 1e6:g} s"
            return (
                f"{short(fact.shard).capitalize()} waits for {name}: {again}, after {_count(fact.failures, 'failure')}."
            )
        case f.BatchBisected():
            return f"{name} splits the failed batch in two: {fact.first:,} and {_count(fact.second, 'record')}."
        case f.BatchDuplicated():
            return f"A batch of {_count(fact.records, 'record')} comes once more to {name} although it went well."
        case f.RecordsDiscarded():
            lost = "" if fact.kept else " Nothing is configured to tell of it."
            what = f"{_count(fact.records, 'record')} of {short(fact.shard)}"
            return f"{name} gives up {what}: {_GIVEN_UP[fact.condition]}.{lost}"
        case f.DiscardDelivered():
            return f"{fact.target.rsplit(':', 1)[-1]} is told of the records that {name} gave up ({fact.condition})."
        case f.DiscardFailed():
            target = fact.target.rsplit(":", 1)[-1]
            return f"{target} refused the message about records that {name} gave up: {' '.join(fact.error.split())}"
        case f.CheckpointMoved():
            return f"{name} is done with {short(fact.shard)} up to {_tail(fact.sequence)}."
        case f.WindowEnded():
            early = ", early: its state had grown over 1 MB" if fact.early else ""
            return f"A tumbling window of {short(fact.shard)} for {name} ends{early}."


def _tail(sequence: str) -> str:
    return f"the record …{sequence[-12:]}" if len(sequence) > 16 else f"the record {sequence}"


def _up_to(number: int) -> str:
    return f"up to {_count(number, 'record')}"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
