"""Sentences about event source mappings."""

from __future__ import annotations

from collections.abc import Mapping

from lambdalab.simulator.trace import facts as f

OfMapping = (
    f.MappingConfigured
    | f.MappingStateChanged
    | f.MappingScaled
    | f.PollRefused
    | f.RecordsPolled
    | f.BatchSent
    | f.BatchThrottled
    | f.BatchEnded
)
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
            source = fact.source.rsplit(":", 1)[-1]
            return f"The mapping {name} leads from {source} to {function}, {_up_to(fact.batch_size)} at once."
        case f.MappingStateChanged():
            return f"The mapping {name} is {fact.state}."
        case f.MappingScaled():
            why = f" ({fact.reason})"
            return f"The mapping {name} may have {_count(fact.concurrency, 'batch', 'batches')} under way at once{why}."
        case f.PollRefused():
            return f"{name} cannot poll its source: {fact.error}. {' '.join(fact.message.split())}"
        case f.RecordsPolled():
            dropped = f"; {fact.filtered:,} of them do not pass the filter" if fact.filtered else ""
            return f"A poll of {name} brings {_count(fact.records, 'record')}{dropped}."
        case f.BatchSent():
            function = functions.get(fact.function, fact.function)
            return f"{name} hands a batch of {_count(fact.records, 'record')} to {function}."
        case f.BatchThrottled():
            return f"There is no room for a batch of {name} ({fact.reason}): again in {fact.delay_us / 1e6:g} s."
        case f.BatchEnded():
            kept = f", {_count(fact.failed, 'record')} will come again" if fact.failed else ""
            return f"A batch of {name} {_ENDS[fact.outcome]}: {_count(fact.deleted, 'record')} deleted{kept}."


def _up_to(number: int) -> str:
    return f"up to {_count(number, 'record')}"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
