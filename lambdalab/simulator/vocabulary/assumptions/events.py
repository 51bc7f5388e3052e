"""EventBridge, its Scheduler, and SNS."""

from __future__ import annotations

from lambdalab.simulator.kernel import MILLISECOND, MINUTE, Micros
from lambdalab.simulator.vocabulary.assumptions.assumption import Assumption

TARGET_BACKOFF_MIN, TARGET_BACKOFF_MAX = Micros(1_000 * MILLISECOND), Micros(10 * MINUTE)
EVENT_DELIVERY = (50_000, 400_000, 130_000)  # microseconds from an event to its target: least, most, usual
TOPIC_DELIVERY = (5_000, 80_000, 15_000)  # microseconds from a message to its subscribers: least, most, usual
RULE_SECOND_MAX = 50  # the second of its minute in which a rule's cron expression is due, at most

ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "A-110",
        "What EventBridge says",
        "Refusals of EventBridge and its Scheduler have AWS's texts where somebody has recorded them or the matcher "
        "is open source; without the position in the text that AWS adds. A rule with more than five wildcards in one "
        "text is too complex, as LocalStack has it, too; AWS weighs what repeats after them, and publishes no figure.",
    ),
    Assumption(
        "A-111",
        "How EventBridge tries again",
        "The EventBridge User Guide says 185 attempts in 24 hours with exponential back-off and jitter, and of the "
        "waits no more. Here they begin at 1 s, double up to 10 minutes, and each is drawn between half of that and "
        "all of it. Errors that may pass (throttles and 5xx) are tried again, all others are not; which of AWS's error"
        " codes a dead letter names is our reading.",
    ),
    Assumption(
        "A-112",
        "Templates and paths of rules",
        "The guide says that a variable whose path leads nowhere is not made and does not show. Here that is an empty "
        "text inside a template; as InputPath it is null. Inside quotation marks an object loses its own. A template "
        "that an event does not fill with JSON is given up at once. An event that a rule forwards to another bus gets "
        "a new id.",
    ),
    Assumption(
        "A-113",
        "When schedules are due",
        "A cron rule, and a schedule at a moment, is due in one second of its minute, the same each time, within the "
        "first 50; a rate counts from the beginning of the run (or its StartDate) to the microsecond. Where "
        "AWS does not say how a cron field is read, it is read as Quartz reads it: ranges may go round, W stays in its "
        "month.",
    ),
    Assumption(
        "A-114",
        "From an event to its target",
        "Between an event or a due schedule and the call of its target lie 50 to 400 ms, mostly about 130.",
    ),
    Assumption(
        "A-115",
        "How SNS delivers",
        "From the answer to a publisher to the call of a subscriber lie 5 to 80 ms. The attempts that AWS lists for "
        "each phase are retries here, and come after a first one; each wait is jittered by 10 %. A host of the "
        "scenario that answers a request for confirmation with 200 has confirmed: it cannot visit the URL itself. "
        "Signatures are not real, so nobody can verify them.",
    ),
)
