"""A run as Chrome trace-event JSON, which opens in Perfetto: functions are processes, their environments threads.

Source: "Trace Event Format" of the Chromium project (general knowledge): complete events (X), metadata (M), and async
events (b, e) for what waits in a queue. Times are microseconds, as ours.
"""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.views.fold import Take

EVENTS_MAX = 200_000
Event = dict[str, Any]


class ChromeFold:
    """Collects events; the first ``EVENTS_MAX``, and how many more there were."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._left_out = 0
        self._processes: dict[str, int] = {}
        self._shown: dict[str, str] = {}
        self.takes: dict[type, Take] = {
            f.FunctionDeployed: self._deployed,
            f.EnvironmentCreated: self._created,
            f.InitEnded: self._init_ended,
            f.InvocationEnded: self._ended,
            f.ApiCalled: self._called,
            f.RetryScheduled: self._waits,
        }

    def _deployed(self, at: int, fact: f.FunctionDeployed) -> None:
        number = self._processes[fact.function] = len(self._processes) + 1
        self._shown[fact.function] = fact.shown_as
        self._add({"ph": "M", "name": "process_name", "pid": number, "args": {"name": fact.shown_as}})

    def _created(self, at: int, fact: f.EnvironmentCreated) -> None:
        place = self._place(fact.function, fact.environment)
        self._add({"ph": "M", "name": "thread_name", **place, "args": {"name": f"env-{fact.number}"}})

    def _init_ended(self, at: int, fact: f.InitEnded) -> None:
        place = self._place(fact.function, fact.environment)
        self._span("INIT", "init", at, fact.duration_us, place, {"status": fact.status})

    def _ended(self, at: int, fact: f.InvocationEnded) -> None:
        details = {"request_id": fact.request_id, "attempt": fact.attempt, "status": fact.status}
        place = self._place(fact.function, fact.environment)
        self._span(self._shown[fact.function], "invocation", at, fact.duration_us, place, details)

    def _called(self, at: int, fact: f.ApiCalled) -> None:
        if fact.environment is None:
            return
        function = fact.source.removeprefix("function/")
        name = f"{fact.service}.{fact.operation}"
        details = {"target": fact.target, "status": fact.status, "error": fact.error}
        self._span(name, "call", at, fact.latency_us, self._place(function, fact.environment), details)

    def _waits(self, at: int, fact: f.RetryScheduled) -> None:
        """A wait in the asynchronous event queue: drawn by itself, for it holds no environment."""
        same = {
            "name": "waits in the queue",
            "cat": "queue",
            "id": fact.request_id,
            "pid": self._processes[fact.function],
            "tid": 0,
        }
        self._add({"ph": "b", "ts": at, **same, "args": {"reason": fact.reason}})
        self._add({"ph": "e", "ts": at + fact.delay_us, **same})

    def _place(self, function: str, environment: str) -> Event:
        return {"pid": self._processes[function], "tid": int(environment.rsplit("/", 1)[-1])}

    def _span(self, name: str, category: str, ended: int, took: int, place: Event, details: Event) -> None:
        self._add({"ph": "X", "name": name, "cat": category, "ts": ended - took, "dur": took, **place, "args": details})

    def _add(self, event: Event) -> None:
        if len(self._events) < EVENTS_MAX:
            self._events.append(event)
        else:
            self._left_out += 1

    def result(self) -> dict[str, Any]:
        """The JSON object format."""
        other = {"left_out": self._left_out}
        return {"traceEvents": self._events, "displayTimeUnit": "ms", "otherData": other}
