"""What of the account's concurrency is claimed, used or not: reserved, or provisioned without a reservation.

Source: facts C.2 and H.1 (ClaimedAccountConcurrency). What is provisioned for a function with a reservation is a part
of that.
"""

from __future__ import annotations

from bisect import bisect_left

from lambdalab.simulator.kernel import MINUTE
from lambdalab.simulator.trace.facts import (
    ConcurrencyReserved,
    FunctionDeployed,
    ProvisionedChanged,
    ProvisionedDeleted,
)
from lambdalab.simulator.views.fold import Take


class ClaimsFold:
    """How much is claimed, minute by minute."""

    def __init__(self) -> None:
        self.reserved: dict[str, int] = {}  # by function
        self._provisioned: dict[tuple[str, str], int] = {}  # by function and qualifier
        self.minutes: list[int] = []  # those in which it has changed; none until something is claimed
        self._changes: list[tuple[int, int]] = []  # the most in such a minute, and what it was at the end of it
        self.takes: dict[type, Take] = {
            FunctionDeployed: self._deployed,
            ConcurrencyReserved: self._reserved,
            ProvisionedChanged: self._changed,
            ProvisionedDeleted: self._deleted,
        }

    def __bool__(self) -> bool:
        """Whether anything was ever claimed."""
        return bool(self.minutes)

    @property
    def now(self) -> int:
        """How much is claimed now."""
        provisioned = (n for (name, _), n in self._provisioned.items() if name not in self.reserved)
        return sum(self.reserved.values()) + sum(provisioned)

    def most_in(self, minute: int) -> int:
        """The most that was claimed at any moment of this minute."""
        place = bisect_left(self.minutes, minute)
        if place < len(self.minutes) and self.minutes[place] == minute:
            return self._changes[place][0]
        return self._changes[place - 1][1] if place else 0

    def _deployed(self, at: int, fact: FunctionDeployed) -> None:
        if fact.reserved_concurrency is not None:
            self.reserved[fact.function] = fact.reserved_concurrency
            self._note(at)

    def _reserved(self, at: int, fact: ConcurrencyReserved) -> None:
        if fact.amount is None:
            self.reserved.pop(fact.function, None)
        else:
            self.reserved[fact.function] = fact.amount
        self._note(at)

    def _changed(self, at: int, fact: ProvisionedChanged) -> None:
        self._provisioned[fact.function, fact.qualifier] = fact.requested
        self._note(at)

    def _deleted(self, at: int, fact: ProvisionedDeleted) -> None:
        self._provisioned.pop((fact.function, fact.qualifier), None)
        self._note(at)

    def _note(self, at: int) -> None:
        minute, now = at // MINUTE, self.now
        if self.minutes and self.minutes[-1] == minute:
            self._changes[-1] = max(self._changes[-1][0], now), now
        else:
            before = self._changes[-1][1] if self._changes else 0
            self.minutes.append(minute)
            self._changes.append((max(before, now), now))
