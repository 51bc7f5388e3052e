"""A distribution at its one edge location: what happens between a viewer and the cache.

Source: Amazon CloudFront Developer Guide, "CloudFront events that can trigger a Lambda@Edge function", "Cache behavior
settings", "HTTP 403 status code", read 2026-11-29.
"""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass, replace
from typing import Literal

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services.http.cloudfront import pages
from lambdalab.simulator.services.http.cloudfront.cache import Cache
from lambdalab.simulator.services.http.cloudfront.edge_functions import EdgeFunctions, Failed
from lambdalab.simulator.services.http.cloudfront.edge_results import ChangedRequest
from lambdalab.simulator.services.http.cloudfront.model import READING, Behavior, Config
from lambdalab.simulator.services.http.cloudfront.origins import Origins
from lambdalab.simulator.services.http.cloudfront.serving import Served, Serving
from lambdalab.simulator.services.http.cloudfront.visit import Visit, as_changed, generated, seen_response
from lambdalab.simulator.services.http.doors import Doors
from lambdalab.simulator.services.http.messages import HttpRequest, HttpResponse, size_of
from lambdalab.simulator.vocabulary import ids, quotas
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID

POP = "IAD89-P1"  # the edge location, as X-Amz-Cf-Pop names it (assumption A-130)


def distribution_arn(id_: str) -> str:
    """The ARN of a distribution: CloudFront has no Region."""
    return f"arn:aws:cloudfront::{ACCOUNT_ID}:distribution/{id_}"


@dataclass(slots=True)
class Distribution:
    """A CloudFront distribution. ``host`` is its domain name; ``made_at`` when it was made."""

    world: World
    shown_as: str
    id: str
    host: str
    config: Config
    cache: Cache
    serving: Serving
    functions: EdgeFunctions
    made_at: dt.datetime
    kind: Literal["distribution"] = "distribution"

    @property
    def arn(self) -> str:
        """Its ARN."""
        return distribution_arn(self.id)

    def change(self, config: Config) -> None:
        """Serve by another configuration from here on. What is in the cache stays, as on AWS."""
        self.config = config
        self.serving = Serving(self.world, self.shown_as, config, self.cache, self.serving.origins, self.functions)

    def answer(self, request: HttpRequest) -> Process[HttpResponse]:
        """Answer one request of a viewer."""
        request = replace(request, secure=request.port != 80)
        uri = f"/{self.config.root}" if request.path == "/" and self.config.root else request.path
        behavior = self.config.behavior_for(uri)
        request_id = self._request_id()
        answer = self._refusal(request, behavior)
        if answer is None:
            visit = Visit(request, request_id, self._via, behavior, uri, request.query, request.headers, request.body)
            answer = yield from self._visited(visit)
        own = {"Via": f"1.1 {self._via} (CloudFront)", "X-Amz-Cf-Pop": POP, "X-Amz-Cf-Id": request_id}
        return answer.with_headers(own)

    def _visited(self, visit: Visit) -> Process[HttpResponse]:
        made = yield from self._viewer_request(visit)
        if made is not None:
            return made
        served = yield from self.serving.serve(visit)
        if not served.error and not served.page:
            served = yield from self._viewer_response(visit, served)
        return _for_viewer(visit, served)

    def _viewer_request(self, visit: Visit) -> Process[HttpResponse | None]:
        """Run the function of the viewer request. Returns what ends the way: its response, or a page about it."""
        at = visit.behavior.functions.get("viewer-request")
        if at is None:
            return None
        ran = yield from self.functions.at_request("viewer-request", at, visit.id, visit.at_viewer(at))
        if isinstance(ran, Failed):
            return ran.page.with_headers(pages.told(ran.result))
        if isinstance(ran.changed, ChangedRequest):
            visit.change(ran.changed)
            return None
        made = generated(self.world, ran.changed, ran.function, ran.request_id)
        return made.with_headers(pages.told("LambdaGeneratedResponse"))

    def _viewer_response(self, visit: Visit, served: Served) -> Process[Served]:
        at = visit.behavior.functions.get("viewer-response")
        if at is None:
            return served
        request, shown = visit.at_viewer(replace(at, include_body=False)), seen_response(served.response)
        ran = yield from self.functions.at_response("viewer-response", at, visit.id, request, shown)
        if isinstance(ran, Failed):
            return Served(ran.page, ran.result, error=True)
        answer = as_changed(served.response, ran.changed)
        return replace(served, response=replace(answer, why=ran.changed.ignored or answer.why))

    def _refusal(self, request: HttpRequest, behavior: Behavior) -> HttpResponse | None:
        """What CloudFront answers before anything runs.

        A second distribution on the way is refused: "HTTP 403 status code", stacked distributions, read 2026-11-29.
        """
        if any(name.lower() == "via" and "(CloudFront)" in value for name, value in request.headers):
            why = "the request has come through a distribution already, and CloudFront lets none stand before another"
            return pages.error(403, pages.BAD_REQUEST, why)
        target = len(request.path) + len(request.query) + bool(request.query)
        if target > quotas.URL_BYTES_MAX:
            return pages.error(414, pages.BAD_REQUEST, f"the URL is longer than {quotas.URL_BYTES_MAX:,} bytes")
        if target + size_of(request.headers) > quotas.REQUEST_BYTES_MAX:
            why = f"the request's headers are larger than {quotas.REQUEST_BYTES_MAX:,} bytes"
            return pages.error(494, pages.BAD_REQUEST, why)
        if not request.secure and behavior.viewer_protocol != "allow-all":
            if behavior.viewer_protocol == "https-only":
                return pages.error(403, pages.BAD_REQUEST, "the behavior wants HTTPS only")
            query = f"?{request.query}" if request.query else ""
            location = f"https://{request.header('host')}{request.path}{query}"
            answer = HttpResponse(
                301, (pages.SERVER, ("Location", location)), b"", "the behavior redirects HTTP to HTTPS"
            )
            return answer.with_headers(pages.told("Redirect"))
        if request.method not in behavior.methods:
            allowed = ", ".join(sorted(behavior.methods))
            return pages.error(403, pages.NOT_CACHABLE, f"the behavior allows {allowed} only")
        if request.body and request.method in READING:
            return pages.error(403, pages.BAD_REQUEST, f"a {request.method} request has no body")
        return None

    @property
    def _via(self) -> str:
        return f"{ids.characters_of(self.host, 32)}.cloudfront.net"

    def _request_id(self) -> str:
        """As CloudFront makes them: 56 characters of base64, for URLs."""
        drawn = self.world.kernel.random_for(f"ids/distribution/{self.shown_as}").randbytes(40)
        return base64.urlsafe_b64encode(drawn).decode()


def _for_viewer(visit: Visit, served: Served) -> HttpResponse:
    """The response with what CloudFront says of it; without a body where the viewer wants or needs none."""
    answer = served.response.with_headers(pages.told(served.word))
    if served.age_s is not None:
        answer = answer.with_headers({"Age": str(served.age_s)})
    known = visit.request.header("if-none-match")
    tag = answer.header("etag")
    if answer.status == 200 and visit.method in READING and tag and known in (tag, "*"):
        return replace(answer, status=304, body=b"", why="the viewer has this version already")
    return replace(answer, body=b"") if visit.method == "HEAD" else answer


def make(world: World, doors: Doors, shown_as: str, id_: str, host: str, config: Config) -> Distribution:
    """A distribution with an empty cache."""
    arn, cache = distribution_arn(id_), Cache()
    functions = EdgeFunctions(world, shown_as, id_, host, arn)
    serving = Serving(world, shown_as, config, cache, Origins(world, doors, arn, shown_as), functions)
    return Distribution(world, shown_as, id_, host, config, cache, serving, functions, world.wall_clock())
