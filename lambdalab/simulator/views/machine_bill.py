"""What Step Functions charges: transitions of Standard machines, requests and time of Express ones. A-19, A-121."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from lambdalab.simulator.trace.facts import (
    MachineDeployed,
    MachineExecutionEnded,
    MachineExecutionStarted,
    StateEntered,
    StateRetried,
)
from lambdalab.simulator.views.fold import Take
from lambdalab.simulator.vocabulary import prices

STEP_US = 100_000


class MachineBill:
    """Adds up transitions, Express requests and their GB-seconds."""

    def __init__(self) -> None:
        self._express: set[str] = set()
        self._transitions = 0
        self._requests = 0
        self._gb_s = Decimal(0)
        self.takes: dict[type, Take] = {
            MachineDeployed: self._deployed,
            MachineExecutionStarted: self._started,
            MachineExecutionEnded: self._ended,
            StateEntered: self._moved,
            StateRetried: self._moved,
        }

    def _deployed(self, at: int, fact: MachineDeployed) -> None:
        if fact.type == "EXPRESS":
            self._express.add(fact.machine)

    def _started(self, at: int, fact: MachineExecutionStarted) -> None:
        self._requests += fact.machine in self._express

    def _moved(self, at: int, fact: StateEntered | StateRetried) -> None:
        self._transitions += fact.machine not in self._express

    def _ended(self, at: int, fact: MachineExecutionEnded) -> None:
        if fact.machine in self._express:
            steps = -(-fact.duration_us // STEP_US)
            self._gb_s += Decimal(prices.EXPRESS_STEP_MB) / 1024 * steps * STEP_US / 1_000_000

    def lines(self) -> Iterator[tuple[str, str, Decimal]]:
        """The bill's lines, where there is anything."""
        if self._transitions:
            usd = self._transitions * prices.STATE_TRANSITION
            yield "Step Functions state transitions", f"{self._transitions:,}", usd
        if self._requests:
            yield "Step Functions Express requests", f"{self._requests:,}", self._requests * prices.EXPRESS_REQUEST
        if self._gb_s:
            yield "Step Functions Express duration", f"{self._gb_s:.3f} GB-s", self._gb_s * prices.EXPRESS_GB_S
