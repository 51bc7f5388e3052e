"""What S3 Batch Operations charges: each job, and each object that it has worked on. Prices: A-149."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from lambdalab.simulator.trace.facts import BatchJobCreated, BatchTaskEnded
from lambdalab.simulator.views.fold import Take
from lambdalab.simulator.vocabulary import prices

Line = tuple[str, str, Decimal]


class BatchCharges:
    """Counts jobs and tasks of those that the scenario has not made."""

    def __init__(self) -> None:
        self._jobs: set[str] = set()
        self._tasks = 0
        self.takes: dict[type, Take] = {BatchJobCreated: self._created, BatchTaskEnded: self._ended}

    def _created(self, at: int, fact: BatchJobCreated) -> None:
        if fact.created_by != "scenario":
            self._jobs.add(fact.job)

    def _ended(self, at: int, fact: BatchTaskEnded) -> None:
        self._tasks += fact.job in self._jobs

    def lines(self) -> Iterator[Line]:
        """The bill's lines."""
        if self._jobs:
            yield "S3 Batch Operations jobs", f"{len(self._jobs):,}", len(self._jobs) * prices.BATCH_JOB
        if self._tasks:
            yield "S3 Batch Operations objects", f"{self._tasks:,}", self._tasks * prices.BATCH_OBJECT
