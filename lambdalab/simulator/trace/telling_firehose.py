"""Sentences about Firehose streams."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lambdalab.simulator.trace import facts as f

OfFirehose = (
    f.FirehoseDeployed
    | f.FirehosePut
    | f.FirehoseRetried
    | f.FirehoseTransformed
    | f.FirehoseDelivered
    | f.FirehoseRefused
)
_CONTENT = {"data": "", "processing-failed": " that could not be processed", "source": " as they came"}


def of_firehose(
    fact: OfFirehose,
    streams: Mapping[str, str],
    who: Callable[[str], str],
    name_of: Callable[[str], str],
    duration: Callable[[int], str],
) -> str:
    """The sentence; ``streams``: what people call them."""
    name, records = streams.get(fact.stream, fact.stream), ""
    if not isinstance(fact, f.FirehoseDeployed):
        records = f"{fact.records} record{'' if fact.records == 1 else 's'}"
    match fact:
        case f.FirehoseDeployed():
            by = f", transformed by {_function(fact.function, name_of)}" if fact.function else ""
            source = f" from the Kinesis stream {fact.source.rpartition('/')[2]}" if fact.source else ""
            return f"The Firehose stream {name} leads{source} to the bucket {fact.bucket}{by}."
        case f.FirehosePut():
            put_by = "From Kinesis" if fact.put_by == "kinesis" else who(fact.put_by)
            verb = "come" if fact.put_by == "kinesis" else "puts"
            return f"{put_by} {verb} {records} ({fact.bytes:,} bytes) into the Firehose stream {name}."
        case f.FirehoseRetried():
            again = f"asks again in {duration(fact.delay_us)}, attempt {fact.attempt + 1}"
            function = _function(fact.function, name_of)
            return f"{function} did not transform {records} of {name}, which {again}: {fact.error}"
        case f.FirehoseTransformed():
            made = f"{fact.ok} Ok, {fact.dropped} Dropped, {fact.failed} failed"
            why = f": {fact.error}" if fact.error else "."
            return f"{_function(fact.function, name_of)} has transformed {records} of {name} ({made}){why}"
        case f.FirehoseDelivered():
            return f"{name} writes {records}{_CONTENT[fact.content]} into {fact.bucket}/{fact.key}."
        case f.FirehoseRefused():
            then = "gives up: they are lost" if fact.delay_us is None else f"tries again in {duration(fact.delay_us)}"
            return f"The bucket {fact.bucket} did not take {records} of {name}, which {then}: {fact.error}"


def _function(arn: str | None, name_of: Callable[[str], str]) -> str:
    name = str(arn).partition(":function:")[2] or str(arn)
    function, colon, qualifier = name.partition(":")
    return f"{name_of(function)}{colon}{qualifier}"
