"""Counts tries in the cache, so that guessing becomes slow.

A try is counted before it is made: many at the same moment cannot slip under the limit together. Where the
cache does not answer, tries are allowed and the failure is logged; password hashing is slow by itself.
"""

import hashlib
import logging
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis import RedisError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Throttle:
    """At most `limit` tries by one `who` in `window_s` seconds from the first of them."""

    name: str
    who: str
    limit: int
    window_s: int

    @property
    def key(self) -> str:
        """The cache's key; the account or address itself is not readable in it."""
        return f"throttle:{self.name}:{hashlib.sha256(self.who.encode()).hexdigest()}"

    def take(self) -> bool:
        """Count a try and say whether it may be made."""
        try:
            cache.add(self.key, 0, self.window_s)
            return cache.incr(self.key) <= self.limit
        except ValueError:  # the window ended between the two
            return True
        except RedisError:
            logger.exception("throttle %s: the cache does not answer", self.name)
            return True

    def forget(self) -> None:
        """The last try was honest: the count starts again."""
        try:
            cache.delete(self.key)
        except RedisError:
            logger.exception("throttle %s: the cache does not answer", self.name)

    def give_back(self) -> None:
        """The last try was honest, but those of others from the same place still count."""
        try:
            cache.decr(self.key)
        except (ValueError, RedisError):
            logger.info("throttle %s: nothing to give back", self.name)


def client_address(request: HttpRequest) -> str:
    """Where a request comes from; only our own proxies' word about it is believed."""
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    proxies = settings.TRUSTED_PROXIES
    if proxies and len(forwarded) >= proxies and forwarded[-proxies].strip():
        return forwarded[-proxies].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
