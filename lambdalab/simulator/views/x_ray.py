"""The life of one event as a tree of spans: its attempts, INIT, the calls it made, its waits in the queue."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.views.fold import Take

EVENTS_MAX = 300
SPANS_MAX = 200  # per event


class TraceFold:
    """Collects spans by request id."""

    def __init__(self) -> None:
        self._spans: dict[str, list[dict[str, Any]]] = {}
        self._inits: dict[str, tuple[int, int]] = {}
        self._open: dict[str, tuple[int, dict[str, Any]]] = {}
        self._calls: dict[str, list[dict[str, Any]]] = {}

        self.takes: dict[type, Take] = {
            f.InitEnded: self._init_ended,
            f.InvocationStarted: self._started,
            f.InvocationEnded: self._ended,
            f.ApiCalled: self._called,
            f.PathBlocked: self._blocked,
            f.ConnectionAccepted: self._connected,
            f.ConnectionRefused: self._connected,
            f.RetryScheduled: self._retry,
            f.AsyncEventDeadLettered: self._dead_lettered,
            f.DestinationDelivered: self._delivered,
        }

    def _init_ended(self, at: int, fact: f.InitEnded) -> None:
        if fact.phase == "init":
            self._inits[fact.environment] = (at - fact.duration_us, at)

    def _called(self, at: int, fact: f.ApiCalled) -> None:
        if fact.environment is None:
            return
        name = f"{fact.service}.{fact.operation}" + (f" {fact.target}" if fact.target else "")
        self._add(fact.environment, _span(name, at - fact.latency_us, at, 1, "err" if fact.error else "ok"))

    def _blocked(self, at: int, fact: f.PathBlocked) -> None:
        """Nothing answers: the span is as long as what is left of its attempt."""
        self._add(fact.environment, _span(f"{fact.host}: {fact.why}", at, at, 1, "timeout"))

    def _connected(self, at: int, fact: f.ConnectionAccepted | f.ConnectionRefused) -> None:
        kind = "ok" if isinstance(fact, f.ConnectionAccepted) else "err"
        self._add(fact.environment, _span(f"connect {fact.endpoint}", at, at, 1, kind))

    def _add(self, environment: str, span: dict[str, Any]) -> None:
        mine = self._calls.setdefault(environment, [])
        if len(mine) < SPANS_MAX:
            mine.append(span)

    def _retry(self, at: int, fact: f.RetryScheduled) -> None:
        self._put(fact.request_id, [_span("Async queue", at, at + fact.delay_us, 0, "wait")])

    def _dead_lettered(self, at: int, fact: f.AsyncEventDeadLettered) -> None:
        self._put(fact.request_id, [_span("Dead-letter queue", at, at, 0, "dlq")])

    def _delivered(self, at: int, fact: f.DestinationDelivered) -> None:
        self._put(fact.request_id, [_span("Destination", at, at, 0, "dest")])

    def _started(self, at: int, fact: f.InvocationStarted) -> None:
        init = self._inits.pop(fact.environment, None)
        begins = init[0] if init else at
        span = _span(f"Attempt {fact.attempt}", begins, at, 0, "run")
        spans = [span, *([_span("Initialization", init[0], init[1], 1, "init")] if init else [])]
        self._calls.pop(fact.environment, None)
        self._open[fact.environment] = (at, span)
        self._put(fact.request_id, spans)

    def _ended(self, at: int, fact: f.InvocationEnded) -> None:
        opened = self._open.pop(fact.environment, None)
        if opened is not None:
            opened[1]["t1"] = at / SECOND
            opened[1]["kind"] = "ok" if fact.status == "ok" else "timeout" if fact.status == "timeout" else "err"
        calls = self._calls.pop(fact.environment, [])
        for call in calls:
            if call["kind"] == "timeout":
                call["t1"] = at / SECOND
        self._put(fact.request_id, calls)

    def _put(self, request_id: str, spans: list[dict[str, Any]]) -> None:
        if request_id not in self._spans and len(self._spans) >= EVENTS_MAX:
            return
        mine = self._spans.setdefault(request_id, [])
        mine.extend(spans[: max(0, SPANS_MAX - len(mine))])

    def result(self) -> dict[str, list[dict[str, Any]]]:
        """Spans by request id, in the order in which they began."""
        return self._spans


def _span(name: str, begins: int, ends: int, level: int, kind: str) -> dict[str, Any]:
    return {"name": name, "t0": begins / SECOND, "t1": ends / SECOND, "level": level, "kind": kind}
