"""Segment documents: X-Ray's JSON. Source: fact H.3; X-Ray Developer Guide, "Segment documents" (general knowledge)."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.views.segment_model import Document, Invocation, Request, Style, Trace

ORIGIN = "AWS::Lambda"


class DocumentWriter:
    """Writes the documents of traces. ``names``: physical name of a function to the name shown, and its ARN."""

    def __init__(self, names: Mapping[str, tuple[str, str]], epoch_us: int, now: int, style: Style) -> None:
        self._names = names
        self._epoch_us = epoch_us
        self._now = now
        self._style = style

    def documents(self, trace: Trace) -> list[Document]:
        """One for each request and one for each attempt; the code's own stand below, or apart if they fit nowhere."""
        made: list[Document] = []
        for request in trace.requests:
            made.append(self._service(trace, request))
            made += [self._function(trace, request, invocation) for invocation in request.invocations]
        places = {document["id"]: _inside(document) for document in made}
        sent = [deepcopy(document) for document in trace.sent]
        places |= {document["id"]: document for document in sent if document["id"] not in places}
        for document in sent:
            parent = places.get(str(document.get("parent_id")))
            if document.get("type") == "subsegment" and parent is not None and parent is not document:
                parent.setdefault("subsegments", []).append(document)
            else:
                made.append(document)
        return made

    def _service(self, trace: Trace, request: Request) -> Document:
        """Origin AWS::Lambda: the request as the service sees it, waiting and attempts included."""
        document = self._segment(trace, request, request.fact.segment, request.fact.parent)
        document |= {"origin": ORIGIN, **self._times(request.accepted, request.done_at)}
        ran = bool(request.invocations)
        status = 202 if request.is_event else 200 if ran or request.done_at is None else 429
        document["http"] = {"response": {"status": status}}
        if request.throttles:
            document |= {"throttle": True, "error": True}
        if request.is_event and ran:
            first = request.invocations[0]
            began = first.init[0] if first.init else first.started
            waited = self._subsegment(request, "Dwell Time", request.accepted, began)
            attempts = [
                self._subsegment(request, f"Attempt #{each.attempt}", each.started, each.ended_at) | _fault(each.ended)
                for each in request.invocations
            ]
            document["subsegments"] = [waited, *attempts]
        return document

    def _function(self, trace: Trace, request: Request, invocation: Invocation) -> Document:
        """Origin AWS::Lambda::Function: the work of one attempt."""
        document = self._segment(trace, request, invocation.segment, request.fact.segment)
        began = invocation.init[0] if invocation.init else invocation.started
        document |= {"origin": f"{ORIGIN}::Function", **self._times(began, invocation.ended_at)}
        document |= _fault(invocation.ended)
        below = []
        if invocation.init:
            name = "Init" if self._style == "new" else "Initialization"
            below.append(self._subsegment(request, name, *invocation.init, of=invocation))
        if self._style == "old":
            done = invocation.ended_at
            below.append(self._subsegment(request, "Invocation", invocation.started, done, of=invocation))
            if done is not None:
                below.append(self._subsegment(request, "Overhead", done, done, of=invocation))
        elif invocation.ended is not None:
            document["annotations"] = {
                "aws.responseLatency": invocation.ended.duration_us / 1_000,
                "aws.responseDuration": 0.0,  # in this model an answer is sent at once, and extensions do not run
                "aws.runtimeOverhead": 0.0,
                "aws.extensionOverhead": 0.0,
            }
        if below:
            document["subsegments"] = below
        return document

    def _segment(self, trace: Trace, request: Request, segment: str, parent: str | None) -> Document:
        name, arn = self._names[request.fact.function]
        document: Document = {"trace_id": trace.root, "id": segment, "name": name, "resource_arn": arn}
        if parent is not None:
            document["parent_id"] = parent
        return document | {"aws": {"request_id": request.fact.request_id}}

    def _subsegment(
        self, request: Request, name: str, began: int, ended: int | None, of: Invocation | None = None
    ) -> Document:
        """A subsegment that Lambda makes. Its id follows from its parent's and its name: it is never referred to."""
        parent = of.segment if of else request.fact.segment
        number = sum(name.encode()) & 0xFFFF
        return {"id": f"{int(parent, 16) ^ number:016x}", "name": name, **self._times(began, ended)}

    def _times(self, began: int, ended: int | None) -> Document:
        start = (self._epoch_us + began) / SECOND
        if ended is None:
            return {"start_time": start, "in_progress": True}
        return {"start_time": start, "end_time": (self._epoch_us + ended) / SECOND}


def _inside(document: Document) -> Document:
    """Where the code's own subsegments go: into Invocation in the old style, else right below the segment."""
    found = (each for each in document.get("subsegments", ()) if each["name"] == "Invocation")
    return next(found, document)


def _fault(ended: f.InvocationEnded | None) -> Document:
    if ended is None or ended.status == "ok":
        return {}
    error = {"message": ended.error_message or "", "type": ended.error_type or ended.status}
    return {"fault": True, "cause": {"exceptions": [error]}}
