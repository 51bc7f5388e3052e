"""Getting an object from its origin, with the functions of the origin's two events around it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services.http.cloudfront import pages
from lambdalab.simulator.services.http.cloudfront.cache import Entry
from lambdalab.simulator.services.http.cloudfront.edge_functions import EdgeFunctions, Failed
from lambdalab.simulator.services.http.cloudfront.edge_headers import is_disallowed, pairs_of, visible
from lambdalab.simulator.services.http.cloudfront.edge_results import ChangedResponse
from lambdalab.simulator.services.http.cloudfront.keys import query_for_origin
from lambdalab.simulator.services.http.cloudfront.model import Config, Origin
from lambdalab.simulator.services.http.cloudfront.origins import Origins, Target, chosen, request_to, target_of
from lambdalab.simulator.services.http.cloudfront.visit import (
    Visit,
    as_changed,
    generated,
    received,
    seen_response,
)
from lambdalab.simulator.services.http.messages import HttpResponse
from lambdalab.simulator.vocabulary.arns import REGION
from lambdalab.simulator.vocabulary.events.arrivals import Pairs
from lambdalab.simulator.vocabulary.events.edge import custom_origin, request_of, s3_origin


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came from the origin, or what a function made instead. ``word`` as X-Cache says it."""

    response: HttpResponse
    word: str = "Miss"


@dataclass(slots=True)
class _Leaving:
    """A request on its way to an origin, as it is by now."""

    target: Target
    uri: str
    query: str
    headers: Pairs
    body: bytes


class Fetching:
    """Asks the origins of one distribution."""

    def __init__(self, world: World, config: Config, origins: Origins, functions: EdgeFunctions) -> None:
        self._world = world
        self._config = config
        self._origins = origins
        self._functions = functions

    def fetch(self, visit: Visit, stale: Entry | None) -> Process[Fetched]:
        """Get what a visit wants. ``stale``: what the cache has of it, to be confirmed."""
        origin = self._config.origins[visit.behavior.origin]
        leaving = _Leaving(
            target_of(origin, secure=visit.request.secure),
            visit.uri,
            query_for_origin(visit.behavior, visit.query),
            (*visit.to_origin(origin.domain), *_conditions(visit, stale)),
            visit.body,
        )
        if not self._origins.resolves(leaving.target):
            return Fetched(_unresolved(leaving.target))
        event = _event(visit, origin, leaving)
        made = yield from self._origin_request(visit, event, leaving)
        if made is not None:
            return made
        answer = yield from self._asked(visit, leaving)
        return (yield from self._origin_response(visit, event, answer))

    def _origin_request(self, visit: Visit, event: dict[str, Any], leaving: _Leaving) -> Process[Fetched | None]:
        """Run the function of the origin request; ``event``'s request and ``leaving`` are then as it says.

        Returns what it made itself, or why it cannot go on.
        """
        at = visit.behavior.functions.get("origin-request")
        if at is None:
            return None
        body = visit.body_for(at, "origin-request")
        sent = event if body is None else {"body": body, **event}
        ran = yield from self._functions.at_request("origin-request", at, visit.id, sent)
        if isinstance(ran, Failed):
            return Fetched(ran.page, ran.result)
        changed = ran.changed
        if isinstance(changed, ChangedResponse):
            return Fetched(generated(self._world, changed, ran.function, ran.request_id), "LambdaGeneratedResponse")
        hidden = tuple(pair for pair in leaving.headers if is_disallowed(pair[0].lower()))
        leaving.uri, leaving.query, leaving.headers = changed.uri, changed.query, (*changed.headers, *hidden)
        leaving.body = leaving.body if changed.body is None else changed.body
        event |= {"headers": visible(leaving.headers), "uri": leaving.uri, "querystring": leaving.query}
        if changed.origin is None:
            return None
        ((_, to),) = changed.origin.items()
        leaving.target = chosen(leaving.target, changed.origin, pairs_of(to.get("customHeaders")))
        event["origin"] = dict(changed.origin)
        return None if self._origins.resolves(leaving.target) else Fetched(_unresolved(leaving.target))

    def _asked(self, visit: Visit, leaving: _Leaving) -> Process[HttpResponse]:
        headers = tuple(pair for pair in leaving.headers if pair[0].lower() != "content-length")
        if leaving.body:
            headers = (*headers, ("Content-Length", str(len(leaving.body))))
        sent = request_to(leaving.target, visit.method, leaving.uri, leaving.query, headers, leaving.body)
        answer = yield from self._origins.ask(leaving.target, sent)
        if answer.why is None and answer.function is None:
            answer = replace(answer, why=f"the origin {leaving.target.id} says so")
        return received(self._world, answer, visit.behavior)

    def _origin_response(self, visit: Visit, event: dict[str, Any], answer: HttpResponse) -> Process[Fetched]:
        """Run the function of the origin response, errors included."""
        at = visit.behavior.functions.get("origin-response")
        if at is None:
            return Fetched(answer)
        shown = seen_response(answer)
        ran = yield from self._functions.at_response("origin-response", at, visit.id, event, shown)
        if isinstance(ran, Failed):
            return Fetched(ran.page, ran.result)
        made = as_changed(answer, ran.changed)
        if ran.changed.status == answer.status and ran.changed.body is None:
            return Fetched(made)
        return Fetched(replace(made, why=None, function=ran.function, request_id=ran.request_id))


def _event(visit: Visit, origin: Origin, leaving: _Leaving) -> dict[str, Any]:
    """The request as functions at origin events see it."""
    target, custom = leaving.target, visible(leaving.target.custom_headers)
    if target.bucket:
        auth = "origin-access-identity" if target.access == "identity" else "none"
        to = s3_origin(target.domain, REGION, target.path, custom, auth)
    else:
        protocol = "https" if target.secure else "http"
        to = custom_origin(
            target.domain, target.path, custom, target.port, protocol, target.read_timeout_s, origin.keepalive_s
        )
    ip = visit.request.source_ip
    return request_of(ip, visible(leaving.headers), visit.method, leaving.uri, leaving.query, origin=to)


def _conditions(visit: Visit, stale: Entry | None) -> Pairs:
    """What lets an origin say that nothing has changed; not where cookies are forwarded. "Conditional requests" """
    if stale is None or stale.error or visit.behavior.forwards_cookies:
        return ()
    tag, date = stale.response.header("etag"), stale.response.header("last-modified")
    found = (("If-None-Match", tag), ("If-Modified-Since", date))
    return tuple((name, value) for name, value in found if value)


def _unresolved(target: Target) -> HttpResponse:
    why = f"the DNS does not know {target.domain} (NonS3OriginDnsError)"
    return pages.error(502, pages.UNRESOLVED, why)
