"""Sentences about streams."""

from __future__ import annotations

from lambdalab.simulator.trace import facts as f

OfStream = f.StreamDeployed | f.StreamDeleted | f.StreamRecordPut | f.StreamThrottled | f.StreamResharded


def of_stream(fact: OfStream) -> str:
    """The sentence."""
    name = name_of(fact.stream)
    match fact:
        case f.StreamDeployed():
            shards = f"{len(fact.shards)} shard{'' if len(fact.shards) == 1 else 's'}"
            what = f"{fact.view} of each change" if fact.view else (fact.mode or "").lower().replace("_", "-")
            whose = f"of the table {fact.shown_as}" if fact.view else fact.shown_as
            return f"The stream {whose} exists: {shards}, {what}; it keeps records for {fact.retention_h} h."
        case f.StreamDeleted():
            return f"The stream {name} is deleted, with all its records."
        case f.StreamRecordPut():
            return f"A record of {' '.join(fact.partition_key.split())[:60]} enters {short(fact.shard)} of {name}."
        case f.StreamThrottled():
            verb = "takes no more records" if fact.what == "write" else "is read too often, or too much at once,"
            return f"{short(fact.shard)} of {name} {verb} in this second: ProvisionedThroughputExceededException."
        case f.StreamResharded():
            closed, opened = (", ".join(map(short, shards)) for shards in (fact.closed, fact.opened))
            return f"In {name}, {closed} is closed; its records are read before those of {opened}."


def name_of(arn: str) -> str:
    """What people call a stream: its name, or that of the table. Of a queue, its name."""
    kind, _, rest = arn.split(":", 5)[-1].partition("/")
    return f"the stream of the table {rest.partition('/')[0]}" if kind == "table" else rest or kind


def short(shard: str) -> str:
    """A shard by what tells it from others: ``shard 3``, of a table's ``shard 5f2c01ab``."""
    number, dash, letters = shard.removeprefix("shardId-").partition("-")
    return f"shard {letters}" if dash else f"shard {number.lstrip('0') or '0'}" if number.isdecimal() else shard
