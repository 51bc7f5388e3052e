"""Handing a request to a function, through the account's front door, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lambdalab.simulator.account import Answer, Principal, Request, World
from lambdalab.simulator.kernel import Micros, Process
from lambdalab.simulator.vocabulary.arns import split_name
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.json_values import read_json

End = Literal["ok", "failed", "throttled", "denied", "too_large", "refused", "timed_out"]
SHOWN = 200  # characters of an error's message


@dataclass(frozen=True, slots=True)
class Called:
    """How an invocation ended for a door. ``value`` is the parsed payload, ``why`` half a sentence about the end."""

    end: End
    function: str
    value: Any = None
    payload: str = ""
    why: str = ""
    request_id: str | None = None
    error: AwsError | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """Whom a door calls, and as whom. ``function`` is a name or ARN, perhaps qualified; ``source`` the door's name in
    the trace. ``limit``: the door waits no longer; the function goes on all the same."""

    principal: Principal
    function: str
    source: str
    limit: Micros | None = None
    conditions: Mapping[str, str] | None = None
    trace: str | None = None  # X-Amzn-Trace-Id as it came, or as the door has made it


def invoke(world: World, call: Call, event: Mapping[str, Any]) -> Process[Called]:
    """Invoke synchronously with ``event``."""
    request = Request(
        call.principal,
        "lambda",
        "Invoke",
        {
            "FunctionName": call.function,
            "Payload": json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode(),
        },
        call.source,
        conditions=call.conditions,
        trace_header=call.trace,
    )
    name = split_name(call.function)[0]
    if call.limit is None:
        return _ended(name, (yield from world.api.call(request)))
    done = world.kernel.signal()
    deadline = Micros(world.kernel.now + call.limit)
    world.kernel.spawn(world.api.call(request), done=done)
    if not (yield from world.kernel.wait_until(done, deadline)):
        seconds = call.limit / 1_000_000
        return Called("timed_out", name, why=f"the function had not answered after {seconds:g} s; it goes on")
    return _ended(name, (yield from world.kernel.wait(done)))


def _ended(function: str, answer: Answer | AwsError) -> Called:
    if isinstance(answer, AwsError):
        return _refused(function, answer)
    payload = answer.output["Payload"].decode("utf-8", "replace")
    request_id = answer.output.get("ResponseMetadata", {}).get("RequestId")
    try:
        value = read_json(payload, constants=True)
    except ValueError as error:
        return Called("failed", function, None, payload, f"the function's answer cannot be read: {error}", request_id)
    if "FunctionError" in answer.output:
        return Called("failed", function, value, payload, f"the function failed{_error(value)}", request_id)
    return Called("ok", function, value, payload, request_id=request_id)


def _refused(function: str, error: AwsError) -> Called:
    if error.status == 429:
        why = f"the function was throttled ({error.extra.get('Reason', error.code)})"
        return Called("throttled", function, why=why, error=error)
    if error.status == 403:
        return Called("denied", function, why="the function's policy does not let it in", error=error)
    if error.status == 413:
        return Called("too_large", function, why="the request is too large for the function", error=error)
    return Called("refused", function, why=f"Lambda answered {error.code}", error=error)


def _error(document: Any) -> str:
    if not isinstance(document, dict):
        return ""
    kind, message = str(document.get("errorType", "")), " ".join(str(document.get("errorMessage", "")).split())
    text = ": ".join(part for part in (kind, message) if part)
    return f" ({text[:SHOWN]})" if text else ""
