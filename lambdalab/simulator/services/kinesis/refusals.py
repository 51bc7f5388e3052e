"""What Kinesis refuses, in its own words. Source: the texts of real answers that kinesalite 3 keeps; BC kinesis."""

from __future__ import annotations

import datetime as dt

from lambdalab.simulator.services.kinesis.stream import Shard, Stream
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, REGION
from lambdalab.simulator.vocabulary.errors import AwsError


def argument(text: str) -> AwsError:
    """A parameter that cannot be."""
    return AwsError("InvalidArgumentException", text, 400)


def no_stream(name: str) -> AwsError:
    """There is no such stream."""
    return AwsError("ResourceNotFoundException", f"Stream {name} under account {ACCOUNT_ID} not found.", 400)


def exists(name: str) -> AwsError:
    """There is such a stream already."""
    return AwsError("ResourceInUseException", f"Stream {name} under account {ACCOUNT_ID} already exists.", 400)


def not_active(stream: Stream) -> AwsError:
    """A stream that is being changed takes no second change."""
    text = f"Stream {stream.name} under account {ACCOUNT_ID} not ACTIVE, instead in state {stream.status}"
    return AwsError("ResourceInUseException", text, 400)


def no_shard(stream: Stream, shard: str) -> AwsError:
    """The stream has no such shard."""
    text = f"Could not find shard {shard} in stream {stream.name} under account {ACCOUNT_ID}."
    return AwsError("ResourceNotFoundException", text, 400)


def shard_is_gone(stream: str, shard: str) -> AwsError:
    """What an iterator, or a request for one, names is not there."""
    text = f"Shard {shard} in stream {stream} under account {ACCOUNT_ID} does not exist"
    return AwsError("ResourceNotFoundException", text, 400)


def too_fast(stream: Stream, shard: Shard) -> AwsError:
    """A shard has no throughput left in this second."""
    text = f"Rate exceeded for shard {shard.id} in stream {stream.name} under account {ACCOUNT_ID}."
    return AwsError("ProvisionedThroughputExceededException", text, 400)


def shard_limit(open_now: int, more: int, limit: int) -> AwsError:
    """The account may not have so many shards."""
    text = (
        f"This request would exceed the shard limit for the account {ACCOUNT_ID} in {REGION}. Current shard count for "
        f"the account: {open_now}. Limit: {limit}. Number of additional shards that would have resulted from this "
        f"request: {more}. Refer to the AWS Service Limits page "
        "(http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request "
        "higher limits."
    )
    return AwsError("LimitExceededException", text, 400)


def iterator_expired(issued: dt.datetime, now: dt.datetime) -> AwsError:
    """An iterator is good for five minutes."""
    text = (
        f"Iterator expired. The iterator was created at time {_told(issued)} while right now it is {_told(now)} which "
        "is further in the future than the tolerated delay of 300000 milliseconds."
    )
    return AwsError("ExpiredIteratorException", text, 400)


def starting_point(kind: str, given: bool) -> AwsError:
    """The type of an iterator and its starting sequence number do not go together."""
    which = "and also a StartingSequenceNumber" if given else "and no StartingSequenceNumber"
    return argument(
        "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or "
        f"(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified {kind} {which}."
    )


def sequence(stream: Stream, shard: Shard, number: str, why: str = "") -> AwsError:
    """A sequence number that this shard never gave."""
    return argument(
        f"StartingSequenceNumber {number} used in GetShardIterator on shard {shard.id} in stream {stream.name} under "
        f"account {ACCOUNT_ID} is invalid{why}."
    )


def wrong_split(stream: Stream, shard: Shard, key: str) -> AwsError:
    """A shard cannot be split there."""
    return argument(
        f"NewStartingHashKey {key} used in SplitShard() on shard {shard.id} in stream {stream.name} under account "
        f"{ACCOUNT_ID} is not both greater than one plus the shard's StartingHashKey {shard.low} and less than the "
        f"shard's EndingHashKey {shard.high}."
    )


def not_adjacent(stream: Stream, shard: Shard, other: Shard) -> AwsError:
    """Two shards that are no neighbours cannot be merged."""
    return argument(
        f"Shards {shard.id} and {other.id} in stream {stream.name} under account {ACCOUNT_ID} are not an adjacent pair "
        "of shards eligible for merging"
    )


def closed(stream: Stream, shard: Shard) -> AwsError:
    """A closed shard cannot be split or merged again."""
    text = (
        f"Shard {shard.id} in stream {stream.name} under account {ACCOUNT_ID} has already been merged or split, and "
        "thus is not eligible for merging or splitting."
    )
    return AwsError("ResourceInUseException", text, 400)


def too_long(member: str, limit: int) -> AwsError:
    """A value with too many bytes or characters."""
    text = (
        f"1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have length less "
        f"than or equal to {limit}"
    )
    return AwsError("ValidationException", text, 400)


def _told(moment: dt.datetime) -> str:
    return moment.strftime("%a %b %d %H:%M:%S UTC %Y")
