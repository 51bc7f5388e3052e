"""Streams come and go, and their shards are split and merged."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdalab.simulator.trace.facts import StreamDeleted, StreamResharded
from tests.simulator.services.kinesis.desk import ARN, FIRST, StreamDesk, refused

MIDDLE = str(2**127)


def test_a_stream_is_created_and_active_a_little_later() -> None:
    desk = StreamDesk()
    desk.ask("CreateStream", stream="orders", ShardCount=2)
    summary = desk.ask("DescribeStreamSummary", stream="orders")["StreamDescriptionSummary"]
    assert (summary["StreamStatus"], summary["OpenShardCount"]) == ("ACTIVE", 2)
    assert desk.ask("ListStreams", stream=None)["StreamNames"] == ["clicks", "orders"]


def test_a_stream_on_demand_has_four_shards() -> None:
    desk = StreamDesk()
    desk.ask("CreateStream", stream="orders", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    assert len(desk.ask("ListShards", stream="orders")["Shards"]) == 4


@pytest.mark.parametrize(
    ("stream", "params", "code"),
    [
        ("clicks", {"ShardCount": 1}, "ResourceInUseException"),
        ("orders", {}, "InvalidArgumentException"),
        ("orders", {"ShardCount": 20_000}, "LimitExceededException"),
    ],
)
def test_a_stream_that_cannot_be_is_refused(stream: str, params: dict[str, Any], code: str) -> None:
    assert refused(StreamDesk().ask("CreateStream", stream=stream, **params))[0] == code


def test_a_deleted_stream_is_gone() -> None:
    desk = StreamDesk()
    desk.ask("DeleteStream")
    assert refused(desk.put())[0] == "ResourceNotFoundException"
    assert StreamDeleted(ARN) in [stamped.fact for stamped in desk.facts]


def test_a_split_closes_a_shard_and_opens_two() -> None:
    desk = StreamDesk()
    desk.put(data=b"before")
    desk.ask("SplitShard", ShardToSplit=FIRST, NewStartingHashKey=MIDDLE)
    parent, low, high = desk.shards()
    assert "EndingSequenceNumber" in parent["SequenceNumberRange"]
    assert (low["ParentShardId"], high["ParentShardId"]) == (FIRST, FIRST)
    assert low["HashKeyRange"]["EndingHashKey"] == str(2**127 - 1)
    assert high["HashKeyRange"]["StartingHashKey"] == MIDDLE
    assert desk.put("a", ExplicitHashKey=MIDDLE)["ShardId"] == high["ShardId"]
    answer = desk.get(desk.iterator())
    assert [record["Data"] for record in answer["Records"]] == [b"before"]
    assert "NextShardIterator" not in answer
    assert [child["ShardId"] for child in answer["ChildShards"]] == [low["ShardId"], high["ShardId"]]


def test_a_merge_opens_one_shard_for_two() -> None:
    desk = StreamDesk(2)
    first, second = (shard["ShardId"] for shard in desk.shards())
    desk.ask("MergeShards", ShardToMerge=first, AdjacentShardToMerge=second)
    child = desk.shards()[-1]
    assert (child["ParentShardId"], child["AdjacentParentShardId"]) == (first, second)
    assert StreamResharded(ARN, (first, second), (child["ShardId"],)) in [s.fact for s in desk.facts]


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        (
            "SplitShard",
            {"ShardToSplit": "shardId-000000000009", "NewStartingHashKey": "5"},
            "ResourceNotFoundException",
        ),
        ("SplitShard", {"ShardToSplit": FIRST, "NewStartingHashKey": "1"}, "InvalidArgumentException"),
        ("SplitShard", {"ShardToSplit": FIRST, "NewStartingHashKey": MIDDLE}, "InvalidArgumentException"),
        (
            "MergeShards",
            {"ShardToMerge": FIRST, "AdjacentShardToMerge": "shardId-000000000002"},
            "InvalidArgumentException",
        ),
        ("UpdateShardCount", {"TargetShardCount": 7, "ScalingType": "UNIFORM_SCALING"}, "InvalidArgumentException"),
        ("UpdateShardCount", {"TargetShardCount": 1, "ScalingType": "UNIFORM_SCALING"}, "InvalidArgumentException"),
        ("IncreaseStreamRetentionPeriod", {"RetentionPeriodHours": 9_000}, "InvalidArgumentException"),
        ("DecreaseStreamRetentionPeriod", {"RetentionPeriodHours": 48}, "InvalidArgumentException"),
    ],
)
def test_a_change_that_cannot_be_is_refused(operation: str, params: dict[str, Any], code: str) -> None:
    assert refused(StreamDesk(3).ask(operation, **params))[0] == code


def test_a_closed_shard_is_not_split_again() -> None:
    desk = StreamDesk()
    desk.ask("SplitShard", ShardToSplit=FIRST, NewStartingHashKey=MIDDLE)
    answer = desk.ask("SplitShard", ShardToSplit=FIRST, NewStartingHashKey="5")
    assert refused(answer)[0] == "ResourceInUseException"


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(min_value=1, max_value=16), max_size=5))
def test_whatever_it_is_scaled_to_the_open_shards_share_all_hash_keys(targets: list[int]) -> None:
    desk = StreamDesk(4)
    for target in targets:
        desk.ask("UpdateShardCount", TargetShardCount=target, ScalingType="UNIFORM_SCALING")
    found = desk.kinesis.streams["clicks"].open_shards
    assert (found[0].low, found[-1].high) == (0, 2**128 - 1)
    assert all(before.high + 1 == after.low for before, after in pairwise(found))


def test_a_stream_keeps_its_records_longer_when_asked() -> None:
    desk = StreamDesk()
    desk.ask("IncreaseStreamRetentionPeriod", RetentionPeriodHours=48)
    assert desk.ask("DescribeStream")["StreamDescription"]["RetentionPeriodHours"] == 48


def test_shards_are_listed_page_by_page_and_by_filter() -> None:
    desk = StreamDesk(3)
    page = desk.ask("ListShards", MaxResults=2)
    rest = desk.ask("ListShards", stream=None, NextToken=page["NextToken"])
    listed = [shard["ShardId"] for shard in (*page["Shards"], *rest["Shards"])]
    assert listed == [f"shardId-00000000000{n}" for n in range(3)]
    desk.ask("SplitShard", ShardToSplit=FIRST, NewStartingHashKey="5")
    latest = desk.ask("ListShards", ShardFilter={"Type": "AT_LATEST"})["Shards"]
    assert FIRST not in [shard["ShardId"] for shard in latest]
    assert len(latest) == 4


def test_what_is_not_simulated_says_so() -> None:
    assert (
        refused(StreamDesk().ask("RegisterStreamConsumer", stream=None, StreamARN=ARN, ConsumerName="x"))[0]
        == "NotSimulated"
    )
