"""Recursive loop detection: a function that is invoked about 16 times in one chain of requests is stopped. Fact K.9

Source: DG26 "Use Lambda recursive loop detection", read 2026-11-23. A chain goes on through what a function invokes,
publishes, puts into a bucket that notifies, and leaves to a destination; X-Ray need not be on. Only requests of
functions carry a chain, so that others cost nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.quotas import RECURSION_MAX

Lineage = Mapping[str, int]
"""How often each function has been invoked in a chain of requests so far."""

RecursiveLoop = Literal["Allow", "Terminate"]
CHAINED: Final = frozenset({"lambda", "sns", "sqs", "s3"})  # the services through which a chain is followed here


def invoked(lineage: Lineage, function: str) -> Lineage:
    """The chain with one more invocation of ``function``."""
    return {**lineage, function: lineage.get(function, 0) + 1}


def is_loop(lineage: Lineage, function: str, setting: RecursiveLoop) -> bool:
    """Whether the invocation that ``lineage`` ends with is one too many."""
    return setting == "Terminate" and lineage.get(function, 0) > RECURSION_MAX


def stopped() -> AwsError:
    """What a synchronous caller gets. Text: botocore's lambda model, RecursiveInvocationException."""
    text = (
        "Lambda has detected your function being invoked in a recursive loop with other Amazon Web Services resources "
        "and stopped your function's invocation."
    )
    return AwsError("RecursiveInvocationException", text, 400, {"Type": "User"})
