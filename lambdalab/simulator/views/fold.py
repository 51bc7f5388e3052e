"""What a fold is: it names the types of facts it looks at, and takes one at a time.

A table by type is built once for several folds together, so that a fact costs a look-up and the calls of those that
want it, instead of a question to every fold. A long run asks that question tens of millions of times.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.trace.facts import FACT_TYPES

Take = Callable[[int, Any], None]
"""Takes in one fact: its moment in microseconds, and the fact."""


def by_type(*tables: Mapping[type, Take]) -> dict[type, tuple[Take, ...]]:
    """One table for several folds: who takes the facts of each type, in the order in which the folds are given."""
    merged: dict[type, tuple[Take, ...]] = dict.fromkeys(FACT_TYPES.values(), ())
    for table in tables:
        for kind, take in table.items():
            merged[kind] = (*merged[kind], take)
    return merged


class QueuedEvents:
    """The asynchronous events that are not done yet. One is done when its last copy has ended.

    Folds keep what they know of an event no longer than it stands here: their memory follows what is alive.
    """

    def __init__(self) -> None:
        self._copies: dict[str, int] = {}

    def __contains__(self, request_id: str) -> bool:
        return request_id in self._copies

    def __len__(self) -> int:
        return len(self._copies)

    def enter(self, request_id: str) -> None:
        """An event was accepted."""
        self._copies[request_id] = 1

    def duplicate(self, request_id: str) -> None:
        """It will be delivered once more."""
        self._copies[request_id] = self._copies.get(request_id, 0) + 1

    def leave(self, request_id: str) -> bool:
        """One copy has succeeded or was given up; true when it was the last."""
        left = self._copies.get(request_id, 1) - 1
        if left > 0:
            self._copies[request_id] = left
            return False
        self._copies.pop(request_id, None)
        return True
