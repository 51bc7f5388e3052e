"""The timeline of a run: lanes and items, as the player draws them. Times are seconds of virtual time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.trace.explain import Explainer
from lambdalab.simulator.trace.words import duration
from lambdalab.simulator.views.drawing import Neighbours
from lambdalab.simulator.views.fold import Take
from lambdalab.simulator.views.items import Item, Items
from lambdalab.simulator.views.lanes import Lanes
from lambdalab.simulator.views.rows import Rows
from lambdalab.simulator.views.timeline_buses import BusItems
from lambdalab.simulator.views.timeline_http import HttpItems
from lambdalab.simulator.views.timeline_machines import MachineItems
from lambdalab.simulator.views.timeline_mappings import MappingItems
from lambdalab.simulator.views.timeline_pipelines import PipelineItems
from lambdalab.simulator.views.timeline_pools import PoolItems

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
    items: Items = field(default_factory=Items)
    _functions: dict[str, f.FunctionDeployed] = field(default_factory=dict)
    _inits: dict[str, _Open] = field(default_factory=dict)
    _done_inits: dict[str, Item] = field(default_factory=dict)
    _running: dict[str, _Open] = field(default_factory=dict)
    _rows: Rows = field(default_factory=Rows)
    _unreached: dict[str, str] = field(default_factory=dict)  # by environment: what it did not get, and why
    _place: Neighbours = field(init=False)
    _machines: MachineItems = field(init=False)
    _pipelines: PipelineItems = field(init=False)

    @property
    def takes(self) -> dict[type, Take]:
        """The facts that are drawn."""
        return {
            f.FunctionDeployed: self._deployed,
            f.EnvironmentCreated: self._created,
            f.EnvironmentEnded: self._ended,
            f.InitStarted: self._init_started,
            f.InitEnded: self._init_ended,
            f.InvocationStarted: self._started,
            f.InvocationEnded: self._finished,
            f.InvocationThrottled: self._throttled,
            f.PathBlocked: self._not_reached,
            f.ConnectionRefused: self._not_reached,
            f.AsyncEventReceived: self._received,
            f.AsyncEventDuplicated: self._duplicated,
            f.RetryScheduled: self._retry,
            f.AsyncEventSucceeded: self._succeeded,
            f.AsyncEventDiscarded: self._discarded,
            f.AsyncEventDeadLettered: self._dead_lettered,
            f.DestinationDelivered: self._delivered,
            f.DeadLetterFailed: self._refused,
            f.DestinationFailed: self._refused,
            **MappingItems(self.lanes, self._item).takes,
            **HttpItems(self._place).takes,
            **BusItems(self._place).takes,
            **PoolItems(self._place).takes,
            **self._machines.takes,
            **self._pipelines.takes,
        }

    def __post_init__(self) -> None:
        self._place = Neighbours(self.lanes, self._item)
        self._machines = MachineItems(self._place)
        self._pipelines = PipelineItems(self._place)

    def result(self, end_us: int) -> tuple[list[dict[str, Any]], list[Item]]:
        """Lanes and items; work that is still going on ends at the end of the run."""
        running = [
            _item("run", opened.lane, opened.at, end_us, event=opened.event, attempt=opened.attempt,
                  sentence=f"Attempt {opened.attempt} is still running in {environment}.")
            for environment, opened in self._running.items()
        ]  # fmt: skip
        starting = [
            _item("init", opened.lane, opened.at, end_us, sentence="INIT is still going on.")
            for opened in self._inits.values()
        ]
        beside = [
            _item("run", lane, min(begun, end_us), end_us, row=row, what=what, sentence=f"{what} is still going on.")
            for lane, row, begun, what in (*self._machines.still_open(), *self._pipelines.still_open())
        ]
        end_s = end_us / SECOND
        items = self.items.result([*running, *starting, *beside], end_s)
        for number, item in enumerate(items, 1):
            item["id"] = f"i{number}"
        return self.lanes.result(end_s), items

    def _item(self, kind: str, lane: str, at: int, until: int, *, fact: f.Fact, **more: Any) -> Item:
        item = _item(kind, lane, at, until, sentence=self.explainer.sentence(fact), **more)
        self.items.add(item)
        return item

    def _deployed(self, at: int, fact: f.FunctionDeployed) -> None:
        self._functions[fact.function] = fact

    def _created(self, at: int, fact: f.EnvironmentCreated) -> None:
        self.lanes.environment(fact, self._functions[fact.function].shown_as, len(self._functions) > 1, at / SECOND)

    def _ended(self, at: int, fact: f.EnvironmentEnded) -> None:
        self.lanes.end(fact.environment, at / SECOND)

    def _init_started(self, at: int, fact: f.InitStarted) -> None:
        if fact.phase == "init":
            self._inits[fact.environment] = _Open(at, self.lanes.of(fact.environment), None)

    def _init_ended(self, at: int, fact: f.InitEnded) -> None:
        opened = self._inits.pop(fact.environment, None)
        if opened is not None:
            item = self._item("init", opened.lane, opened.at, at, fact=fact)
            if fact.status != "ok":
                item["message"] = fact.error_type or "INIT timed out"
                self._explain(item, fact.environment)
            self._done_inits[fact.environment] = item

    def _started(self, at: int, fact: f.InvocationStarted) -> None:
        self._running[fact.environment] = _Open(at, self.lanes.of(fact.environment), fact.request_id, fact.attempt)
        self.lanes.count_invocation(fact.environment)
        init = self._done_inits.pop(fact.environment, None)
        if init is not None:
            init["event"] = fact.request_id

    def _finished(self, at: int, fact: f.InvocationEnded) -> None:
        opened = self._running.pop(fact.environment)
        tries = self._functions[fact.function].retry_attempts + 1
        item = self._item(
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
            fact=fact,
        )
        if self._unreached:
            self._explain(item, fact.environment, failed=fact.status != "ok")

    def _not_reached(self, at: int, fact: f.PathBlocked | f.ConnectionRefused) -> None:
        self._unreached[fact.environment] = self.explainer.sentence(fact)

    def _explain(self, item: Item, environment: str, *, failed: bool = True) -> None:
        """What failed after something was not reached most likely failed for it."""
        why = self._unreached.pop(environment, None)
        if why is not None and failed:
            item["sentence"] += f" {why}"

    def _received(self, at: int, fact: f.AsyncEventReceived) -> None:
        self.lanes.queue(fact.function, self._functions[fact.function].shown_as, len(self._functions) > 1)
        self._rows.meet(fact.request_id)

    def _duplicated(self, at: int, fact: f.AsyncEventDuplicated) -> None:
        self._rows.duplicate(fact.request_id)

    def _throttled(self, at: int, fact: f.InvocationThrottled) -> None:
        shown = self._functions[fact.function].shown_as
        if fact.invocation_type == "Event":
            lane = self.lanes.queue(fact.function, shown)
            row = self._rows.row(lane, fact.request_id)
        else:
            lane = self.lanes.requests(fact.function, shown)
            row = self._rows.passing(lane)
        self.lanes.need_rows(lane, row + 1)
        self._item("thr", lane, at, at, event=fact.request_id, row=row, message=fact.reason, fact=fact)

    def _retry(self, at: int, fact: f.RetryScheduled) -> None:
        lane = self.lanes.queue(fact.function, self._functions[fact.function].shown_as)
        word = "back-off" if fact.reason == "Throttled" else "retry in"
        row = self._rows.waiting(lane, fact.request_id, at, at + fact.delay_us)
        self.lanes.need_rows(lane, row + 1)
        label = f"{word} {_round(fact.delay_us)}"
        self._item("wait", lane, at, at + fact.delay_us, event=fact.request_id, row=row, label=label, fact=fact)

    def _succeeded(self, at: int, fact: f.AsyncEventSucceeded) -> None:
        self._rows.free(fact.request_id)

    def _discarded(self, at: int, fact: f.AsyncEventDiscarded) -> None:
        if not fact.kept:
            lane = self.lanes.queue(fact.function, self._functions[fact.function].shown_as)
            row = self._rows.row(lane, fact.request_id)
            self.lanes.need_rows(lane, row + 1)
            self._item("drop", lane, at, at, event=fact.request_id, row=row, message=fact.condition, fact=fact)
        self._rows.free(fact.request_id)

    def _dead_lettered(self, at: int, fact: f.AsyncEventDeadLettered) -> None:
        lane = self.lanes.target("dlq", "dead_letter", "Dead-letter", fact.target)
        self._item("dlq", lane, at, at, event=fact.request_id, fact=fact)

    def _delivered(self, at: int, fact: f.DestinationDelivered) -> None:
        name = "On success" if fact.condition == "Success" else "On failure"
        lane = self.lanes.target("destination", "destination", name, fact.target)
        kind = "dest" if fact.condition == "Success" else "dlq"
        self._item(kind, lane, at, at, event=fact.request_id, message=fact.condition, fact=fact)

    def _refused(self, at: int, fact: f.DeadLetterFailed | f.DestinationFailed) -> None:
        lane = self.lanes.target("dlq", "dead_letter", "Refused", fact.target)
        self._item("drop", lane, at, at, event=fact.request_id, message=fact.error, fact=fact)


def _item(kind: str, lane: str, at: int, until: int, *, sentence: str, **more: Any) -> Item:
    item = {"kind": kind, "lane": lane, "t0": at / SECOND, "t1": until / SECOND, "sentence": sentence}
    return item | {key: value for key, value in more.items() if value is not None}


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
