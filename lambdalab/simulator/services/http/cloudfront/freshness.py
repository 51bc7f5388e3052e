"""How long a response stays in the cache.

Source: Amazon CloudFront Developer Guide, "Manage how long content stays in the cache (expiration)" and "How CloudFront
processes HTTP 4xx and 5xx status codes from your origin", both read 2026-11-29.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from lambdalab.simulator.services.http.cloudfront.model import CachePolicy
from lambdalab.simulator.vocabulary.events.arrivals import Pairs

LONGEST_S = 100 * 365 * 86_400.0  # "The maximum value is 100 years."
ERRORS_KEPT = frozenset({404, 414, 500, 501, 502, 503, 504})
ERRORS_KEPT_IF_ASKED = frozenset({400, 403, 405, 412, 415})  # only with max-age or s-maxage
FORBIDDING = ("no-cache", "no-store", "private")


def directives(headers: Pairs) -> dict[str, str]:
    """The directives of Cache-Control by name; one that names fields (``no-cache="Set-Cookie"``) is about them only."""
    found: dict[str, str] = {}
    for part in _split(", ".join(value for name, value in headers if name.lower() == "cache-control")):
        name, _, value = part.strip().partition("=")
        if name and not value.startswith('"'):
            found[name.strip().lower()] = value.strip()
        elif value.strip('"').isdecimal():  # max-age="60"
            found[name.strip().lower()] = value.strip('"')
    return found


def lifetime(headers: Pairs, policy: CachePolicy, now: float) -> float:
    """For how many seconds a response that is no error is served without asking the origin; 0: not at all.

    ``now`` in seconds since 1970, to which Expires is compared.
    """
    if not policy.caches:
        return 0.0
    said = directives(headers)
    if any(word in said for word in FORBIDDING):
        return policy.min_ttl
    asked = _asked(said)
    if asked is None:
        asked = _until_expires(headers, now)
    if asked is None:
        return max(policy.min_ttl, policy.default_ttl)
    return min(max(asked, policy.min_ttl), max(policy.max_ttl, policy.min_ttl), LONGEST_S)


def error_lifetime(status: int, headers: Pairs, policy: CachePolicy, min_ttl: float) -> float:
    """The same for an error: its own minimum, or longer where the origin says so; 0: such an error is not kept."""
    if not policy.caches:
        return 0.0
    asked = _asked(directives(headers))
    if status in ERRORS_KEPT or (status in ERRORS_KEPT_IF_ASKED and asked is not None):
        return min(max(min_ttl, asked or 0.0), LONGEST_S)
    return 0.0


def _asked(said: Mapping[str, str]) -> float | None:
    """s-maxage before max-age; None where neither is there, or is no number."""
    for name in ("s-maxage", "max-age"):
        if said.get(name, "").isdecimal():
            return min(float(said[name][:15]), LONGEST_S)
    return None


def _until_expires(headers: Pairs, now: float) -> float | None:
    """A date that cannot be read has passed: RFC 9111, 5.3."""
    text = next((value for name, value in headers if name.lower() == "expires"), None)
    if text is None:
        return None
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _split(text: str) -> list[str]:
    """At the commas outside quotation marks."""
    parts, inside = [""], False
    for sign in text:
        inside ^= sign == '"'
        if sign == "," and not inside:
            parts.append("")
        else:
            parts[-1] += sign
    return parts
