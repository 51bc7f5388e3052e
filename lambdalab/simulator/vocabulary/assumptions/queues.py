"""Queues of SQS, and the mappings that poll them."""

from __future__ import annotations

from lambdalab.simulator.kernel import MILLISECOND, Micros
from lambdalab.simulator.vocabulary.assumptions.assumption import Assumption

MAPPING_START = (2_000_000, 6_000_000)  # microseconds, from a call to the moment a mapping polls, or stops to
POLLERS_PAUSE = Micros(60_000 * MILLISECOND)  # no growth after a function error or a throttle
BACKLOG_PATIENCE = Micros(100 * MILLISECOND)  # a poll that takes longer has found no backlog
BATCH_BACKOFF_MIN, BATCH_BACKOFF_MAX = Micros(1_000 * MILLISECOND), Micros(30_000 * MILLISECOND)
POLL_BACKOFF_MIN, POLL_BACKOFF_MAX = Micros(1_000 * MILLISECOND), Micros(60_000 * MILLISECOND)

ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "A-70",
        "Duplicates of queues",
        "A standard queue delivers a message twice only where a scenario asks for it, and then once more at most: it "
        "may be received again at once although a consumer holds it. Messages come oldest first otherwise.",
    ),
    Assumption(
        "A-71",
        "When a mapping begins to poll",
        "Mappings of the template poll from the beginning of a run. One that a call makes, enables or disables does so "
        "after 2 to 6 s; AWS says only that it takes some time.",
    ),
    Assumption(
        "A-72",
        "How a queue's mapping scales",
        "Each poller has one batch under way. Five begin; while no poll has to wait longer than 100 ms, 5 are added "
        "each second (300 a minute). A long poll that comes back empty takes one away, down to 2. A throttle or a "
        "function error (this one not with partial responses) takes one away, too, and stops growth for a minute.",
    ),
    Assumption(
        "A-73",
        "Back-off of a poller",
        "A throttled batch is tried again after 1 s, doubling to 30 s, as long as the first of its messages stays "
        "hidden. A poll that the source refuses is repeated after 1 s, doubling to 60 s.",
    ),
    Assumption(
        "A-74",
        "Batching windows",
        "A window begins with the first record of the batch and ends exactly; AWS may wait up to 20 s on a quiet "
        "queue. The polls of one batch, and its deletes in tens, come one after the other.",
    ),
)
