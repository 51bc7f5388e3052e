"""Streams of Kinesis and DynamoDB, and the mappings that poll them."""

from __future__ import annotations

from lambdalab.simulator.kernel import MILLISECOND, MINUTE, Micros
from lambdalab.simulator.vocabulary.assumptions.assumption import Assumption

STREAM_BACKOFF_MIN, STREAM_BACKOFF_MAX = Micros(500 * MILLISECOND), Micros(60_000 * MILLISECOND)
KEEP_ALIVE = Micros(4 * MINUTE)  # a poller with nothing to read asks so often
STREAM_CHANGE = Micros(10_000 * MILLISECOND)  # from a call to the moment a stream is as it asked for
ON_DEMAND_SHARDS = 4

ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "A-90",
        "Sequence numbers",
        "Kinesis's have the form in which kinesalite found AWS's own to be: 56 digits that hold the shard, a count and "
        "the second. They grow within a shard; the count goes up by one from record to record of a stream.",
    ),
    Assumption(
        "A-91",
        "What a shard takes in a second",
        "1,000 records and 1 MiB in, 5 reads and 2 MiB out, refilled continuously and never saved up beyond a second's "
        "worth. A read may take more than is left; the shard then refuses reads until it has made up for it.",
    ),
    Assumption(
        "A-92",
        "Streams on demand",
        "They have 4 shards for the whole run. AWS adds shards as their traffic doubles.",
    ),
    Assumption(
        "A-93",
        "When a stream has changed",
        "10 s after the call, all at once: created, deleted, split, merged, or with another number of shards. "
        "UpdateShardCount splits the widest shard in the middle, or merges the narrowest two neighbours, and again.",
    ),
    Assumption(
        "A-95",
        "Shards of a table's stream",
        "A table's stream has one shard for the whole run. On AWS there is one for each partition, and each "
        "is followed by another one after about four hours. Reads are never throttled.",
    ),
    Assumption(
        "A-96",
        "Refusals of a stream's mapping",
        "The words about StartingPositionTimestamp, a maximum record age between 0 and 59 s and an OnSuccess "
        "destination are ours: we found no record of AWS's.",
    ),
    Assumption(
        "A-97",
        "How a stream is polled, and a failed batch tried again",
        "Once a second (tables: four times) while there is something to read, else every 4 minutes: empty polls show "
        "nothing. A failed batch comes again after 0.5 s, doubling to 60 s, its halves after 0.5 s. With partial "
        "responses and bisecting, a batch is split before the lowest failed record; if that is its first, halfway. "
        "The retries used before a split count for both halves.",
    ),
    Assumption(
        "A-98",
        "Tumbling windows",
        "The guide says that a record belongs to the window in which it came into the stream, and that a window ends "
        "with its shard; its example has a window of two minutes that begins at an even one, so windows follow each "
        "other from 1970 on. What AWS leaves open: the last invocation has no records, and comes two polls after the "
        "window's end, or before the first record of a later one. With several lanes each has a state of its own. A "
        "mapping that is disabled forgets its state.",
    ),
    Assumption(
        "A-99",
        "Duplicates of streams",
        "A batch comes twice only where a scenario asks for it: once more, as it was, after it went well.",
    ),
)
