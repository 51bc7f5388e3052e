"""Serving a request from the cache or the origin: what happens behind the viewer's events.

Source: Amazon CloudFront Developer Guide, "Manage how long content stays in the cache", "How CloudFront processes HTTP
4xx and 5xx status codes from your origin", "Simultaneous requests for the same object (request collapsing)", "Generate
custom error responses", read 2026-11-29.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import SECOND, Kernel, Micros, Process, Signal
from lambdalab.simulator.services.http.cloudfront.cache import Cache, Entry
from lambdalab.simulator.services.http.cloudfront.edge_functions import EdgeFunctions
from lambdalab.simulator.services.http.cloudfront.fetching import Fetched, Fetching
from lambdalab.simulator.services.http.cloudfront.freshness import error_lifetime, lifetime
from lambdalab.simulator.services.http.cloudfront.keys import Key
from lambdalab.simulator.services.http.cloudfront.model import Config
from lambdalab.simulator.services.http.cloudfront.origins import Origins
from lambdalab.simulator.services.http.cloudfront.visit import Visit
from lambdalab.simulator.services.http.messages import HttpResponse
from lambdalab.simulator.trace.facts import EdgeCacheAsked, EdgeCached

ERROR_TTL_S = 10.0  # "10 seconds by default"
UPDATED = ("cache-control", "date", "etag", "expires", "last-modified")  # what a 304 brings anew. RFC 9111, 4.3.4


@dataclass(frozen=True, slots=True)
class Served:
    """What a viewer is to get. ``word`` as X-Cache says it; ``error``: the origin's, ``page``: a custom error page."""

    response: HttpResponse
    word: str
    error: bool = False
    page: bool = False
    age_s: int | None = None


class Serving:
    """The cache and the origins of one distribution."""

    def __init__(
        self, world: World, shown_as: str, config: Config, cache: Cache, origins: Origins, functions: EdgeFunctions
    ) -> None:
        self._world = world
        self._shown_as = shown_as
        self._config = config
        self._cache = cache
        self.origins = origins
        self._fetching = Fetching(world, config, origins, functions)
        self._coming: dict[Key, Signal] = {}

    def serve(self, visit: Visit) -> Process[Served]:
        """Answer from the cache, or from the origin."""
        key = visit.key
        if not visit.caches:
            return (yield from self._fetched(visit, key, None))
        entry = self._look(key)
        if entry is None or not self._is_fresh(entry):
            coming = self._coming.get(key)
            if coming is not None and not visit.page:  # an error page never waits: it might be for itself
                self._tell(key, "waited", entry)
                yield from self._world.kernel.wait(coming)
                entry = self._look(key)
        if entry is not None and self._is_fresh(entry):
            self._tell(key, "hit", entry)
            return self._hit(entry)
        self._tell(key, "miss" if entry is None else "expired", entry)
        return (yield from self._collapsed(visit, key, entry))

    def _collapsed(self, visit: Visit, key: Key, stale: Entry | None) -> Process[Served]:
        """Fetch, while others who want the same wait for it."""
        done = self._world.kernel.signal()
        first = self._coming.setdefault(key, done) is done
        served = yield from self._fetched(visit, key, stale)
        if first:
            del self._coming[key]
            done.fire()
        return served

    def _look(self, key: Key) -> Entry | None:
        """What the cache has; the answer to a GET serves a HEAD as well."""
        found = self._cache.get(replace(key, method="GET")) if key.method == "HEAD" else None
        return found or self._cache.get(key)

    def _is_fresh(self, entry: Entry) -> bool:
        return self._kernel.now < entry.fresh_until

    def _hit(self, entry: Entry, word: str = "") -> Served:
        age = (self._kernel.now - entry.stored_at) // SECOND
        response = replace(entry.response, why=f"its cache has it, {age} s old", request_id=None, function=None)
        shown = word or ("Error" if entry.error else "Hit")
        return Served(response, shown, entry.error, entry.page, int(age))

    def _fetched(self, visit: Visit, key: Key, stale: Entry | None) -> Process[Served]:
        fetched = yield from self._fetching.fetch(visit, stale)
        status = fetched.response.status
        if fetched.word == "LambdaGeneratedResponse":
            self._keep(visit, key, fetched.response, self._lifetime(visit, fetched.response))
            return Served(fetched.response, fetched.word)
        if fetched.word != "Miss":  # a function has failed: nothing is kept of that (assumption A-133)
            return Served(fetched.response, fetched.word, error=True)
        if status == 304 and stale is not None:
            return self._confirmed(visit, key, stale, fetched.response)
        if status >= 500 and stale is not None and not stale.error and self._may_be_stale(visit, stale):
            until = Micros(self._kernel.now + round(self._error_ttl(status) * SECOND))
            self._cache.put(key, replace(stale, fresh_until=until))
            served = self._hit(stale)
            why = f"the origin answers {status}, so the old object is served"
            return replace(served, response=replace(served.response, why=why))
        if status >= 400:
            return (yield from self._failed(visit, key, fetched))
        self._keep(visit, key, fetched.response, self._lifetime(visit, fetched.response))
        return Served(fetched.response, fetched.word)

    def _failed(self, visit: Visit, key: Key, fetched: Fetched) -> Process[Served]:
        """An error of the origin: perhaps with the distribution's own page; kept for a while."""
        status = fetched.response.status
        wanted = self._config.errors.get(status)
        ttl = error_lifetime(status, fetched.response.headers, visit.behavior.policy, self._error_ttl(status))
        if wanted is None or wanted.path is None or visit.page:
            self._keep(visit, key, fetched.response, ttl, error=True)
            return Served(fetched.response, "Error", error=True)
        behavior = self._config.behavior_for(wanted.path)
        request = replace(visit.request, method="GET", body=b"")
        page = Visit(request, visit.id, visit.via, behavior, wanted.path, "", visit.headers, b"", page=True)
        served = yield from self.serve(page)
        response = served.response
        if response.status < 400:
            why = f"the origin answered {status}, for which the distribution has the page {wanted.path}"
            response = replace(response, status=wanted.status or status, why=why)
        self._keep(visit, key, response, ttl, error=True, page=True)
        return Served(response, "Error", error=True, page=True)

    def _confirmed(self, visit: Visit, key: Key, stale: Entry, answer: HttpResponse) -> Served:
        """The origin says that nothing has changed: what is there stays, as new."""
        fresh = {name: value for name, value in answer.headers if name.lower() in UPDATED}
        response = replace(stale.response.with_headers(fresh), why="the origin confirmed what its cache has")
        self._keep(visit, key, response, self._lifetime(visit, response))
        return Served(response, "RefreshHit")

    def _keep(
        self, visit: Visit, key: Key, response: HttpResponse, ttl: float, *, error: bool = False, page: bool = False
    ) -> None:
        if ttl <= 0 or not visit.caches:
            self._cache.drop(key)
            return
        now, ttl_us = self._kernel.now, Micros(round(ttl * SECOND))
        entry = Entry(response, now, Micros(now + ttl_us), error, page)
        if self._cache.put(key, entry):
            fact = EdgeCached(self._shown_as, key.uri, key.shown, response.status, ttl_us, entry.size)
            self._world.trace.record(fact)

    def _lifetime(self, visit: Visit, response: HttpResponse) -> float:
        now = (self._world.epoch_us + self._kernel.now) / SECOND
        if response.status >= 400:
            ttl = self._error_ttl(response.status)
            return error_lifetime(response.status, response.headers, visit.behavior.policy, ttl)
        return lifetime(response.headers, visit.behavior.policy, now)

    def _error_ttl(self, status: int) -> float:
        wanted = self._config.errors.get(status)
        return ERROR_TTL_S if wanted is None else wanted.min_ttl

    def _may_be_stale(self, visit: Visit, stale: Entry) -> bool:
        """Not beyond the maximum TTL."""
        return self._kernel.now - stale.stored_at <= visit.behavior.policy.max_ttl * SECOND

    def _tell(self, key: Key, result: str, entry: Entry | None) -> None:
        age = None if entry is None else self._kernel.now - entry.stored_at
        self._world.trace.record(EdgeCacheAsked(self._shown_as, key.uri, key.shown, result, age))  # type: ignore[arg-type]

    @property
    def _kernel(self) -> Kernel:
        return self._world.kernel
