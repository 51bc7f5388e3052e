"""One request of a viewer on its way through a distribution, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.utils import format_datetime
from typing import Any

from lambdalab.simulator.account import World
from lambdalab.simulator.services.http.cloudfront import pages
from lambdalab.simulator.services.http.cloudfront.edge_headers import is_disallowed, visible
from lambdalab.simulator.services.http.cloudfront.edge_results import ChangedRequest, ChangedResponse, exposed
from lambdalab.simulator.services.http.cloudfront.keys import AGENT, Key, forwarded, key_of
from lambdalab.simulator.services.http.cloudfront.model import READING, Association, Behavior
from lambdalab.simulator.services.http.messages import HttpRequest, HttpResponse
from lambdalab.simulator.vocabulary.events.arrivals import Pairs
from lambdalab.simulator.vocabulary.events.edge import EventType, request_of, response_of

# Headers of a connection, or of S3's own business, that go no further. Source: Amazon CloudFront Developer Guide, "HTTP
# response headers that CloudFront removes or replaces", read 2026-11-29.
DROPPED = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-connection", "trailer", "upgrade", "transfer-encoding",
    "x-cache", "via", "age", "content-length", "x-amz-id-2", "x-amz-request-id",
})  # fmt: skip


@dataclass(slots=True)
class Visit:
    """A request as it is by now: functions may have changed it. ``page``: CloudFront itself wants an error page."""

    request: HttpRequest
    id: str
    via: str
    behavior: Behavior
    uri: str
    query: str
    headers: Pairs
    body: bytes
    page: bool = False

    @property
    def method(self) -> str:
        """Its method, which nobody changes."""
        return self.request.method

    @property
    def key(self) -> Key:
        """What counts for the cache."""
        return key_of(self.behavior, self.method, self.uri, self.query, self.headers)

    @property
    def caches(self) -> bool:
        """Whether its answer may come from the cache, and be kept there."""
        return self.behavior.policy.caches and self.method in (*READING, *self.behavior.cached_methods)

    def change(self, changed: ChangedRequest) -> None:
        """Go on as a function at the viewer request says."""
        self.uri, self.query, self.headers = changed.uri, changed.query, changed.headers
        if changed.body is not None:
            self.body = changed.body

    def at_viewer(self, at: Association) -> dict[str, Any]:
        """The request as a function at a viewer event sees it."""
        return request_of(
            self.request.source_ip, visible(self.headers), self.method, self.uri, self.query,
            self.body_for(at, "viewer-request"),
        )  # fmt: skip

    def body_for(self, at: Association, kind: EventType) -> dict[str, Any] | None:
        """The body as a function sees it; None where it sees none, as for methods that carry none."""
        return exposed(kind, self.body) if at.include_body and self.method not in (*READING, "OPTIONS") else None

    def to_origin(self, domain: str) -> Iterator[tuple[str, str]]:
        """The headers with which the request goes to an origin."""
        kept = tuple(forwarded(self.behavior, self.method, self.headers))
        names = {name.lower() for name, _ in kept}
        seen = next((value for name, value in kept if name.lower() == "x-forwarded-for"), "")
        yield "X-Forwarded-For", f"{seen}, {self.request.source_ip}" if seen else self.request.source_ip
        if "user-agent" not in names:
            yield "User-Agent", AGENT
        yield "Via", f"2.0 {self.via} (CloudFront)"
        if "host" not in names:
            yield "Host", domain
        yield from ((name, value) for name, value in kept if name.lower() not in ("x-forwarded-for", "via"))


def seen_response(response: HttpResponse) -> dict[str, Any]:
    """A response as functions at response events see it."""
    return response_of(response.status, pages.reason(response.status), visible(response.headers))


def as_changed(response: HttpResponse, changed: ChangedResponse) -> HttpResponse:
    """A response after the function of a response event; headers that functions do not see stay."""
    hidden = tuple(pair for pair in response.headers if is_disallowed(pair[0].lower()))
    body = response.body if changed.body is None else changed.body
    headers = (*changed.headers, *hidden)
    if changed.body is not None:
        headers = (*(pair for pair in headers if pair[0].lower() not in ("content-length", "content-encoding")),)
        headers = (*headers, ("Content-Length", str(len(body))))
    return replace(response, status=changed.status, headers=headers, body=body)


def received(world: World, response: HttpResponse, behavior: Behavior) -> HttpResponse:
    """An origin's answer as CloudFront takes it: with a date and a length, without what goes no further.

    Cookies of the origin are dropped where cookies are not forwarded. CloudFront "Cache content based on cookies".
    """
    dropped = DROPPED if behavior.forwards_cookies else DROPPED | {"set-cookie"}
    headers = tuple(pair for pair in response.headers if pair[0].lower() not in dropped)
    if not any(name.lower() == "date" for name, _ in headers):
        headers = (*headers, ("Date", format_datetime(world.wall_clock(), usegmt=True)))
    if response.status not in (204, 304):
        headers = (*headers, ("Content-Length", str(len(response.body))))
    return replace(response, headers=headers)


def generated(world: World, changed: ChangedResponse, function: str, request_id: str | None) -> HttpResponse:
    """The response that a function at a request has made."""
    body = changed.body or b""
    headers = tuple(pair for pair in changed.headers if pair[0].lower() != "content-length")
    named = {name.lower() for name, _ in headers}
    own = (pages.SERVER, ("Date", format_datetime(world.wall_clock(), usegmt=True)))
    headers = (*(pair for pair in own if pair[0].lower() not in named), *headers, ("Content-Length", str(len(body))))
    return HttpResponse(changed.status, headers, body, None, request_id, function)
