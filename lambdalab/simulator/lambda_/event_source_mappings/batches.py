"""What a batch of any source is: how much of it fits into one event, where its records come from, how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from lambdalab.simulator.lambda_.event_source_mappings.responses import failed_items
from lambdalab.simulator.lambda_.invocation import Result
from lambdalab.simulator.lambda_.recursion import Lineage
from lambdalab.simulator.vocabulary import quotas

OVERHEAD = len('{"Records":[]}')
Ending = Literal["ok", "partial", "failed", "malformed", "throttled", "refused"]


def fitting(sizes: Sequence[int], overhead: int = OVERHEAD) -> int:
    """How many of the records, whose bytes as JSON are ``sizes``, an event of 6 MB takes; one at least. Fact D.1"""
    size = overhead
    for number, each in enumerate(sizes):
        size += each + 1
        if number and size > quotas.PAYLOAD_SYNC_BYTES:
            return number
    return len(sizes)


def joined(lineages: Iterable[Lineage | None]) -> Lineage | None:
    """The chains of all records as one: of each function the longest."""
    chains = [chain for chain in lineages if chain]
    if not chains:
        return None
    return {name: max(chain.get(name, 0) for chain in chains) for name in sorted({n for c in chains for n in c})}


def ending(
    result: Result, identifiers: Sequence[str], *, partial: bool, stream: bool = False
) -> tuple[Ending, frozenset[str]]:
    """How a batch ended, and which of its records have failed. ``partial``: the function reports them by itself."""
    everything = frozenset(identifiers)
    if result.status == "throttled":
        return "throttled", everything
    if result.status == "refused":
        return "refused", everything
    if result.status != "ok":
        return "failed", everything
    if not partial:
        return "ok", frozenset()
    failed = failed_items(result.payload, everything, stream=stream)
    if failed is None:
        return "malformed", everything
    return ("partial" if failed else "ok"), failed
