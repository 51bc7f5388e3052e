"""Token buckets in front of APIs. Source: Amazon API Gateway Developer Guide, "Throttle requests to your REST APIs" and
"Protect your HTTP APIs": 10,000 requests a second and 5,000 at once for all APIs of an account in a Region."""

from __future__ import annotations

from lambdalab.simulator.kernel import SECOND, Kernel
from lambdalab.simulator.services.http.api.model import Limit, Stage
from lambdalab.simulator.vocabulary import quotas


class Bucket:
    """Tokens that are refilled continuously; each request takes one."""

    def __init__(self, kernel: Kernel, limit: Limit) -> None:
        self._kernel = kernel
        self._limit = limit
        self._tokens = float(limit.burst)
        self._filled_at = kernel.now

    def take(self) -> bool:
        """Use one up if there is one."""
        now = self._kernel.now
        gained = (now - self._filled_at) * self._limit.rate / SECOND
        self._tokens = min(float(self._limit.burst), self._tokens + gained)
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class AccountThrottle:
    """What all APIs of the account share."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._all = Bucket(kernel, Limit(quotas.API_REQUESTS_PER_S, quotas.API_REQUESTS_AT_ONCE))
        self._routes: dict[tuple[str, str, str], Bucket] = {}

    def exceeded(self, api_id: str, stage: Stage, key: str) -> str | None:
        """Whose limit a request to the route ``key`` exceeds, in words; None when it may come in."""
        limit = stage.limits.get(key, stage.limit)
        if limit is not None:
            place = (api_id, stage.name, key)
            bucket = self._routes.get(place)
            if bucket is None:
                bucket = self._routes[place] = Bucket(self._kernel, limit)
            if not bucket.take():
                return f"the stage allows {limit.rate:g} requests a second here, {limit.burst} at once"
        if self._all.take():
            return None
        return f"the account's APIs get more than {quotas.API_REQUESTS_PER_S:,} requests a second together"
