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
        if self._answers == 1:
            return f"the HTTP answer was an error ({next(iter(self._errors))})"
        several = len(self._errors) > 1
        statuses = ", ".join(f"{count:,} × {status}" if several else str(status)
                             for status, count in sorted(self._errors.items()))  # fmt: skip
        number = f"all {errors:,}" if errors == self._answers else f"{errors:,} of {self._answers:,}"
        return f"{number} HTTP answers {'was an error' if errors == 1 else 'were errors'} ({statuses})"

    def because(self) -> str:
        """Why, as far as the commonest reason goes; an empty text where nothing is to be explained."""
        if not self._whys:
            return ""
        ((why, _),) = self._whys.most_common(1)
        reason = why if len(why) <= SHOWN else why[: SHOWN - 1] + "…"
        return f"{'Mostly because' if len(self._whys) > 1 else 'Because'} {reason}"
