"""How many batches a queue's mapping may have under way at once. Source: fact D.3 (DG26)."""

from __future__ import annotations

from dataclasses import dataclass

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.lambda_.event_source_mappings.settings import Settings
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.assumptions.queues import BACKLOG_PATIENCE, POLLERS_PAUSE


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where concurrency begins, how far it goes either way, and how much a minute adds."""

    idle: int
    start: int
    most: int
    per_minute: int

    @classmethod
    def of(cls, settings: Settings) -> Bounds:
        """Those of a mapping. Provisioned pollers never go, and grow faster."""
        if settings.provisioned is not None:
            least = settings.provisioned.least * quotas.PROVISIONED_INVOKES
            most = settings.provisioned.most * quotas.PROVISIONED_INVOKES
            return cls(least, least, most, quotas.PROVISIONED_INVOKES_PER_MINUTE)
        most = settings.maximum_concurrency or quotas.POLLERS_MAX
        start = min(quotas.POLLERS_START, most)
        return cls(min(quotas.POLLERS_IDLE, most), start, most, quotas.POLLERS_PER_MINUTE)


class Backlog:
    """Whether messages wait: no poll has to wait for them, now or within the last second (A-72)."""

    def __init__(self) -> None:
        self._polls: dict[int, Micros] = {}  # by poller, those that began first come first
        self._waited_at = Micros(0)
        self._paused_until = Micros(0)

    def begin(self, poller: int, now: Micros) -> None:
        """A poller asks for messages."""
        self._polls[poller] = now

    def end(self, poller: int, now: Micros) -> None:
        """It has got its answer."""
        if now - self._polls.pop(poller) > BACKLOG_PATIENCE:
            self._waited_at = now

    def pause(self, now: Micros) -> None:
        """Something went wrong: no growth for a while."""
        self._paused_until = Micros(now + POLLERS_PAUSE)

    def paused(self, now: Micros) -> bool:
        """Whether something went wrong lately."""
        return now < self._paused_until

    def remains(self, now: Micros, within: Micros) -> bool:
        """Whether messages wait, and have since ``within`` ago."""
        oldest = next(iter(self._polls.values()), now)
        return now - oldest <= BACKLOG_PATIENCE and now - self._waited_at >= within
