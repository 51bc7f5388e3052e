"""The timeline of a run: lanes and items, as the player draws them. Times are seconds of virtual time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.trace.explain import Explainer, duration
from lambdalab.simulator.trace.stamp import Stamped
from lambdalab.simulator.views.lanes import Lanes
from lambdalab.simulator.views.rows import Rows

ITEMS_MAX = 1_000
BUCKETS = 160
STATUS_KIND = {"ok": "ok", "timeout": "timeout"}


@dataclass(slots=True)
class _Open:
    """An invocation or INIT that has begun and not ended."""

    at: int
    lane: str
    event: str | None
    attempt: int = 1


@dataclass(slots=True)
class TimelineFold:
    """Folds a trace into lanes and items; ``explainer`` is shared with whoever else needs the labels."""

    explainer: Explainer
    lanes: Lanes = field(default_factory=Lanes)
    items: list[dict[str, Any]] = field(default_factory=list)
    end_us: int = 0
    _functions: dict[str, f.FunctionDeployed] = field(default_factory=dict)
    _inits: dict[str, _Open] = field(default_factory=dict)
    _done_inits: dict[str, dict[str, Any]] = field(default_factory=dict)
    _running: dict[str, _Open] = field(default_factory=dict)
    _rows: Rows = field(default_factory=Rows)
    _waits: dict[str, int] = field(default_factory=dict)

    def add(self, stamped: Stamped, sentence: str) -> None:
        """Take one fact in, with its sentence."""
        self.end_us = max(self.end_us, stamped.at)
        handle = _HANDLERS.get(type(stamped.fact))
        if handle is not None:
            handle(self, stamped.at, stamped.fact, sentence)

    def result(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Lanes and items; work that is still going on ends at the end of the run."""
        for environment, opened in self._running.items():
            self._item("run", opened.lane, opened.at, self.end_us, event=opened.event, attempt=opened.attempt,
                       sentence=f"Attempt {opened.attempt} is still running in {environment}.")  # fmt: skip
        for opened in self._inits.values():
            self._item("init", opened.lane, opened.at, self.end_us, sentence="INIT is still going on.")
        end_s = self.end_us / SECOND
        for item in self.items:
            item["t1"] = min(item["t1"], end_s)  # an event may wait for longer than the run goes on
        items = sorted(self.items, key=lambda i: (i["t0"], i["t1"]))
        if len(items) > ITEMS_MAX:
            items = grouped(items, end_s)
        for number, item in enumerate(items, 1):
            item["id"] = f"i{number}"
        return self.lanes.result(end_s), items

    def _item(self, kind: str, lane: str, at: int, until: int, *, sentence: str, **more: Any) -> dict[str, Any]:
        item = {"kind": kind, "lane": lane, "t0": at / SECOND, "t1": until / SECOND, "sentence": sentence}
        item |= {key: value for key, value in more.items() if value is not None}
        self.items.append(item)
        return item

    def _deployed(self, at: int, fact: f.FunctionDeployed, sentence: str) -> None:
        self._functions[fact.function] = fact

    def _created(self, at: int, fact: f.EnvironmentCreated, sentence: str) -> None:
        self.lanes.environment(fact, self._functions[fact.function].shown_as, len(self._functions) > 1, at / SECOND)

    def _ended(self, at: int, fact: f.EnvironmentEnded, sentence: str) -> None:
        self.lanes.end(fact.environment, at / SECOND)

    def _init_started(self, at: int, fact: f.InitStarted, sentence: str) -> None:
        if fact.phase == "init":
            self._inits[fact.environment] = _Open(at, fact.environment, None)

    def _init_ended(self, at: int, fact: f.InitEnded, sentence: str) -> None:
        opened = self._inits.pop(fact.environment, None)
        if opened is not None:
            item = self._item("init", opened.lane, opened.at, at, sentence=sentence)
            if fact.status != "ok":
                item["message"] = fact.error_type or "INIT timed out"
            self._done_inits[fact.environment] = item

    def _started(self, at: int, fact: f.InvocationStarted, sentence: str) -> None:
        self._running[fact.environment] = _Open(at, fact.environment, fact.request_id, fact.attempt)
        self.lanes.count_invocation(fact.environment)
        init = self._done_inits.pop(fact.environment, None)
        if init is not None:
            init["event"] = fact.request_id

    def _finished(self, at: int, fact: f.InvocationEnded, sentence: str) -> None:
        opened = self._running.pop(fact.environment)
        tries = self._functions[fact.function].retry_attempts + 1
        self._item(
            STATUS_KIND.get(fact.status, "err"),
            opened.lane,
            opened.at,
            at,
            event=fact.request_id,
            attempt=fact.attempt,
            of=tries if self._rows.knows(fact.request_id) else None,
            billed_ms=fact.billed_ms,
            message=_message(fact),
            file=fact.file,
            line=fact.line,
            sentence=sentence,
        )

    def _received(self, at: int, fact: f.AsyncEventReceived, sentence: str) -> None:
        self.lanes.queue(fact.function, self._functions[fact.function].shown_as, len(self._functions) > 1)
        self._rows.meet(fact.request_id)

    def _throttled(self, at: int, fact: f.InvocationThrottled, sentence: str) -> None:
        shown = self._functions[fact.function].shown_as
        lane = (self.lanes.queue if fact.invocation_type == "Event" else self.lanes.requests)(fact.function, shown)
        row = self._row(lane, fact.request_id)
        self._item("thr", lane, at, at, event=fact.request_id, row=row, message=fact.reason, sentence=sentence)

    def _retry(self, at: int, fact: f.RetryScheduled, sentence: str) -> None:
        lane = self.lanes.queue(fact.function, self._functions[fact.function].shown_as)
        word = "back-off" if fact.reason == "Throttled" else "retry in"
        row = self._row(lane, self._waiter(fact.request_id, at, at + fact.delay_us))
        label = f"{word} {_round(fact.delay_us)}"
        self._item("wait", lane, at, at + fact.delay_us, event=fact.request_id, row=row, label=label, sentence=sentence)

    def _succeeded(self, at: int, fact: f.AsyncEventSucceeded, sentence: str) -> None:
        self._rows.free(fact.request_id)

    def _discarded(self, at: int, fact: f.AsyncEventDiscarded, sentence: str) -> None:
        if not fact.kept:
            lane = self.lanes.queue(fact.function, self._functions[fact.function].shown_as)
            row = self._row(lane, fact.request_id)
            self._item("drop", lane, at, at, event=fact.request_id, row=row, message=fact.condition, sentence=sentence)
        self._rows.free(fact.request_id)

    def _dead_lettered(self, at: int, fact: f.AsyncEventDeadLettered, sentence: str) -> None:
        lane = self.lanes.target("dlq", "dead_letter", "Dead-letter", fact.target)
        self._item("dlq", lane, at, at, event=fact.request_id, sentence=sentence)

    def _delivered(self, at: int, fact: f.DestinationDelivered, sentence: str) -> None:
        name = "On success" if fact.condition == "Success" else "On failure"
        lane = self.lanes.target("destination", "destination", name, fact.target)
        kind = "dest" if fact.condition == "Success" else "dlq"
        self._item(kind, lane, at, at, event=fact.request_id, message=fact.condition, sentence=sentence)

    def _refused(self, at: int, fact: f.DeadLetterFailed | f.DestinationFailed, sentence: str) -> None:
        lane = self.lanes.target("dlq", "dead_letter", "Refused", fact.target)
        self._item("drop", lane, at, at, event=fact.request_id, message=fact.error, sentence=sentence)

    def _waiter(self, request_id: str, at: int, until: int) -> str:
        """Who waits: the event, or, while it waits already, its second copy (delivery is at least once)."""
        waiter = request_id
        while self._waits.get(waiter, at) > at:
            waiter += "'"
        self._waits[waiter] = until
        return waiter

    def _row(self, lane: str, request_id: str) -> int:
        row = self._rows.row(lane, request_id)
        self.lanes.need_rows(lane, row + 1)
        return row


def grouped(items: list[dict[str, Any]], end_s: float) -> list[dict[str, Any]]:
    """Too many items to draw: those of one lane and row in one slice of time become one that counts them.

    The more lanes there are, the wider the slices.
    """
    slices = BUCKETS
    while len(found := _in_slices(items, max(end_s / slices, 1e-6))) > ITEMS_MAX and slices > 1:
        slices //= 2
    return found


def _in_slices(items: list[dict[str, Any]], width: float) -> list[dict[str, Any]]:
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for item in items:
        key = (item["lane"], item.get("row", 0), int(item["t0"] / width), item["kind"] == "wait")
        group = groups.get(key)
        if group is None:
            groups[key] = dict(item) | {"count": 1, "errors": int(item["kind"] in ("err", "timeout"))}
            continue
        group["count"] += 1
        group["errors"] += item["kind"] in ("err", "timeout")
        group["t1"] = max(group["t1"], item["t1"])
        if item["kind"] in ("err", "timeout", "drop"):
            group["kind"] = item["kind"]
        group["sentence"] = f"{group['count']} items, {group['errors']} errors."
    return list(groups.values())


def _message(fact: f.InvocationEnded) -> str | None:
    if fact.status == "ok":
        return None
    if fact.status == "timeout":
        return "Timed out"
    return fact.error_type


def _round(micros: int) -> str:
    """A waiting time as people say it: a retry after 64 s is one "in 1 min"."""
    minutes = micros / 60_000_000
    return f"{round(minutes)} min" if minutes >= 0.85 else duration(micros)


_HANDLERS: dict[type, Callable[[TimelineFold, int, Any, str], None]] = {
    f.FunctionDeployed: TimelineFold._deployed,
    f.EnvironmentCreated: TimelineFold._created,
    f.EnvironmentEnded: TimelineFold._ended,
    f.InitStarted: TimelineFold._init_started,
    f.InitEnded: TimelineFold._init_ended,
    f.InvocationStarted: TimelineFold._started,
    f.InvocationEnded: TimelineFold._finished,
    f.InvocationThrottled: TimelineFold._throttled,
    f.AsyncEventReceived: TimelineFold._received,
    f.RetryScheduled: TimelineFold._retry,
    f.AsyncEventSucceeded: TimelineFold._succeeded,
    f.AsyncEventDiscarded: TimelineFold._discarded,
    f.AsyncEventDeadLettered: TimelineFold._dead_lettered,
    f.DestinationDelivered: TimelineFold._delivered,
    f.DeadLetterFailed: TimelineFold._refused,
    f.DestinationFailed: TimelineFold._refused,
}
