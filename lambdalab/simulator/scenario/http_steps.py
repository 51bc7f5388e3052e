"""Steps with ``http``: a client on the Internet sends a request to a function URL, an API, a load balancer or a
distribution.

``http: {to: ShopApi, method: POST, path: /orders, query: "a=1&a=2", headers: {…}, body: {…}}``. A path is URL-encoded
where it has to be; a query is a text that is sent as it stands, or a mapping whose values may be lists. A mapping or
list as the body is sent as JSON, a text as text, ``{file: …}`` byte for byte.
"""

from __future__ import annotations

import ipaddress
import json
import mimetypes
import posixpath
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from lambdalab.simulator.account import ANONYMOUS, Principal, World
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.project.deploy import Deployment
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.yaml_source import Path
from lambdalab.simulator.scenario import values
from lambdalab.simulator.scenario.reader import Reader
from lambdalab.simulator.scenario.schema import HttpAction, Scenario, Step
from lambdalab.simulator.services.http.messages import HttpRequest, HttpResponse, is_token
from lambdalab.simulator.services.http.url_api import SUFFIX
from lambdalab.simulator.trace.facts import StepPlayed
from lambdalab.simulator.vocabulary.events.http import ADDRESS

KEYS = ("to", "method", "path", "query", "headers", "body", "source_ip")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
AGENT = "lambdalab"
URL_SAFE = "/:@!$&'()*+,;=~-._%"  # RFC 3986, "Path"; a percent sign is the author's own encoding
QUERY_SAFE = URL_SAFE + "?"
TARGET_BYTES_MAX = 8_192  # ours: of path and query together
BODY_BYTES_MAX = 16 * 1024 * 1024  # ours: more than any door takes
_TYPES = mimetypes.MimeTypes()  # Python's own list: that of the machine may differ


def read_http(reader: Reader, value: Any, path: Path, files: Mapping[str, bytes]) -> HttpAction:
    """What a step sends, with its place in the scenario."""
    entry = reader.mapping(value, path, KEYS)
    method = str(entry.get("method", "GET")).upper()
    if method not in METHODS:
        reader.note((*path, "method"), f"{entry.get('method')!r} is no method.", f"One of: {', '.join(METHODS)}.")
    address = entry.get("source_ip", ADDRESS)
    if not _is_address(address):
        reader.note((*path, "source_ip"), f"{address!r} is no IP address.", "Write it like 203.0.113.7.")
    target = entry.get("path", "/")
    if not isinstance(target, str) or not target.startswith("/"):
        reader.note((*path, "path"), f"{target!r} is no path.", "Begin it with a slash, like /orders.")
    elif "?" in target:
        reader.note((*path, "path"), "a query does not belong into the path.", "Write it under query.")
    headers = _headers(reader, entry.get("headers"), (*path, "headers"))
    body, kind = _body(reader, entry.get("body"), (*path, "body"), files)
    if kind and not any(name.lower() == "content-type" for name in headers):
        headers = {**headers, "Content-Type": kind}
    place = reader.source.problem((*path, "to"), "")
    return HttpAction(
        to=reader.text(
            entry.get("to"), (*path, "to"), "to (a function URL, an API, a load balancer or a distribution)"
        ),
        method=method,
        path=values.prepare(reader, str(target), (*path, "path"), files),
        query=_query(reader, entry.get("query"), (*path, "query"), files),
        headers=values.prepare(reader, headers, (*path, "headers"), files),
        body=body,
        source_ip=str(address),
        line=place.line,
        column=place.column,
    )


def _headers(reader: Reader, value: Any, path: Path) -> dict[str, Any]:
    headers = reader.mapping(value, path, value or ())
    for name, given in headers.items():
        several = given if isinstance(given, list) else [given]
        plain = all(isinstance(one, str | int | float) and not _breaks(str(one)) for one in several)
        if not is_token(str(name)) or not plain:
            fix = "Write a text, or a list of texts for a header that comes several times."
            reader.note((*path, name), f"{name} is no header, or its value cannot stand in one.", fix)
    return headers


def _breaks(text: str) -> bool:
    return any(sign in text for sign in "\r\n\0")


def _query(reader: Reader, value: Any, path: Path, files: Mapping[str, bytes]) -> Any:
    if not isinstance(value, str | dict | None):
        reader.note(path, f"{value!r} is no query.", 'Write a text like "a=1&b=2", or a mapping.')
    return values.prepare(reader, value or "", path, files)


def _body(reader: Reader, value: Any, path: Path, files: Mapping[str, bytes]) -> tuple[Any, str]:
    """The body, and its content type where the author names none."""
    if isinstance(value, dict) and set(value) == {"file"}:
        name = posixpath.normpath(str(value["file"]))
        if name not in files:
            reader.note(path, f"there is no file {value['file']} in the project.", "Create it, or fix the path.")
        return files.get(name, b""), _TYPES.guess_type(name)[0] or "application/octet-stream"
    if value is None:
        return b"", ""
    kind = "text/plain; charset=utf-8" if isinstance(value, str) else "application/json"
    return values.prepare(reader, value, path, files), kind


def _is_address(value: Any) -> bool:
    try:
        ipaddress.ip_address(str(value))
    except ValueError:
        return False
    return True


def unknown_doors(scenario: Scenario, known: Collection[str]) -> Iterator[Problem]:
    """A problem for every step that sends to what this project does not have."""
    for step in scenario.steps:
        if step.http is not None and not _may_be(bare(step.http.to), known):
            names = ", ".join(sorted(name for name in known if "." not in name)) or "none"
            text = f"nothing here answers HTTP as {step.http.to}."
            fix = f"Function URLs, APIs, stages, load balancers and distributions here: {names}."
            yield Problem(scenario.path, step.http.line, step.http.column, text, fix)


def _may_be(to: str, known: Collection[str]) -> bool:
    """A function URL or a distribution may be made while a run goes on."""
    return to in known or to.endswith((SUFFIX, ".cloudfront.net"))


def bare(to: str) -> str:
    """A logical id as it stands; of a URL the host, with the port where that matters."""
    scheme, _, rest = to.partition("://")
    host = rest.partition("/")[0]
    if scheme == "https" and host.endswith(".elb.amazonaws.com"):
        return f"{host}:443"
    if scheme == "http" and host.endswith(".cloudfront.net"):
        return f"{host}:80"
    return host or to


def send(
    world: World, deployment: Deployment, principal: Principal | None, number: int, n: int, step: Step
) -> Process[None]:
    """Send the request of repetition ``n`` and wait for its answer."""
    action, stream = step.http, f"scenario/{number}"
    assert action is not None
    label = None if step.label is None else str(values.render(world, step.label, n, stream))
    request = made(world, action, n, stream, principal or ANONYMOUS)
    answer = yield from deployment.doors.request(bare(action.to), request, label)
    told = f"http {request.method} {action.to}{request.path}"
    found = answer.request_id if answer else None
    world.trace.record(StepPlayed(number, n, told, label, found, _outcome(answer, step)))


def made(world: World, action: HttpAction, n: int, stream: str, principal: Principal) -> HttpRequest:
    """The request, its expressions drawn."""
    path = quote(str(values.render(world, action.path, n, stream)), safe=URL_SAFE)
    given = values.render(world, action.query, n, stream)
    query = urlencode(given, doseq=True) if isinstance(given, dict) else quote(str(given), safe=QUERY_SAFE)
    room = TARGET_BYTES_MAX - len(path)
    headers = tuple(_written(values.render(world, dict(action.headers), n, stream)))
    body = values.render(world, action.body, n, stream)
    if not isinstance(body, bytes):
        body = body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()
    usual = tuple(
        (name, text)
        for name, text in (("User-Agent", AGENT), ("Accept", "*/*"))
        if not any(name.lower() == given_name.lower() for given_name, _ in headers)
    )
    content = (("Content-Length", str(len(body))),) if body else ()
    return HttpRequest(
        action.method,
        path[:TARGET_BYTES_MAX],
        query[: max(0, room)],
        (*usual, *headers, *content),
        body[:BODY_BYTES_MAX],
        action.source_ip,
        principal,
    )


def _written(headers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, given in headers.items():
        for one in given if isinstance(given, list) else [given]:
            yield str(name), str(one)


def _outcome(answer: HttpResponse | None, step: Step) -> str:
    if answer is None:
        return "no such host"
    expected = " (expected)" if step.expect == str(answer.status) else ""
    return f"{answer.status}{expected}"
