"""Custom resources: CloudFormation asks a function to make, change and remove what it cannot itself. Fact F.8.

The function is invoked asynchronously with a request, and answers by putting a document to the request's pre-signed
URL; until then the stack waits. Source: CloudFormation User Guide, "Custom resource reference", read 2026-04. One
resource after the other is asked for (assumption A-32).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from lambdalab.simulator.account import ADMINISTRATOR, Request, World
from lambdalab.simulator.account.internet import Page
from lambdalab.simulator.kernel import HOUR, SECOND, Micros, Process, Signal
from lambdalab.simulator.project.intrinsics import PSEUDO
from lambdalab.simulator.project.names import attribute_token, is_custom, physical_token
from lambdalab.simulator.project.numbers import Numbers
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.trace.facts import CustomResourceAnswered, CustomResourceRequested
from lambdalab.simulator.vocabulary import ids
from lambdalab.simulator.vocabulary.arns import REGION
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.events import cloudformation as shapes
from lambdalab.simulator.vocabulary.quotas import CUSTOM_RESOURCE_RESPONSE_BYTES_MAX, CUSTOM_RESOURCE_WAIT_S

HOST = f"cloudformation-custom-resource-response-{REGION.replace('-', '')}.s3.amazonaws.com"
NO_RESPONSE = (
    "CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [{}]. "
    "If you are using the Python cfn-response module, you may need to update your Lambda function code so that "
    "CloudFormation can attach the updated version."
)
URL_LIFETIME = Micros(2 * HOUR)  # in which a request may be answered, as Expires in URLs that users show
_TOKEN = re.compile(r"\{(?:attribute|physical) ([^.}]+)[.}]")
_LEFT = re.compile(r"\{attribute ([^.}]+)\.([^}]*)\}")
RequestType = Literal["Create", "Update", "Delete"]


def custom_resources(template: Template) -> list[Resource]:
    """The template's custom resources, each after those whose attributes it names; no circle passes as a template."""
    waiting = {r.logical_id: r for r in template.resources.values() if is_custom(r.type)}
    named = {logical_id: named_in(resource.properties) for logical_id, resource in waiting.items()}
    found: list[Resource] = []
    while free := [logical_id for logical_id in waiting if named[logical_id].isdisjoint(waiting)]:
        found += [waiting.pop(logical_id) for logical_id in free]
    assert not waiting
    return found


def named_in(value: Any) -> set[str]:
    """The custom resources whose attributes or physical ids ``value`` names."""
    if isinstance(value, dict):
        return {name for each in value.values() for name in named_in(each)}
    if isinstance(value, list):
        return {name for each in value for name in named_in(each)}
    return set(_TOKEN.findall(value)) if isinstance(value, str) and "{" in value else set()


@dataclass(frozen=True, slots=True)
class Made:
    """A custom resource as it is: what was asked for, and the physical id that the function gave it."""

    logical_id: str
    type: str
    function: str
    properties: Mapping[str, Any]
    physical_id: str | None
    timeout_s: int = CUSTOM_RESOURCE_WAIT_S


@dataclass(slots=True)
class _Waiting:
    """A request, and its answer if there is one. Its URL may be used until ``expires``."""

    answered: Signal
    expires: Micros
    body: bytes = b""


@dataclass(slots=True)
class _Response:
    failure: str | None
    physical_id: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


class CustomResources:
    """The custom resources of the stack, and the bucket to which functions put their answers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._made: dict[str, Made] = {}
        self._waiting: dict[str, _Waiting] = {}
        self._undo: list[tuple[Made, Made | None]] = []  # each as it is, and as it was before
        self._superfluous: list[Made] = []

    def bring(self, template: Template, numbers: Numbers) -> Process[str | None]:
        """Create and update what the template says, one after the other; returns why that failed, or None."""
        self._undo, self._superfluous = [], []
        resources = custom_resources(template)
        if resources and not self._world.internet.exists(HOST):
            self._world.internet.listen(HOST, self._receive)
        for resource in resources:
            failure = yield from self._bring(resource, numbers)
            if failure:
                return f"{resource.logical_id}: {failure}"
        kept = {resource.logical_id for resource in resources}
        self._superfluous += [made for logical_id, made in self._made.items() if logical_id not in kept]
        return None

    def clean_up(self) -> Process[None]:
        """After an update that went well, delete what it has replaced or left out. A failure changes nothing."""
        for made in reversed(self._superfluous):
            if self._made.get(made.logical_id) is made:
                del self._made[made.logical_id]
            yield from self._ask("Delete", made)

    def undo(self) -> Process[str | None]:
        """After a failure, put everything back, the last one first; returns why that failed, or None."""
        stuck = None
        for made, before in reversed(self._undo):
            failure = yield from (self._remove(made) if before is None else self._put_back(made, before))
            stuck = stuck or failure
        return stuck

    def _remove(self, made: Made) -> Process[str | None]:
        self._made.pop(made.logical_id, None)
        response = yield from self._ask("Delete", made)
        return response.failure

    def _put_back(self, made: Made, before: Made) -> Process[str | None]:
        """Ask for the old properties again; what another physical id then leaves over is deleted."""
        response = yield from self._ask("Update", replace(before, physical_id=made.physical_id), made)
        now = self._made[made.logical_id] = replace(before, physical_id=response.physical_id)
        if response.failure or now.physical_id == made.physical_id:
            return response.failure
        yield from self._ask("Delete", made)
        return None

    def _bring(self, resource: Resource, numbers: Numbers) -> Process[str | None]:
        before = self._made.get(resource.logical_id)
        settled = _as_texts(numbers.settle(resource.properties))
        missing = _LEFT.search(json.dumps(settled))
        if missing:
            return f"CustomResource attribute error: Vendor response doesn't contain {missing[2]} attribute"
        timeout_s = int(settled.get("ServiceTimeout", CUSTOM_RESOURCE_WAIT_S))
        physical_id = before.physical_id if before else None
        function = str(settled["ServiceToken"])
        wanted = Made(resource.logical_id, resource.type, function, settled, physical_id, timeout_s)
        if before == wanted:
            return None
        if before is not None and before.function != function:
            return "Modifying service token is not allowed."
        response = yield from self._ask("Update" if before else "Create", wanted, before)
        now = Made(resource.logical_id, resource.type, function, settled, response.physical_id, timeout_s)
        self._undo.append((now, before))
        if response.failure:
            return response.failure
        if before is not None and before.physical_id != now.physical_id:
            self._superfluous.append(before)
        self._made[resource.logical_id] = now
        numbers.note(physical_token(resource.logical_id), str(now.physical_id))
        for name, value in response.data.items():
            text = value if isinstance(value, str) else json.dumps(value)
            numbers.note(attribute_token(resource.logical_id, name), text)
        return None

    def _ask(self, kind: RequestType, made: Made, before: Made | None = None) -> Process[_Response]:
        """Send one request and wait for its answer."""
        world = self._world
        request_id = world.new_uuid("custom-resource")
        url = self._presigned(made.logical_id, request_id)
        expires = Micros(world.kernel.now + URL_LIFETIME)
        waiting = self._waiting[urlsplit(url).path] = _Waiting(world.kernel.signal(), expires)
        world.trace.record(CustomResourceRequested(made.logical_id, kind, request_id, made.function))
        payload = json.dumps(_request(kind, made, before, request_id, url)).encode()
        params = {"FunctionName": made.function, "InvocationType": "Event", "Payload": payload}
        label = f"{kind} {made.logical_id}"
        call = Request(ADMINISTRATOR, "lambda", "Invoke", params, source="cloudformation", label=label)
        answer = yield from world.api.call(call)
        if isinstance(answer, AwsError):
            response = _Response(f"{answer.message} (Service: Lambda, Status Code: {answer.status})", made.physical_id)
        else:
            deadline = Micros(world.kernel.now + made.timeout_s * SECOND)
            yield from world.kernel.wait_until(waiting.answered, deadline)
            response = _read(waiting, made, request_id)
            waiting.body = b""
        if response.physical_id is None:  # CloudFormation gives it one, to have something to delete
            response.physical_id = f"lab-{made.logical_id}-{ids.hex_from(self._random(), 8).upper()}"
        status: Literal["SUCCESS", "FAILED"] = "FAILED" if response.failure else "SUCCESS"
        world.trace.record(
            CustomResourceAnswered(made.logical_id, kind, request_id, status, response.physical_id, response.failure)
        )
        return response

    def _presigned(self, logical_id: str, request_id: str) -> str:
        stack = quote(str(PSEUDO["AWS::StackId"]), safe="/")
        expires = (self._world.epoch_us + self._world.kernel.now + URL_LIFETIME) // SECOND
        signature = ids.hex_from(self._random(), 40)
        query = f"AWSAccessKeyId=AKIALAMBDALABEXAMPLE&Expires={expires}&Signature={signature}"
        return f"https://{HOST}/{stack}%7C{logical_id}%7C{request_id}?{query}"

    def _random(self) -> Any:
        return self._world.kernel.random_for("custom-resource")

    def _receive(self, method: str, url: str, body: bytes) -> Page:
        """A function puts its answer. What comes again, or too late, changes nothing; when it has expired, a URL is
        nobody's."""
        now = self._world.kernel.now
        self._waiting = {path: each for path, each in self._waiting.items() if now < each.expires}
        waiting = self._waiting.get(urlsplit(url).path)
        if method != "PUT" or waiting is None:
            return Page(403, b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")
        if not waiting.answered.fired:
            waiting.body = body
            waiting.answered.fire()
        return Page(200)


def _request(kind: RequestType, made: Made, before: Made | None, request_id: str, url: str) -> dict[str, Any]:
    request = shapes.request(
        kind, made.function, url, str(PSEUDO["AWS::StackId"]), request_id, made.logical_id, made.type, made.properties
    )
    if kind != "Create":
        request["PhysicalResourceId"] = made.physical_id
    if before is not None:
        request["OldResourceProperties"] = before.properties
    return request


def _read(waiting: _Waiting, made: Made, request_id: str) -> _Response:
    """What a response says; one that cannot be understood is a failure."""
    if not waiting.answered.fired:
        return _Response(NO_RESPONSE.format(request_id), made.physical_id)
    if len(waiting.body) > CUSTOM_RESOURCE_RESPONSE_BYTES_MAX:
        return _Response("Response object is too long.", made.physical_id)
    try:
        document = json.loads(waiting.body)
    except (ValueError, RecursionError):
        document = None
    status = document.get("Status") if isinstance(document, dict) else None
    if status not in ("SUCCESS", "FAILED"):
        return _Response("Invalid Response object: it must be JSON with a Status SUCCESS or FAILED.", made.physical_id)
    physical_id = document.get("PhysicalResourceId") or made.physical_id
    if status == "FAILED":
        reason = document.get("Reason") or "no reason was given"
        text = f"Received response status [FAILED] from custom resource. Message returned: {reason}"
        return _Response(f"{text} (RequestId: {request_id})", str(physical_id) if physical_id else None)
    if not isinstance(physical_id, str):
        return _Response("Invalid PhysicalResourceId", made.physical_id)
    data = document.get("Data")
    return _Response(None, physical_id, data if isinstance(data, dict) else {})


def _as_texts(value: Any) -> Any:
    """CloudFormation hands every number and truth value over as text."""
    if isinstance(value, dict):
        return {key: _as_texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_texts(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
