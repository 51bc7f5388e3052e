"""Scaling, throttles and provisioned concurrency."""

from __future__ import annotations

from lambdalab.simulator.vocabulary.assumptions.assumption import Assumption

PROVISIONED_PREPARATION = (60_000_000, 120_000_000)  # microseconds, from the request to the first environment

ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "A-10",
        "Reason of a scaling-rate throttle",
        "A request that finds no environment and no scaling budget "
        "is throttled with FunctionInvocationRateLimitExceeded.",
    ),
    Assumption(
        "A-25",
        "Provisioned concurrency",
        "Nothing happens for 1 to 2 minutes, then environments are made at 6,000 a minute and serve when all are "
        "ready; while an allocation changes, what was ready goes on serving. What the template provisions at the start "
        "of a run needs its INIT only. INIT_REPORT then says Status: success. After 2 hours "
        "an environment is replaced by another one whose INIT is done, and billed.",
    ),
    Assumption(
        "A-26",
        "Requests per second",
        "Ten times the concurrency of the account or the reservation, for synchronous requests, refilled continuously "
        "and never saved up beyond a second. A request that is refused uses up nothing. Beyond ten times what is "
        "provisioned, requests spill over to on-demand environments.",
    ),
    Assumption(
        "A-33",
        "Auto scaling of provisioned concurrency",
        "Utilization has a sample at each request to what is provisioned (1 where it finds none free), and none "
        "without requests. Three minutes above the target scale out, fifteen below nine tenths of it scale in, in "
        "proportion; while an allocation is under way no other activity begins. Bounds of a target take effect with "
        "the next activity.",
    ),
    Assumption(
        "A-66",
        "Provisioned concurrency that changes hands",
        "An environment that is busy when its allocation shrinks counts as an on-demand one from then on, and a "
        "provisioned one serves nobody beyond the function's reservation or the account's concurrency.",
    ),
)
