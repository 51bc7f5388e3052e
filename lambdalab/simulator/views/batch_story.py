"""What became of the batches of event source mappings, in half a sentence: they are no requests of anybody."""

from __future__ import annotations

from collections import Counter

from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.views.fold import Take


class BatchStory:
    """Counts batches by how they ended. Every attempt of a stream's batch counts: its function ran each time."""

    def __init__(self) -> None:
        self._sent: set[str] = set()  # the invocations of batches that are under way
        self._outcomes: Counter[str] = Counter()
        self.throttles = 0
        self.takes: dict[type, Take] = {
            f.BatchSent: self._begun,
            f.BatchThrottled: self._throttled,
            f.BatchEnded: self._ended,
            f.ShardBatchEnded: self._ended,
        }

    def _begun(self, at: int, fact: f.BatchSent) -> None:
        self._sent.add(fact.request_id)

    def _throttled(self, at: int, fact: f.BatchThrottled) -> None:
        self.throttles += 1

    def _ended(self, at: int, fact: f.BatchEnded | f.ShardBatchEnded) -> None:
        self._sent.discard(fact.request_id)
        self._outcomes[fact.outcome] += 1

    def knows(self, request_id: str) -> bool:
        """Whether an invocation is that of a batch."""
        return request_id in self._sent

    @property
    def failed(self) -> int:
        """How many did not succeed, in whole or in part."""
        return self._outcomes.total() - self._outcomes["ok"]

    def told(self) -> str:
        """Half a sentence; an empty text where there was no batch."""
        total, failed, partly = self._outcomes.total(), self.failed, self._outcomes["partial"]
        if not total:
            return ""
        if not failed:
            return "the batch succeeded" if total == 1 else f"all {total:,} batches succeeded"
        how = "failed in part" if partly == failed else "failed" if not partly else "failed in whole or in part"
        return f"the batch {how}" if total == 1 else f"{failed:,} of {total:,} batches {how}"
