"""Buckets and tables."""

from __future__ import annotations

from lambdalab.simulator.vocabulary.assumptions.assumption import Assumption

S3_DELIVERY = (300_000, 5_000_000, 800_000)  # microseconds, from an event to its notification: least, most, usual
S3_LATE = 90_000_000  # added by the fault delay
S3_REORDER_WINDOW = 30_000_000  # at most added to each by the fault reorder
S3_COLLAPSE_WINDOW = 1_000_000  # a second event of the same object within it hides the first
EXPIRY_DELAY = (60_000_000, 3_600_000_000)  # microseconds, from an item's time to its deletion

ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "A-50",
        "Buckets that are not there",
        "S3 says NoSuchBucket to everybody, whatever the caller may do: without a bucket there is no owner whose "
        "policies could be asked. Names of buckets belong to this account alone: every free name can be had.",
    ),
    Assumption(
        "A-51",
        "When S3 notifies",
        "0.3 to 5 s after the event, mostly about 0.8 s, each notification by itself, so that two may change places. "
        "AWS says: typically within seconds, sometimes a minute or longer. A target that refuses gets no second try.",
    ),
    Assumption(
        "A-52",
        "Filters and removals in S3 notifications",
        "A filter may be written as it is or URL-encoded. Deleting what is not there tells nobody. The version id of "
        "an unversioned bucket is left out of records.",
    ),
    Assumption(
        "A-53",
        "A bad day of S3",
        "delay adds 90 s to a notification, reorder up to 30 s to each, collapse sends only the last of several events "
        "of one object that follow within a second.",
    ),
    Assumption(
        "A-54",
        "When an expired item goes",
        "1 to 60 minutes after the moment in its time-to-live attribute. AWS says: within a few days, once 48 hours. "
        "Until then it is read like any other.",
    ),
    Assumption(
        "A-55",
        "Throttling of provisioned tables",
        "A table has one second's units when it is made and keeps at most 300 s of them. A call goes through while "
        "any are left and then takes what it used, even below nothing; a batch goes through as a whole or not. "
        "Partitions, indexes and tables on demand never throttle.",
    ),
)
