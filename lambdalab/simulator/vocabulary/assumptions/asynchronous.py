"""The asynchronous event queue: pick-up, retries, duplicates, dead letters."""

from __future__ import annotations

from lambdalab.simulator.kernel import MILLISECOND, Micros
from lambdalab.simulator.vocabulary.assumptions.assumption import Assumption

RETRY_JITTER = 0.10  # recorded retries come within 10 % of one and two minutes
BACKOFF_BASE = 2
PICK_UP_MEDIAN = Micros(40 * MILLISECOND)  # acceptance to first attempt

ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "A-05",
        "Jitter of retries",
        "The waits of one and two minutes after function errors are drawn within 10 %, as recorded on AWS.",
    ),
    Assumption(
        "A-06",
        "Growth of the throttle back-off",
        "The documented back-off from 1 second to 5 minutes doubles each time.",
    ),
    Assumption(
        "A-07", "Pick-up of an event", "The queue hands an event to the function about 40 ms after accepting it."
    ),
    Assumption(
        "A-12",
        "Duplicates",
        "The asynchronous queue delivers an event twice only where a scenario asks for it; "
        "the copy is picked up on its own, at nearly the same time, with the same request id.",
    ),
    Assumption(
        "A-13",
        "Dead-letter attributes of an event that never ran",
        "ErrorCode 429 and ErrorMessage 'Rate Exceeded.'. The recorded cases are function errors only (ErrorCode 200).",
    ),
    Assumption(
        "A-22",
        "Asynchronous events and aliases",
        "An event that was sent to an alias stays with the alias: each attempt is drawn anew, so a retry may run the "
        "other version. AWS documents only that every invocation is routed at random.",
    ),
    Assumption(
        "A-210",
        "Queued events whose function, version or alias is deleted",
        "What was deleted never runs again. With its function an event is lost. Events of a version or an alias wait "
        "as after a failure of Lambda itself: they back off, use up no attempts, go on when something is called so "
        "again, and are given up when they are too old. AWS documents neither.",
    ),
)
