"""Invoke, and InvokeAsync, its predecessor: what a caller may send and what comes back. Source: fact A.1 (BC, LS)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.lambda_.async_queue import AsyncQueue
from lambdalab.simulator.lambda_.invocation import Invoker, Result, Work
from lambdalab.simulator.lambda_.recursion import Lineage, invoked, is_loop, stopped
from lambdalab.simulator.lambda_.registry import Registered, not_found
from lambdalab.simulator.lambda_.routes import Routes
from lambdalab.simulator.trace.facts import RecursionStopped
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.errors import AwsError, throttle, validation_error
from lambdalab.simulator.vocabulary.ids import uuid4_from
from lambdalab.simulator.vocabulary.utf8 import utf8_size

INVOKING = frozenset(("Invoke", "InvokeAsync"))
_AT_A_GLANCE = msgspec.json.Decoder(msgspec.Raw)  # looks at the syntax and makes nothing of it
_CHOICES = {"InvocationType": ("Event", "RequestResponse", "DryRun"), "LogType": ("None", "Tail")}  # BC Invoke
_LIMITS = {
    "Event": quotas.PAYLOAD_ASYNC_BYTES,
    "InvokeAsync": quotas.PAYLOAD_INVOKE_ASYNC_BYTES,
    "RequestResponse": quotas.PAYLOAD_SYNC_BYTES,
    "DryRun": quotas.PAYLOAD_SYNC_BYTES,
}


class InvokeApi:
    """Checks what is asked for, and hands events to the queue."""

    def __init__(self, world: World, invoker: Invoker, queue: AsyncQueue, routes: Routes) -> None:
        self._world = world
        self._invoker = invoker
        self._queue = queue
        self._routes = routes
        self._ids = world.kernel.random_for("ids/request")
        self._accepted: tuple[object, ...] = ()  # what was looked at last and is well: it often comes again

    def ask(self, registered: Registered, qualifier: str | None, request: Request) -> Answer | AwsError | Work:
        """One call: the answer where there is nothing to wait for, else the work whose result is the answer.

        Payload and qualifier are looked at before any limit. Fact C.2
        """
        if qualifier is not None and not registered.has(qualifier):
            return not_found(registered.name, qualifier)
        params, old = request.params, request.operation == "InvokeAsync"
        kind = "InvokeAsync" if old else params.get("InvocationType", "RequestResponse")
        payload = _text(params.get("InvokeArgs" if old else "Payload", b""))
        looked_at = kind, params.get("LogType"), payload
        if looked_at != self._accepted:
            refusal = _wrong_choice(params) or _refuse_payload(payload, kind)
            if refusal:
                return refusal
            self._accepted = looked_at
        if kind == "DryRun":
            return Answer(status=204)
        if kind != "RequestResponse":
            answer = self._accept(registered, qualifier, request, payload)
            return Answer({"Status": 202}, 202) if old else answer
        context = _client_context(params)
        if isinstance(context, AwsError):
            return context
        return self._work(registered, qualifier, request, payload, context)

    def _accept(self, registered: Registered, qualifier: str | None, request: Request, payload: str) -> Answer:
        request_id = uuid4_from(self._ids)
        self._queue.accept(
            registered,
            qualifier,
            request_id,
            payload or "{}",
            request.source,
            request.label,
            request.trace_header,
            _lineage(registered, request),
        )
        return Answer({"StatusCode": 202, "Payload": b"", "ResponseMetadata": {"RequestId": request_id}}, 202)

    def _work(
        self, registered: Registered, qualifier: str | None, request: Request, payload: str, context: str | None
    ) -> Work | AwsError:
        request_id, header = uuid4_from(self._ids), request.trace_header
        lineage = _lineage(registered, request)
        if lineage is not None and is_loop(lineage, registered.name, registered.recursive_loop):
            self._world.trace.record(RecursionStopped(request_id, registered.name, request.source))
            return stopped()
        function = registered.latest
        if qualifier is not None:
            function = self._routes.version_for(registered, qualifier, request_id) or function
        traced = header is not None or function.tracing == "Active"
        return Work(
            function,
            request_id,
            payload or "{}",
            "RequestResponse",
            request.source,
            qualifier=qualifier,
            trace=self._invoker.tracer.accept(function, request_id, header) if traced else None,
            tail=request.params.get("LogType") == "Tail",
            lineage=lineage,
            client_context=context,
        )


def _lineage(registered: Registered, request: Request) -> Lineage | None:
    """The chain that leads to this invocation, itself included; None where no function began one."""
    return None if request.lineage is None else invoked(request.lineage, registered.name)


def answer_of(work: Work, result: Result) -> Answer | AwsError:
    """What the caller of ``work`` gets."""
    if result.status == "throttled":
        return throttle(result.reason or "")
    if result.refusal is not None:
        return result.refusal
    output: dict[str, Any] = {
        "StatusCode": 200,
        "ExecutedVersion": work.function.version,
        "Payload": result.payload.encode(),
        "ResponseMetadata": {"RequestId": work.request_id},
    }
    if result.status != "ok":
        output["FunctionError"] = "Unhandled"  # for every recorded case. Fact A.1
    if result.log_tail is not None:
        output["LogResult"] = result.log_tail
    return Answer(output)


def _text(payload: Any) -> str:
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes | bytearray) else str(payload)


def _wrong_choice(params: Mapping[str, Any]) -> AwsError | None:
    """Lambda's refusal of an invocation type, or of a log type, that there is not."""
    for name, known in _CHOICES.items():
        value = params.get(name, known[0])
        if value not in known:
            at = name[:1].lower() + name[1:]
            text = f"1 validation error detected: Value '{value}' at '{at}' failed to satisfy constraint: "
            return validation_error(f"{text}Member must satisfy enum value set: [{', '.join(known)}]")
    return None


def _refuse_payload(payload: str, kind: str) -> AwsError | None:
    size, limit = utf8_size(payload), _LIMITS[kind]
    if size > limit:
        text = f"{size} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"
        return AwsError("RequestTooLargeException", text, 413)
    fault = _fault_in(payload) if payload else None
    if fault is None:
        return None
    return _bad_content(f"Could not parse request body into json: Could not parse payload into json: {fault}")


def _fault_in(payload: str) -> str | None:
    """Why ``payload`` is not JSON, or None. Most are JSON at a glance; Python's own parser decides about the rest."""
    try:
        _AT_A_GLANCE.decode(payload)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        try:
            json.loads(payload, parse_constant=_no_constant)
        except RecursionError:
            return "it is nested too deeply"
        except ValueError as error:
            return str(error)
    return None


def _no_constant(token: str) -> None:
    """NaN and its like: Python's json writes them, and reads them unless told otherwise. They are no JSON."""
    raise ValueError(f"Non-standard token '{token}'")


def _client_context(params: Mapping[str, Any]) -> str | AwsError | None:
    """The client context as JSON text. What AWS answers to one that is none is assumption A-60."""
    sent = params.get("ClientContext")
    if sent is None:
        return None
    if len(sent) > quotas.CLIENT_CONTEXT_BYTES:
        return AwsError("RequestTooLargeException", "The client context is too large.", 413)
    try:
        text = base64.b64decode(sent, validate=True).decode()
        valid = isinstance(json.loads(text), dict)
    except (ValueError, binascii.Error, RecursionError):
        valid = False
    return text if valid else _bad_content("Client context must be a valid Base64-encoded JSON object.")


def _bad_content(text: str) -> AwsError:
    return AwsError("InvalidRequestContentException", text, 400, {"Type": "User"})
