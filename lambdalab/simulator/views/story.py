"""What happened, in one sentence: the first thing every page of a run says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.trace.explain import Explainer
from lambdalab.simulator.trace.stamp import Stamped

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
TIMES = {1: "once", 2: "twice", 3: "three times"}


@dataclass(slots=True)
class StoryFold:
    """Remembers how each event and each request ended."""

    explainer: Explainer
    _received: dict[str, None] = field(default_factory=dict)
    _succeeded: dict[str, int] = field(default_factory=dict)
    _copies: Counter[str] = field(default_factory=Counter)
    _discarded: dict[str, f.AsyncEventDiscarded] = field(default_factory=dict)
    _kept: dict[str, str] = field(default_factory=dict)
    _lost: dict[str, str] = field(default_factory=dict)
    _throttles: Counter[str] = field(default_factory=Counter)
    _sync: Counter[str] = field(default_factory=Counter)
    _stopped: str | None = None

    def add(self, stamped: Stamped) -> None:
        """Take one fact in."""
        fact = stamped.fact
        if isinstance(fact, f.AsyncEventReceived):
            self._received[fact.request_id] = None
        elif isinstance(fact, f.AsyncEventSucceeded):
            self._succeeded[fact.request_id] = fact.attempts
            self._copies[fact.request_id] += 1
        elif isinstance(fact, f.AsyncEventDiscarded):
            self._discarded[fact.request_id] = fact
            if not fact.kept:
                self._lost[fact.request_id] = "was lost"
        elif isinstance(fact, f.AsyncEventDeadLettered):
            self._kept[fact.request_id] = "went to the dead-letter queue"
        elif isinstance(fact, f.DestinationDelivered) and fact.condition != "Success":
            self._kept.setdefault(fact.request_id, "went to the on-failure destination")
        elif isinstance(fact, f.DestinationFailed) and fact.condition == "Success":
            pass  # the event is done; only its record is lost
        elif isinstance(fact, f.DeadLetterFailed | f.DestinationFailed):
            self._lost[fact.request_id] = "was lost, because its target refused it"
        elif isinstance(fact, f.InvocationThrottled):
            self._throttles[fact.request_id] += 1
        elif isinstance(fact, f.InvocationEnded) and fact.request_id not in self._received:
            self._sync[fact.status] += 1
        elif isinstance(fact, f.RunEnded):
            self._stopped = fact.stopped

    def result(self) -> tuple[str, str]:
        """The sentence and the verdict: ``ok``, ``error``, ``throttled`` or ``dead_lettered``."""
        lost = {r: words for r, words in self._lost.items() if r not in self._kept}
        if lost:
            return self._ending(lost, "were lost"), "error"
        if self._kept:
            where = "were kept aside" if len(set(self._kept.values())) > 1 else next(iter(self._kept.values()))
            return self._ending(self._kept, where.replace("was ", "were ")), "dead_lettered"
        waiting = [r for r in self._received if r not in self._succeeded and r not in self._discarded]
        if waiting:
            return self._still_waiting(waiting), "throttled" if self._throttles else "error"
        if self._received:
            return self._all_done()
        return self._requests()

    def _ending(self, events: dict[str, str], plural: str) -> str:
        if len(events) == 1:
            request_id, words = next(iter(events.items()))
            return f"{self.explainer.label(request_id)} {self._tried(request_id)} and {words}"
        tried = {self._tried(request_id).replace("was ", "were ", 1) for request_id in events}
        how = f" {tried.pop()} and" if len(tried) == 1 else ""
        return f"{_count(len(events), 'event')}{how} {plural}".capitalize()

    def _tried(self, request_id: str) -> str:
        fact = self._discarded.get(request_id)
        if fact is None or fact.condition == "ZeroReservedConcurrency":
            return "was never tried"
        if fact.attempts == 0:
            return f"was throttled {self._throttles[request_id]} times, never ran,"
        times = TIMES.get(fact.attempts, f"{fact.attempts} times")
        return f"failed {times}"

    def _still_waiting(self, waiting: list[str]) -> str:
        if len(waiting) == 1:
            return f"{self.explainer.label(waiting[0])} was still waiting in the queue when the run ended"
        return f"{_count(len(waiting), 'event')} were still waiting in the queue when the run ended".capitalize()

    def _all_done(self) -> tuple[str, str]:
        twice = [r for r, copies in self._copies.items() if copies > 1]
        retried = {r: n for r, n in self._succeeded.items() if n > 1}
        everyone = _everyone(len(self._received))
        if twice and len(twice) == len(self._received):
            return f"{everyone} succeeded, each delivered twice", "ok"
        if twice:
            return f"{everyone} succeeded, but {_count(len(twice), 'event')} ran twice", "ok"
        if len(retried) == 1:
            request_id, attempts = next(iter(retried.items()))
            tries = NUMBERS[attempts] if attempts < len(NUMBERS) else str(attempts)
            return f"{everyone} succeeded; {self.explainer.label(request_id)} needed {tries} attempts", "ok"
        if retried:
            return f"{everyone} succeeded; {_count(len(retried), 'event')} needed more than one attempt", "ok"
        if self._throttles:
            return f"{everyone} succeeded, after {sum(self._throttles.values())} throttles", "ok"
        return f"{everyone} succeeded at the first attempt", "ok"

    def _requests(self) -> tuple[str, str]:
        total, ok = sum(self._sync.values()), self._sync["ok"]
        if not total and not self._throttles:
            return "Nothing was invoked", "ok"
        if self._throttles:
            throttled = sum(self._throttles.values())
            return f"{ok} of {total + throttled} requests succeeded, {throttled} were throttled", "throttled"
        if ok == total:
            return ("The request succeeded" if total == 1 else f"All {total} requests succeeded"), "ok"
        return ("The request failed" if total == 1 else f"{total - ok} of {total} requests failed"), "error"


def _count(number: int, what: str) -> str:
    word = NUMBERS[number] if number < len(NUMBERS) else f"{number:,}"
    return f"{word} {what}" + ("" if number == 1 else "s")


def _everyone(number: int) -> str:
    return {1: "The event", 2: "Both events"}.get(number, f"All {_count(number, 'event')}")
