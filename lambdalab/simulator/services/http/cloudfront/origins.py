"""Asking an origin: a bucket of the run, one of its doors, or a host of the scenario's ``web``.

Sources: Amazon CloudFront Developer Guide, "Request and response behavior for Amazon S3 origins", "… for custom
origins", "HTTP 502 status code (Bad Gateway)", "HTTP 504 status code", read 2026-11-29.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from lambdalab.simulator.account import ANONYMOUS, Principal, World, service_principal
from lambdalab.simulator.kernel import SECOND, Micros, Process
from lambdalab.simulator.services.http.cloudfront import pages
from lambdalab.simulator.services.http.cloudfront.buckets import bucket_of, from_bucket
from lambdalab.simulator.services.http.cloudfront.model import READING, Access, Origin
from lambdalab.simulator.services.http.doors import Doors
from lambdalab.simulator.services.http.messages import HttpRequest, HttpResponse, size_of
from lambdalab.simulator.trace.facts import EdgeOriginAnswered
from lambdalab.simulator.trace.facts.http import DoorKind
from lambdalab.simulator.vocabulary.assumptions.edge import EDGE_TO_ORIGIN
from lambdalab.simulator.vocabulary.assumptions.networks import CONNECT_LATENCY
from lambdalab.simulator.vocabulary.events.arrivals import Pairs

ADDRESS = "130.176.0.10"  # of the edge location, as origins see it
CONNECT_PATIENCE = Micros(10 * SECOND)  # of one attempt. "Connection timeout per origin"

_FAILURES = {
    "refused": "it refuses the connection",
    "tls": "its certificate is not valid",
    "reset": "it drops the connection",
}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes in the end; a function at the origin request may have chosen it."""

    id: str
    domain: str
    path: str
    bucket: bool
    port: int
    secure: bool
    custom_headers: Pairs
    read_timeout_s: int
    attempts: int
    access: Access
    identity: str


def target_of(origin: Origin, *, secure: bool) -> Target:
    """Where an origin of the configuration is. ``secure``: the viewer came by HTTPS."""
    https = origin.bucket or origin.protocol == "https-only" or (origin.protocol == "match-viewer" and secure)
    return Target(
        origin.id, origin.domain, origin.path, origin.bucket, origin.ports[https], https, origin.custom_headers,
        origin.read_timeout_s, origin.attempts, origin.access, origin.identity,
    )  # fmt: skip


def chosen(target: Target, given: Mapping[str, Any], custom_headers: Pairs) -> Target:
    """The target that a function has made of it. ``given`` is the event's origin, checked.

    Another bucket than the origin's own is asked without an origin access control: none can be named there.
    """
    ((kind, origin),) = given.items()
    domain, path = str(origin["domainName"]), str(origin.get("path", ""))
    kept = domain == target.domain and (kind == "s3") == target.bucket
    access: Access = target.access if kept else "none"
    if kind == "s3" and origin.get("authMethod", "none") == "origin-access-identity":
        access = "identity"
    made = replace(
        target, domain=domain, path=path, custom_headers=custom_headers, bucket=kind == "s3", access=access,
        id=target.id if kept else domain,
    )  # fmt: skip
    if kind == "s3":
        return replace(made, port=443, secure=True)
    timeout = int(origin.get("readTimeout", target.read_timeout_s))
    return replace(made, port=int(origin["port"]), secure=origin["protocol"] == "https", read_timeout_s=timeout)


class Origins:
    """Asks origins on behalf of one distribution; ``arn`` is the distribution's."""

    def __init__(self, world: World, doors: Doors, arn: str, shown_as: str) -> None:
        self._world = world
        self._doors = doors
        self._shown_as = shown_as
        self._signer = service_principal("cloudfront.amazonaws.com", arn)
        self._source = f"distribution/{shown_as}"

    def resolves(self, target: Target) -> bool:
        """Whether its name is known to the DNS. CloudFront looks before any function runs."""
        if target.bucket:
            return bucket_of(target.domain) is not None
        known = self._doors.has_host(target.domain) or bucket_of(target.domain) is not None
        return known or self._world.internet.exists(target.domain)

    def ask(self, target: Target, request: HttpRequest) -> Process[HttpResponse]:
        """Send a request and wait, as long as the origin's timeouts allow; the trace tells what came of it.

        What does not come in time is tried again where it reads only, as often as the origin is set to.
        """
        kernel = self._world.kernel
        attempts = target.attempts if request.method in READING else 1
        while True:
            attempts -= 1
            started = kernel.now
            answer = yield from self._attempt(target, request)
            late = pages.error(504, pages.UNREACHABLE, f"the origin {target.id} does not answer in time")
            self._record(target, request, answer or late, Micros(kernel.now - started))
            if answer is not None or attempts <= 0:
                return answer or late

    def _attempt(self, target: Target, request: HttpRequest) -> Process[HttpResponse | None]:
        """One attempt; None: nothing came in time."""
        kernel, done = self._world.kernel, self._world.kernel.signal()
        deadline = Micros(kernel.now + target.read_timeout_s * SECOND)
        kernel.spawn(self._sent(target, request), done=done)
        if not (yield from kernel.wait_until(done, deadline)):
            return None
        answer: HttpResponse | None = yield from kernel.wait(done)
        return answer

    def _sent(self, target: Target, request: HttpRequest) -> Process[HttpResponse | None]:
        bucket = bucket_of(target.domain)
        if bucket is not None:
            return (yield from from_bucket(self._world, bucket, self._caller(target), self._source, request))
        found = self._doors.at(target.domain, target.port)
        if found is not None:
            door, base = found
            half = Micros(EDGE_TO_ORIGIN // 2)
            yield from self._world.kernel.sleep(half)
            sent = replace(request, path=base + request.path, principal=self._caller(target))
            answer = yield from self._doors.knock(door, sent)
            yield from self._world.kernel.sleep(half)
            return answer
        if self._doors.has_host(target.domain):
            yield from self._world.kernel.sleep(EDGE_TO_ORIGIN)
            return _unreachable(target, f"nothing listens at port {target.port}")
        return (yield from self._from_internet(target, request))

    def _caller(self, target: Target) -> Principal:
        """Who asks, in IAM's eyes."""
        if target.access == "identity":
            return Principal(target.identity, called="the origin access identity")
        return self._signer if target.access == "control" else ANONYMOUS

    def _from_internet(self, target: Target, request: HttpRequest) -> Process[HttpResponse | None]:
        """A host of ``web``: what it answers, or how it fails; None: it does not even accept the connection."""
        kernel, internet = self._world.kernel, self._world.internet
        yield from kernel.sleep(CONNECT_LATENCY)
        scheme = "https" if target.secure else "http"
        port = "" if target.port == (443 if target.secure else 80) else f":{target.port}"
        query = f"?{request.query}" if request.query else ""
        try:
            fail = internet.fail_of(target.domain, target.port)
        except KeyError:
            return _unreachable(target, f"nothing listens at port {target.port}")
        if fail == "timeout":
            yield from kernel.sleep(CONNECT_PATIENCE)
            return None
        if fail is not None:
            return _unreachable(target, _FAILURES[fail])
        url = f"{scheme}://{target.domain}{port}{request.path}{query}"
        page = internet.answer(request.method, url, request.body)
        if page is None:
            return HttpResponse(404, (("Content-Type", "text/plain"),), b"Not Found", f"web has no page {url}")
        yield from kernel.sleep(page.latency)
        if page.fail is not None:
            return _unreachable(target, _FAILURES["reset"])
        return HttpResponse(page.status, page.headers, page.body)

    def _record(self, target: Target, request: HttpRequest, answer: HttpResponse, took: Micros) -> None:
        found = None if target.bucket else self._doors.at(target.domain, target.port)
        kind: DoorKind | None = None if found is None else found[0].kind
        self._world.trace.record(
            EdgeOriginAnswered(
                distribution=self._shown_as,
                origin=target.id,
                door=None if found is None else found[0].shown_as,
                door_kind=kind,
                method=request.method,
                path=request.path,
                query=request.query,
                status=answer.status,
                latency_us=took,
                request_id=answer.request_id,
                function=answer.function,
                bytes_in=len(request.body) + size_of(request.headers),
                bytes_out=len(answer.body) + size_of(answer.headers),
                why=answer.why,
            )
        )


def request_to(target: Target, method: str, uri: str, query: str, headers: Pairs, body: bytes) -> HttpRequest:
    """What goes over the wire: the origin's path in front, its custom headers in the place of the viewer's."""
    own = {name.lower() for name, _ in target.custom_headers}
    kept = tuple((name, value) for name, value in headers if name.lower() not in own)
    if not any(name.lower() == "host" for name, _ in kept):
        kept = (("Host", target.domain), *kept)
    path = quote(target.path + uri, safe="/:@!$&'()*+,;=~-._%")
    together = (*kept, *target.custom_headers)
    return HttpRequest(method, path, query, together, body, ADDRESS, port=target.port, secure=target.secure)


def _unreachable(target: Target, why: str) -> HttpResponse:
    return pages.error(502, pages.UNREACHABLE, f"the origin {target.id} cannot be reached: {why}")
