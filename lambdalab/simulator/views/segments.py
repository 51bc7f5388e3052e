"""The traces of a run as X-Ray would have them: segment documents, the slowest traces, the service graph.

Source: fact H.3. Only what Lambda and the code itself send
becomes a segment: a call that the code does not instrument is no subsegment, as in X-Ray.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.views.fold import Take
from lambdalab.simulator.views.segment_documents import DocumentWriter
from lambdalab.simulator.views.segment_model import Document, Invocation, Request, Style, Trace

TRACES_MAX = 500  # kept, the slowest; all are counted
SENT_MAX = 100  # segments of the code, a trace
SENT_BYTES_MAX = 262_144  # of them, a trace
SLOWEST = 10


class SegmentsFold:
    """Collects what belongs to sampled requests. Costs a look-up where nothing is traced."""

    def __init__(self) -> None:
        self.count = 0
        self._traces: dict[str, Trace] = {}
        self._requests: dict[str, Request] = {}
        self._running: dict[str, tuple[Request, Invocation]] = {}
        self._newest_event = ""
        self._inits: dict[str, tuple[int, int]] = {}
        self._active: set[str] = set()
        self._names: dict[str, tuple[str, str]] = {}
        self._epoch_us = 0
        self._now = 0
        self.takes: dict[type, Take] = {
            f.RunStarted: self._run_started,
            f.FunctionDeployed: self._deployed,
            f.TracingConfigured: self._configured,
            f.RequestTraced: self._requested,
            f.InvocationTraced: self._began,
            f.InitEnded: self._init_ended,
            f.InvocationEnded: self._ended,
            f.InvocationThrottled: self._throttled,
            f.AsyncEventReceived: self._received,
            f.AsyncEventSucceeded: self._succeeded,
            f.AsyncEventDiscarded: self._discarded,
            f.SegmentSent: self._sent,
            f.RunEnded: self._run_ended,
        }

    def _run_started(self, at: int, fact: f.RunStarted) -> None:
        self._epoch_us = fact.epoch_us

    def _run_ended(self, at: int, fact: f.RunEnded) -> None:
        self._now = at

    def _deployed(self, at: int, fact: f.FunctionDeployed) -> None:
        self._names[fact.function] = fact.shown_as, fact.arn

    def _configured(self, at: int, fact: f.TracingConfigured) -> None:
        self._active.add(fact.function)

    def _requested(self, at: int, fact: f.RequestTraced) -> None:
        trace = self._traces.get(fact.root)
        if trace is None:
            self.count += 1
            self._make_room()
            trace = self._traces[fact.root] = Trace(fact.root)
        request = Request(fact, at, is_event=fact.request_id == self._newest_event)
        self._requests[fact.request_id] = request
        trace.requests.append(request)

    def _make_room(self) -> None:
        """Forget the fastest half of the finished traces when there are twice as many as are kept."""
        if len(self._traces) < 2 * TRACES_MAX:
            return
        done = [trace for trace in self._traces.values() if trace.is_done]
        done.sort(key=lambda trace: trace.took(self._now))
        for trace in done[: len(self._traces) - TRACES_MAX]:
            del self._traces[trace.root]

    def _began(self, at: int, fact: f.InvocationTraced) -> None:
        request = self._requests.get(fact.request_id)
        if request is None:  # another copy of the event has come to its end
            return
        invocation = Invocation(fact.segment, fact.attempt, at, self._inits.pop(fact.environment, None))
        request.invocations.append(invocation)
        self._running[fact.environment] = request, invocation

    def _init_ended(self, at: int, fact: f.InitEnded) -> None:
        if fact.function in self._active and fact.phase == "init":
            self._inits[fact.environment] = at - fact.duration_us, at

    def _ended(self, at: int, fact: f.InvocationEnded) -> None:
        if fact.function not in self._active:
            return
        self._inits.pop(fact.environment, None)
        running = self._running.pop(fact.environment, None)
        if running is not None:
            request, invocation = running
            invocation.ended, invocation.ended_at = fact, at
            if not request.is_event:
                self._finish(at, fact.request_id)

    def _throttled(self, at: int, fact: f.InvocationThrottled) -> None:
        request = self._requests.get(fact.request_id)
        if request is not None:
            request.throttles += 1
            if not request.is_event:
                self._finish(at, fact.request_id)

    def _received(self, at: int, fact: f.AsyncEventReceived) -> None:
        self._newest_event = fact.request_id  # its own fact comes before that of its trace

    def _succeeded(self, at: int, fact: f.AsyncEventSucceeded) -> None:
        self._finish(at, fact.request_id)

    def _discarded(self, at: int, fact: f.AsyncEventDiscarded) -> None:
        request = self._requests.get(fact.request_id)
        if request is not None:
            request.dropped = True
        self._finish(at, fact.request_id)

    def _finish(self, at: int, request_id: str) -> None:
        request = self._requests.pop(request_id, None)
        if request is not None:
            request.done_at = at

    def _sent(self, at: int, fact: f.SegmentSent) -> None:
        """A document of the code: kept with the trace that it names, where the daemon would have sent it on."""
        document = json.loads(fact.document)
        trace = self._traces.get(str(document.get("trace_id")))
        size = len(fact.document)
        if trace is None or not _is_segment(document):
            return
        if len(trace.sent) < SENT_MAX and trace.sent_bytes + size <= SENT_BYTES_MAX:
            trace.sent.append(document)
            trace.sent_bytes += size

    def traces(self) -> list[Trace]:
        """The traces that are kept, the slowest first."""
        ordered = sorted(self._traces.values(), key=lambda trace: (-trace.took(self._now), trace.root))
        return ordered[:TRACES_MAX]

    def documents(self, style: Style = "new") -> Iterator[list[Document]]:
        """The segment documents of each kept trace. ``old``: with Invocation and Overhead, as courses still show."""
        writer = DocumentWriter(self._names, self._epoch_us, self._now, style)
        return (writer.documents(trace) for trace in self.traces())

    def summary(self, now: int) -> dict[str, Any]:
        """``traces`` of the summary: ``{count, slowest: [{trace_id, at_s, duration_ms, functions, fault}]}``."""
        self._now = max(self._now, now)
        return {"count": self.count, "slowest": [self._shown(trace) for trace in self.traces()[:SLOWEST]]}

    def _shown(self, trace: Trace) -> dict[str, Any]:
        names = dict.fromkeys(self._names[request.fact.function][0] for request in trace.requests)
        endings = [each.ended for request in trace.requests for each in request.invocations if each.ended]
        return {
            "trace_id": trace.root,
            "at_s": trace.spans(self._now)[0] / SECOND,
            "duration_ms": trace.took(self._now) / 1_000,
            "functions": list(names),
            "fault": any(ending.status != "ok" for ending in endings),
        }


def _is_segment(document: Document) -> bool:
    times = (document.get("start_time"), document.get("end_time", 0))
    named = all(isinstance(document.get(key), str) for key in ("id", "name"))
    return named and all(isinstance(time, int | float) and not isinstance(time, bool) for time in times)
