"""What clients got over HTTP, in half a sentence of a run's story."""

from __future__ import annotations

from collections import Counter

from lambdalab.simulator.trace.facts import HttpAnswered
from lambdalab.simulator.views.fold import Take

WHYS_MAX = 100  # different reasons that are counted
SHOWN = 160  # characters of the commonest


class HttpStory:
    """Counts answers, and why some of them are errors: those that no function meant, and every 5xx."""

    def __init__(self) -> None:
        self._answers = 0
        self._errors: Counter[int] = Counter()
        self._whys: Counter[str] = Counter()
        self.takes: dict[type, Take] = {HttpAnswered: self._answered}

    def _answered(self, at: int, fact: HttpAnswered) -> None:
        self._answers += 1
        if fact.status < 400 or (fact.status < 500 and fact.why is None):  # a 404 that a function means is no error
            return
        self._errors[fact.status] += 1
        why = fact.why or "the function said so"
        if why in self._whys or len(self._whys) < WHYS_MAX:
            self._whys[why] += 1

    @property
    def failed(self) -> bool:
        """Whether a server's fault reached a client."""
        return any(status >= 500 for status in self._errors)

    def told(self) -> str:
        """Half a sentence; an empty text where every client got what it asked for."""
        errors = self._errors.total()
        if not errors:
            return ""
        statuses = ", ".join(
            f"{status}" + (f" {count:,} times" if count > 1 else "") for status, count in sorted(self._errors.items())
        )
        ((why, _),) = self._whys.most_common(1)
        reason = why if len(why) <= SHOWN else why[: SHOWN - 1] + "…"
        mostly = "mostly because" if len(self._whys) > 1 else "because"
        answers = (
            "the answer was an error" if self._answers == 1 else f"{errors:,} of {self._answers:,} answers were errors"
        )
        return f"over HTTP {answers} ({statuses}), {mostly} {reason}"
