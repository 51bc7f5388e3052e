"""What happened, in one sentence: the first thing every page of a run says."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field

from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.trace.explain import Explainer
from lambdalab.simulator.views.batch_story import BatchStory
from lambdalab.simulator.views.fold import Take
from lambdalab.simulator.views.http_story import HttpStory

DEPLOYMENTS_TOLD = 3  # the last ones
SETTLED_MAX = 500  # the two targets of an event answer within milliseconds of each other
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
TIMES = {1: "once", 2: "twice", 3: "three times"}


@dataclass(slots=True)
class _Event:
    """What is known of one event until its last copy, and what was to become of it, have come to their end."""

    name: str
    copies: int = 1
    pending: int = 0  # dead-letter queue and destination that have not answered yet
    throttles: int = 0
    successes: int = 0
    attempts: int = 0
    discarded: f.AsyncEventDiscarded | None = None
    kept: str | None = None
    lost: str | None = None

    @property
    def waits(self) -> bool:
        """Whether no copy of it has ended."""
        return not self.successes and self.discarded is None

    def tried(self) -> str:
        """What was done for it."""
        fact = self.discarded
        if fact is not None and fact.attempts:
            return f"failed {TIMES.get(fact.attempts, f'{fact.attempts} times')}"
        if fact is None or fact.condition != "EventAgeExceeded":
            return "was never tried"
        if self.throttles:
            return f"was throttled {TIMES.get(self.throttles, f'{self.throttles} times')}, never ran,"
        return "could never be run"  # a key, an alias or a version was missing


@dataclass(slots=True)
class _Several:
    """A number of events, the first of them, and the different words about them, as far as they matter."""

    count: int = 0
    first: _Event | None = None
    tried: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)

    def add(self, event: _Event, words: str = "") -> None:
        """One more."""
        self.count += 1
        self.first = self.first or event
        self.words.add(words)
        if len(self.tried) < 2:  # they are told only when all are the same
            self.tried.add(event.tried().replace("was ", "were ", 1))


@dataclass(slots=True)
class _Ends:
    """How the events of a run ended."""

    lost: _Several = field(default_factory=_Several)
    kept: _Several = field(default_factory=_Several)
    waiting: _Several = field(default_factory=_Several)
    twice: _Several = field(default_factory=_Several)
    retried: _Several = field(default_factory=_Several)

    def add(self, event: _Event) -> None:
        """Count one event in."""
        if event.kept is not None:
            self.kept.add(event, event.kept)
        elif event.lost is not None:
            self.lost.add(event, event.lost)
        if event.waits:
            self.waiting.add(event)
        if event.successes > 1:
            self.twice.add(event)
        if event.attempts > 1:
            self.retried.add(event)


class StoryFold:
    """Follows each event and each request to its end, and remembers how many ended how."""

    def __init__(self, explainer: Explainer) -> None:
        self._explainer = explainer
        self._events: dict[str, _Event] = {}
        self._settled: dict[str, _Event] = {}  # those that a second target may still answer for
        self._received = 0
        self._ends = _Ends()
        self._throttles = 0  # of events
        self._refused_requests = self._cold_requests = 0
        self._sync: Counter[str] = Counter()
        self._deployments: list[str] = []
        self._http = HttpStory()
        self._batches = BatchStory()
        self._discarded_records: Counter[bool] = Counter()  # by whether somebody is told of them
        self.takes: dict[type, Take] = {
            **self._http.takes,
            **self._batches.takes,
            f.AsyncEventReceived: self._receive,
            f.AsyncEventDuplicated: self._duplicated,
            f.AsyncEventSucceeded: self._succeeded,
            f.AsyncEventDiscarded: self._discarded,
            f.AsyncEventDeadLettered: self._dead_lettered,
            f.DestinationDelivered: self._delivered,
            f.DeadLetterFailed: self._refused,
            f.DestinationFailed: self._refused,
            f.InvocationThrottled: self._throttled,
            f.InvocationStarted: self._started,
            f.InvocationEnded: self._ended,
            f.DeploymentEnded: self._deployment_ended,
            f.RecordsDiscarded: self._records_discarded,
        }

    def _receive(self, at: int, fact: f.AsyncEventReceived) -> None:
        self._received += 1
        self._events[fact.request_id] = _Event(self._explainer.label(fact.request_id))

    def _duplicated(self, at: int, fact: f.AsyncEventDuplicated) -> None:
        self._events[fact.request_id].copies += 1

    def _succeeded(self, at: int, fact: f.AsyncEventSucceeded) -> None:
        event = self._events[fact.request_id]
        event.successes += 1
        event.attempts = fact.attempts
        self._copy_ended(fact.request_id, event)

    def _discarded(self, at: int, fact: f.AsyncEventDiscarded) -> None:
        event = self._events[fact.request_id]
        event.discarded = fact
        if fact.kept:
            event.pending += 1  # at least: where both are configured, the second one finds it settled
        else:
            event.lost = "was lost"
        self._copy_ended(fact.request_id, event)

    def _copy_ended(self, request_id: str, event: _Event) -> None:
        event.copies -= 1
        self._forget_when_done(request_id, event)

    def _dead_lettered(self, at: int, fact: f.AsyncEventDeadLettered) -> None:
        self._known(fact.request_id).kept = "went to the dead-letter queue"
        self._answered(fact.request_id)

    def _delivered(self, at: int, fact: f.DestinationDelivered) -> None:
        if fact.condition != "Success":
            event = self._known(fact.request_id)
            event.kept = event.kept or "went to the on-failure destination"
            self._answered(fact.request_id)

    def _refused(self, at: int, fact: f.DeadLetterFailed | f.DestinationFailed) -> None:
        if isinstance(fact, f.DestinationFailed) and fact.condition == "Success":
            return  # the event is done; only its record is lost
        self._known(fact.request_id).lost = "was lost, because its target refused it"
        self._answered(fact.request_id)

    def _known(self, request_id: str) -> _Event:
        """An event as long as anything may still be said of it; then one that is not counted any more."""
        return self._events.get(request_id) or self._settled.get(request_id) or _Event("")

    def _answered(self, request_id: str) -> None:
        event = self._events.get(request_id)
        if event is not None:
            event.pending -= 1
            self._forget_when_done(request_id, event)

    def _forget_when_done(self, request_id: str, event: _Event) -> None:
        if event.copies > 0 or event.pending > 0:
            return
        del self._events[request_id]
        if event.discarded is None or not event.discarded.kept:
            self._ends.add(event)
            return
        self._settled[request_id] = event
        if len(self._settled) > SETTLED_MAX:
            self._ends.add(self._settled.pop(next(iter(self._settled))))

    def _throttled(self, at: int, fact: f.InvocationThrottled) -> None:
        event = self._events.get(fact.request_id)
        if self._batches.knows(fact.request_id):
            return
        if event is None:
            self._refused_requests += 1
        else:
            self._throttles += 1
            event.throttles += 1

    def _started(self, at: int, fact: f.InvocationStarted) -> None:
        if fact.cold and fact.invocation_type == "RequestResponse" and not self._batches.knows(fact.request_id):
            self._cold_requests += 1

    def _ended(self, at: int, fact: f.InvocationEnded) -> None:
        if fact.request_id not in self._events and not self._batches.knows(fact.request_id):
            self._sync[fact.status] += 1

    def _deployment_ended(self, at: int, fact: f.DeploymentEnded) -> None:
        ended = "was rolled back" if fact.outcome == "RolledBack" else "was deployed"
        self._deployments.append(f"version {fact.new} {ended}")

    def _records_discarded(self, at: int, fact: f.RecordsDiscarded) -> None:
        self._discarded_records[fact.kept] += fact.records

    def result(self) -> tuple[str, str]:
        """The sentence and the verdict: ``ok``, ``error``, ``throttled`` or ``dead_lettered``."""
        sentence, verdict = self._events_and_requests()
        batches = self._batches.told()
        if batches and not self._received and not self._sync and not self._refused_requests:
            sentence, batches = batches[:1].upper() + batches[1:], ""
        if batches and (self._batches.failed or self._batches.throttles):
            sentence = f"{sentence}; {batches}"
        if self._batches.failed:
            verdict = "error" if verdict == "ok" else verdict
        elif self._batches.throttles:
            verdict = "throttled" if verdict == "ok" else verdict
        over_http = self._http.told()
        if over_http:
            sentence = f"{sentence}; {over_http}"
            verdict = "error" if verdict == "ok" and self._http.failed else verdict
        for kept, how in ((True, "given up, and a destination was told"), (False, "given up and lost")):
            number = self._discarded_records[kept]
            if number:
                sentence += f"; {_count(number, 'record')} {'was' if number == 1 else 'were'} {how}"
                verdict = "dead_lettered" if kept else "error"
        told = ", ".join(self._deployments[-DEPLOYMENTS_TOLD:])
        return (f"{sentence}; {told}" if told else sentence), verdict

    def because(self) -> str:
        """Why, where the sentence leaves that open; else an empty text."""
        return self._http.because()

    def _events_and_requests(self) -> tuple[str, str]:
        """What became of the events; before it what became of the requests, where some of them did not succeed."""
        if not self._received:
            return self._requests()
        events, verdict = self._events_told()
        requests, trouble = self._requests()
        if trouble == "ok":
            return events, verdict
        return f"{requests}; {events[:1].lower() + events[1:]}", trouble if verdict == "ok" else verdict

    def _events_told(self) -> tuple[str, str]:
        ends = deepcopy(self._ends)  # with those that have not come to their end
        for event in (*self._settled.values(), *self._events.values()):
            ends.add(event)
        if ends.lost.count:
            return self._ending(ends.lost, "were lost"), "error"
        if ends.kept.count:
            where = "were kept aside" if len(ends.kept.words) > 1 else next(iter(ends.kept.words))
            return self._ending(ends.kept, where.replace("was ", "were ")), "dead_lettered"
        if ends.waiting.count:
            return _still_waiting(ends.waiting), "throttled" if self._throttles else "error"
        return self._all_done(ends), "ok"

    def _ending(self, events: _Several, plural: str) -> str:
        if events.count == 1 and events.first is not None:
            return f"{events.first.name} {events.first.tried()} and {next(iter(events.words))}"
        how = f" {next(iter(events.tried))} and" if len(events.tried) == 1 else ""
        return f"{_count(events.count, 'event')}{how} {plural}".capitalize()

    def _all_done(self, ends: _Ends) -> str:
        twice, retried, everyone = ends.twice.count, ends.retried, _everyone(self._received)
        if twice and twice == self._received:
            return f"{everyone} succeeded, each delivered twice"
        if twice:
            return f"{everyone} succeeded, but {_count(twice, 'event')} ran twice"
        if retried.count == 1 and retried.first is not None:
            attempts = retried.first.attempts
            tries = NUMBERS[attempts] if attempts < len(NUMBERS) else str(attempts)
            return f"{everyone} succeeded; {retried.first.name} needed {tries} attempts"
        if retried.count:
            return f"{everyone} succeeded; {_count(retried.count, 'event')} needed more than one attempt"
        if self._throttles:
            return f"{everyone} succeeded, after {self._throttles} throttles"
        return f"{everyone} succeeded at the first attempt"

    def _requests(self) -> tuple[str, str]:
        total, ok = sum(self._sync.values()), self._sync["ok"]
        throttled = self._refused_requests
        if not total and not throttled:
            return "Nothing was invoked", "ok"
        if throttled:
            return f"{ok} of {total + throttled} requests succeeded, {throttled} were throttled", "throttled"
        if ok == total:
            cold = f", {self._cold_requests} after a cold start" if self._cold_requests else ""
            return ("The request succeeded" if total == 1 else f"All {total} requests succeeded{cold}"), "ok"
        return ("The request failed" if total == 1 else f"{total - ok} of {total} requests failed"), "error"


def _still_waiting(events: _Several) -> str:
    if events.count == 1 and events.first is not None:
        return f"{events.first.name} was still waiting in the queue when the run ended"
    return f"{_count(events.count, 'event')} were still waiting in the queue when the run ended".capitalize()


def _count(number: int, what: str) -> str:
    word = NUMBERS[number] if number < len(NUMBERS) else f"{number:,}"
    return f"{word} {what}" + ("" if number == 1 else "s")


def _everyone(number: int) -> str:
    return {1: "The event", 2: "Both events"}.get(number, f"All {_count(number, 'event')}")
