"""What is put into a stream, and how it is read again."""

import hashlib
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdalab.simulator.account import Principal
from lambdalab.simulator.account.iam import read_policy
from lambdalab.simulator.services.kinesis.sequence import sequence_number, shard_of
from lambdalab.simulator.trace.facts import StreamRecordPut, StreamThrottled
from tests.simulator.services.kinesis.desk import ARN, FIRST, StreamDesk, refused

SECOND_SHARD = "shardId-000000000001"


def test_a_record_comes_back_as_it_was_put() -> None:
    desk = StreamDesk()
    put = desk.put("customer-1", b"\xff\x00")
    assert put["ShardId"] == FIRST
    (record,) = desk.get(desk.iterator())["Records"]
    assert (record["Data"], record["PartitionKey"]) == (b"\xff\x00", "customer-1")
    assert record["SequenceNumber"] == put["SequenceNumber"]
    assert record["ApproximateArrivalTimestamp"].timestamp() == pytest.approx(1_700_000_000, abs=1)


def test_a_text_for_data_is_put_as_its_bytes() -> None:
    desk = StreamDesk()
    desk.ask("PutRecord", PartitionKey="a", Data="grüezi")
    assert desk.read() == ["grüezi".encode()]


def test_the_trace_keeps_text_as_text_and_other_bytes_in_base64() -> None:
    desk = StreamDesk()
    desk.put("a", b'{"n": 1}')
    desk.put("a", b"\xff")
    facts = [stamped.fact for stamped in desk.facts if isinstance(stamped.fact, StreamRecordPut)]
    assert [(fact.data, fact.binary, fact.bytes) for fact in facts] == [('{"n": 1}', False, 9), ("/w==", True, 2)]


def test_sequence_numbers_look_as_those_of_aws_and_grow() -> None:
    desk = StreamDesk()
    numbers = [desk.put()["SequenceNumber"] for _ in range(5)]
    assert all(len(number) == 56 and number.startswith("49") for number in numbers)
    assert numbers == sorted(numbers, key=int)
    assert shard_of(numbers[0]) == (0, 1_700_000_000)


def test_a_real_sequence_number_is_read_in_the_same_way() -> None:
    """hiseulgi/mlops-zoomcamp, 04-deployment/stream/notes.md: a record of shard 0 that arrived at 1701760153.593."""
    number = "49647060812288014558888668248263847763900017820167045122"
    assert shard_of(number) == (0, 1_701_746_677)
    assert number == sequence_number(1_701_746_677, 0, 0x65C6, 1_701_760_152)


@settings(max_examples=50)
@given(st.text(min_size=1, max_size=50), st.integers(min_value=1, max_value=20))
def test_the_digest_of_the_partition_key_decides_about_the_shard(key: str, shards: int) -> None:
    desk = StreamDesk(shards)
    put = desk.put(key)
    digest = int(hashlib.md5(key.encode(), usedforsecurity=False).hexdigest(), 16)
    chosen = next(shard for shard in desk.shards() if shard["ShardId"] == put["ShardId"])
    low, high = (int(chosen["HashKeyRange"][end]) for end in ("StartingHashKey", "EndingHashKey"))
    assert low <= digest <= high


def test_the_shards_of_a_stream_share_all_hash_keys() -> None:
    ranges = [shard["HashKeyRange"] for shard in StreamDesk(3).shards()]
    ends = [(int(each["StartingHashKey"]), int(each["EndingHashKey"])) for each in ranges]
    assert ends[0][0] == 0
    assert ends[-1][1] == 2**128 - 1
    assert all(before[1] + 1 == after[0] for before, after in pairwise(ends))


def test_an_explicit_hash_key_overrides_the_partition_key() -> None:
    desk = StreamDesk(2)
    assert desk.put("a", ExplicitHashKey="0")["ShardId"] == FIRST
    assert desk.put("a", ExplicitHashKey=str(2**128 - 1))["ShardId"] == SECOND_SHARD


@pytest.mark.parametrize("key", [str(2**128), "9" * 39])
def test_an_explicit_hash_key_beyond_128_bits_is_refused(key: str) -> None:
    code, text = refused(StreamDesk().put("a", ExplicitHashKey=key))
    assert code == "InvalidArgumentException"
    assert text.startswith("Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1].")


@pytest.mark.parametrize(
    ("params", "member"),
    [({"key": "k" * 257}, "partitionKey"), ({"data": bytes(1_048_576)}, "data")],
)
def test_what_is_too_long_is_refused(params: dict[str, Any], member: str) -> None:
    code, text = refused(StreamDesk().put(**params))
    assert code == "ValidationException"
    assert text.startswith("1 validation error detected: Value ")
    assert f"at '{member}' failed to satisfy constraint: Member must have length less than or equal to" in text


def test_a_larger_record_needs_a_stream_that_takes_it() -> None:
    desk = StreamDesk(record_bytes_max=10 * 1_048_576)
    assert desk.put(data=bytes(2_000_000))["ShardId"] == FIRST
    assert refused(desk.put(data=b"x"))[0] == "ProvisionedThroughputExceededException"  # it overdrew the shard
    desk.wait(2)
    assert desk.put(data=b"x")["ShardId"] == FIRST


def test_a_record_without_a_partition_key_is_refused() -> None:
    assert refused(StreamDesk().ask("PutRecord", Data=b"x"))[0] == "InvalidArgumentException"


@pytest.mark.rule("D.4-17")
def test_a_shard_takes_a_thousand_records_a_second() -> None:
    desk = StreamDesk()
    records = [{"Data": b"x", "PartitionKey": "a"}] * 500
    failed = [desk.ask("PutRecords", Records=records)["FailedRecordCount"] for _ in range(3)]
    assert failed[:2] == [0, 0]
    assert failed[2] > 450
    assert StreamThrottled(ARN, FIRST, "write") in [stamped.fact for stamped in desk.facts]


def test_records_of_one_call_succeed_or_fail_on_their_own() -> None:
    desk = StreamDesk()
    half = {"Data": bytes(600_000), "PartitionKey": "a"}
    answer = desk.ask("PutRecords", Records=[half, half, {"Data": b"x", "PartitionKey": "a"}])
    assert answer["FailedRecordCount"] == 1
    assert answer["Records"][1] == {
        "ErrorCode": "ProvisionedThroughputExceededException",
        "ErrorMessage": f"Rate exceeded for shard {FIRST} in stream clicks under account 123456789012.",
    }
    assert set(answer["Records"][2]) == {"SequenceNumber", "ShardId"}


def test_a_call_puts_at_most_500_records() -> None:
    answer = StreamDesk().ask("PutRecords", Records=[{"Data": b"x", "PartitionKey": "a"}] * 501)
    assert refused(answer)[0] == "ValidationException"


def test_a_call_puts_at_most_ten_mebibytes() -> None:
    answer = StreamDesk(20).ask("PutRecords", Records=[{"Data": bytes(1_000_000), "PartitionKey": "a"}] * 11)
    assert refused(answer) == ("InvalidArgumentException", "Records size exceeds 10 MB limit")


def test_iterators_begin_where_they_are_asked_to() -> None:
    desk = StreamDesk()
    first = desk.put(data=b"1")["SequenceNumber"]
    desk.wait(10)
    moment = (desk.world.epoch_us + desk.kernel.now) / 1e6
    second = desk.put(data=b"2")["SequenceNumber"]
    assert desk.read("TRIM_HORIZON") == [b"1", b"2"]
    assert desk.read("LATEST") == []
    desk.wait(1)
    assert desk.read("AT_SEQUENCE_NUMBER", StartingSequenceNumber=second) == [b"2"]
    assert desk.read("AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=first) == [b"2"]
    assert desk.read("AT_TIMESTAMP", Timestamp=moment) == [b"2"]


def test_a_latest_iterator_sees_what_comes_after_it() -> None:
    desk = StreamDesk()
    desk.put(data=b"before")
    iterator = desk.iterator("LATEST")
    desk.put(data=b"after")
    answer = desk.get(iterator)
    assert [record["Data"] for record in answer["Records"]] == [b"after"]
    assert desk.get(answer["NextShardIterator"])["Records"] == []


def test_a_page_ends_with_its_limit_and_tells_how_far_behind_it_is() -> None:
    desk = StreamDesk()
    desk.put(data=b"1")
    desk.put(data=b"2")
    desk.wait(3)
    answer = desk.get(desk.iterator(), Limit=1)
    assert [record["Data"] for record in answer["Records"]] == [b"1"]
    assert 3_000 <= answer["MillisBehindLatest"] < 3_200
    answer = desk.get(answer["NextShardIterator"])
    assert [record["Data"] for record in answer["Records"]] == [b"2"]
    assert answer["MillisBehindLatest"] == 0


def test_an_iterator_expires_after_five_minutes() -> None:
    desk = StreamDesk()
    iterator = desk.iterator()
    desk.wait(301)
    code, text = refused(desk.get(iterator))
    assert code == "ExpiredIteratorException"
    assert text.startswith("Iterator expired. The iterator was created at time Tue Nov 14 22:13:20 UTC 2023 while")


@pytest.mark.parametrize(
    "text", ["x", "AAAAAAAAAAE=", "AAAAAAAAAAFbMSwyXQ==", "A" * 512, "AAAAAAAAAAFbImEiLCJiIiwxLDk5OTk5OTk5OTk5OTk5XQ=="]
)
def test_what_is_no_iterator_is_refused(text: str) -> None:
    assert refused(StreamDesk().get(text)) == ("InvalidArgumentException", "Invalid ShardIterator.")


@pytest.mark.rule("D.4-17")
def test_a_shard_is_read_five_times_a_second() -> None:
    desk = StreamDesk()
    iterator = desk.iterator()
    answers = [desk.get(iterator) for _ in range(8)]
    assert sum(isinstance(answer, dict) for answer in answers) in (5, 6)
    assert refused(answers[-1])[0] == "ProvisionedThroughputExceededException"


def test_a_shard_that_has_given_much_is_silent_until_it_has_made_up_for_it() -> None:
    desk = StreamDesk()
    for _ in range(6):
        desk.put(data=bytes(1_000_000))
        desk.wait(1)
    assert len(desk.get(desk.iterator())["Records"]) == 6
    assert refused(desk.get(desk.iterator()))[0] == "ProvisionedThroughputExceededException"
    desk.wait(2.1)
    assert len(desk.get(desk.iterator())["Records"]) == 6


@pytest.mark.parametrize(
    ("kind", "params", "text"),
    [
        ("AT_SEQUENCE_NUMBER", {}, "Request specified AT_SEQUENCE_NUMBER and no StartingSequenceNumber."),
        ("LATEST", {"StartingSequenceNumber": "1"}, "LATEST and also a StartingSequenceNumber."),
        ("AT_TIMESTAMP", {}, "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP."),
        ("AT_TIMESTAMP", {"Timestamp": 2_000_000_000}, "cannot be greater than the currentTimestampInMillis"),
        ("AT_SEQUENCE_NUMBER", {"StartingSequenceNumber": "5"}, "under account 123456789012 is invalid."),
    ],
)
def test_an_iterator_that_begins_nowhere_is_refused(kind: str, params: dict[str, Any], text: str) -> None:
    code, message = refused(StreamDesk().iterator(kind, **params))
    assert code == "InvalidArgumentException"
    assert text in message


def test_a_sequence_number_of_another_shard_is_refused() -> None:
    desk = StreamDesk(2)
    other = desk.put(ExplicitHashKey="0")["SequenceNumber"]
    _, text = refused(desk.iterator("AT_SEQUENCE_NUMBER", SECOND_SHARD, StartingSequenceNumber=other))
    assert text.startswith(f"Invalid StartingSequenceNumber. It encodes {FIRST}, while it was used")


def test_what_is_not_there_is_not_found() -> None:
    desk = StreamDesk()
    assert refused(desk.ask("PutRecord", stream="other", PartitionKey="a", Data=b"")) == (
        "ResourceNotFoundException",
        "Stream other under account 123456789012 not found.",
    )
    assert refused(desk.iterator(shard="shardId-000000000009"))[0] == "ResourceNotFoundException"
    assert refused(desk.ask("DescribeStream", stream=None))[0] == "InvalidArgumentException"


def test_a_caller_needs_the_right_on_the_stream_that_its_iterator_names() -> None:
    desk = StreamDesk()
    statement = {"Effect": "Allow", "Action": ["kinesis:GetRecords"], "Resource": ARN}
    policy = read_policy({"Statement": [statement]}, "reader", "identity-based")
    reader = Principal("arn:aws:iam::123456789012:user/reader", (policy,))
    iterator = desk.iterator()
    assert desk.ask("GetRecords", reader, None, ShardIterator=iterator)["Records"] == []
    assert refused(desk.ask("PutRecord", reader, PartitionKey="a", Data=b""))[0] == "AccessDeniedException"
