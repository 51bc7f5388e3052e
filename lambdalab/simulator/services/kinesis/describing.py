"""What Kinesis tells of a stream: DescribeStream, DescribeStreamSummary, ListShards, ListStreams, DescribeLimits."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.account import Answer
from lambdalab.simulator.services.kinesis import refusals
from lambdalab.simulator.services.kinesis.reading import hash_keys, micros_of
from lambdalab.simulator.services.kinesis.stream import Shard, Stream
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.errors import AwsError

DESCRIBED_MAX, LISTED_MAX, STREAMS_MAX = 100, 1_000, 100  # by default. BC


def describe(stream: Stream, params: Mapping[str, Any]) -> Answer:
    """DescribeStream: the shards a page at a time."""
    after, limit = params.get("ExclusiveStartShardId", ""), params.get("Limit", DESCRIBED_MAX)
    found = [shard for shard in stream.shards.values() if shard.id > after]
    described = {
        **_common(stream),
        "Shards": [shown(shard) for shard in found[:limit]],
        "HasMoreShards": len(found) > limit,
    }
    return Answer({"StreamDescription": described})


def summarise(stream: Stream) -> Answer:
    """DescribeStreamSummary: everything but the shards."""
    more = {"OpenShardCount": len(stream.open_shards), "ConsumerCount": 0}
    size = {"MaxRecordSizeInKiB": stream.record_bytes_max // 1024}
    return Answer({"StreamDescriptionSummary": _common(stream) | more | size})


def list_shards(stream: Stream, params: Mapping[str, Any], after: str = "") -> Answer | AwsError:
    """ListShards, with its filter. ``after`` is where the page before ended."""
    chosen = _filtered(stream, params.get("ShardFilter") or {})
    if isinstance(chosen, AwsError):
        return chosen
    after = after or params.get("ExclusiveStartShardId", "")
    found, limit = [shard for shard in chosen if shard.id > after], params.get("MaxResults", LISTED_MAX)
    output: dict[str, Any] = {"Shards": [shown(shard) for shard in found[:limit]]}
    if len(found) > limit:
        output["NextToken"] = base64.b64encode(f"{stream.name}/{found[limit - 1].id}".encode()).decode()
    return Answer(output)


def token_of(text: str) -> tuple[str, str] | None:
    """(stream, last shard) of a NextToken of ListShards; None for a text that Kinesis never gave."""
    try:
        name, slash, shard = base64.b64decode(text, validate=True).decode().partition("/")
    except (ValueError, binascii.Error):
        return None
    return (name, shard) if slash else None


def list_streams(streams: Mapping[str, Stream], params: Mapping[str, Any]) -> Answer:
    """ListStreams."""
    after = params.get("ExclusiveStartStreamName") or params.get("NextToken") or ""
    names = [name for name in sorted(streams) if name > after]
    limit = params.get("Limit", STREAMS_MAX)
    page = names[:limit]
    summaries = [
        {
            "StreamName": name,
            "StreamARN": streams[name].arn,
            "StreamStatus": streams[name].status,
            "StreamModeDetails": {"StreamMode": streams[name].mode},
            "StreamCreationTimestamp": _created(streams[name]),
        }
        for name in page
    ]
    more = len(names) > limit
    token = {"NextToken": page[-1]} if more else {}
    return Answer({"StreamNames": page, "HasMoreStreams": more, "StreamSummaries": summaries} | token)


def limits(streams: Mapping[str, Stream]) -> Answer:
    """DescribeLimits."""
    on_demand = sum(stream.mode == "ON_DEMAND" for stream in streams.values())
    return Answer(
        {
            "ShardLimit": quotas.SHARDS_MAX,
            "OpenShardCount": shards_open(streams),
            "OnDemandStreamCount": on_demand,
            "OnDemandStreamCountLimit": quotas.ON_DEMAND_STREAMS_MAX,
        }
    )


def shards_open(streams: Mapping[str, Stream]) -> int:
    """How many shards of provisioned streams are open; only those count for the quota."""
    return sum(len(stream.open_shards) for stream in streams.values() if stream.mode == "PROVISIONED")


def shown(shard: Shard) -> dict[str, Any]:
    """One shard as Kinesis shows it."""
    sequences = {"StartingSequenceNumber": shard.first_sequence}
    if shard.last_sequence is not None:
        sequences["EndingSequenceNumber"] = shard.last_sequence
    parents = dict(zip(("ParentShardId", "AdjacentParentShardId"), shard.parents, strict=False))
    return {"ShardId": shard.id, **parents, "HashKeyRange": hash_keys(shard), "SequenceNumberRange": sequences}


def _common(stream: Stream) -> dict[str, Any]:
    return {
        "StreamName": stream.name,
        "StreamARN": stream.arn,
        "StreamStatus": stream.status,
        "StreamModeDetails": {"StreamMode": stream.mode},
        "RetentionPeriodHours": stream.retention_h,
        "StreamCreationTimestamp": _created(stream),
        "EnhancedMonitoring": [{"ShardLevelMetrics": []}],
        "EncryptionType": "NONE",
    }


def _created(stream: Stream) -> dt.datetime:
    return dt.datetime.fromtimestamp(stream.created_s, dt.UTC)


def _filtered(stream: Stream, chosen: Mapping[str, Any]) -> list[Shard] | AwsError:
    """The shards that a filter lets through. No record is ever trimmed here, so all shards hold some. BC ListShards"""
    shards, kind = list(stream.shards.values()), chosen.get("Type", "FROM_TRIM_HORIZON")
    if kind == "AT_LATEST":
        return [shard for shard in shards if shard.open]
    if kind == "AFTER_SHARD_ID":
        after = chosen.get("ShardId")
        return [shard for shard in shards if shard.id > after] if after else _lacks("ShardId", kind)
    if kind == "AT_TRIM_HORIZON":
        return [shard for shard in shards if shard.opened_s <= stream.created_s]
    if kind == "FROM_TRIM_HORIZON":
        return shards
    moment = micros_of(chosen["Timestamp"]) if "Timestamp" in chosen else None
    if moment is None:
        return _lacks("Timestamp", kind)
    second = moment // 1_000_000
    alive = [shard for shard in shards if shard.closed_s is None or shard.closed_s >= second]
    return alive if kind == "FROM_TIMESTAMP" else [shard for shard in alive if shard.opened_s <= second]


def _lacks(member: str, kind: str) -> AwsError:
    return refusals.argument(f"ShardFilter of the type {kind} needs a {member}.")
