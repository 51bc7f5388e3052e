"""What of a request counts for the cache, and what of it goes to the origin.

Sources: Amazon CloudFront Developer Guide, "Understand cache policies", "Cache content based on cookies", "HTTP request
headers and CloudFront behavior (custom and Amazon S3 origins)", all read 2026-11-29. What they leave open is
assumption A-131.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from lambdalab.simulator.services.http.cloudfront.model import READING, Behavior
from lambdalab.simulator.vocabulary.events.arrivals import Pairs

AGENT = "Amazon CloudFront"
# Forwarded whatever the policies say.
ALWAYS = frozenset({
    "cache-control", "content-encoding", "content-length", "content-md5", "content-type", "date", "from",
    "max-forwards", "pragma", "transfer-encoding", "warning", "x-forwarded-for",
})  # fmt: skip
# Removed in the legacy settings unless they are named; everything else is forwarded there.
REMOVED = frozenset({
    "accept", "accept-charset", "accept-encoding", "accept-language", "cookie", "expect", "host", "proxy-authenticate",
    "proxy-authorization", "proxy-connection", "referer", "te", "trailer", "upgrade", "user-agent", "x-forwarded-proto",
    "x-http-method-override", "x-real-ip",
})  # fmt: skip
# Asked by viewers of the cache: CloudFront answers these by itself, and asks origins its own questions.
CONDITIONAL = frozenset({
    "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range",
})  # fmt: skip
_BY_HAND = CONDITIONAL | {"accept-encoding", "cookie"}


@dataclass(frozen=True, slots=True)
class Key:
    """What two requests have in common that get the same object. ``behavior`` is the pattern of the cache behavior."""

    behavior: str
    method: str
    uri: str
    query: str
    headers: Pairs
    cookies: Pairs

    @property
    def shown(self) -> str:
        """What there is of it beside the path, for people."""
        parts = [f"?{self.query}"] if self.query else []
        parts += [f"{name}: {value}" for name, value in self.headers]
        parts += [f"cookie {name}={value}" for name, value in self.cookies]
        return ", ".join(parts)

    @property
    def path(self) -> str:
        """As an invalidation names it: with the query that counts."""
        return self.uri + (f"?{self.query}" if self.query else "")


def key_of(behavior: Behavior, method: str, uri: str, query: str, headers: Pairs) -> Key:
    """The key of a request, its functions' changes included."""
    policy = behavior.policy
    counted = [
        (name.lower(), value)
        for name, value in headers
        if name.lower() not in _BY_HAND and policy.headers.pick(name.lower())
    ]
    encoding = accepted(behavior, headers)
    if encoding and encoding != "identity":
        counted.append(("accept-encoding", encoding))
    cookies = tuple(_picked(cookies_of(headers), policy.cookies.pick))
    return Key(behavior.pattern, method, uri, _query(query, policy.queries.pick), tuple(sorted(counted)), cookies)


def forwarded(behavior: Behavior, method: str, headers: Pairs) -> Iterator[tuple[str, str]]:
    """The headers of a viewer that go to the origin; without Host and User-Agent where CloudFront writes its own."""
    policy, sends = behavior.policy, behavior.sends
    for name, value in headers:
        lower = name.lower()
        if lower in _BY_HAND:
            continue
        named = policy.headers.pick(lower) or (sends is not None and sends.headers.pick(lower))
        if named or lower in ALWAYS or (policy.legacy and _usually(lower, method)):
            yield name, value
    encoding = accepted(behavior, headers)
    if encoding:
        yield "Accept-Encoding", encoding
    cookies = _picked(cookies_of(headers), lambda name: _either(behavior, name))
    text = "; ".join(f"{name}={value}" for name, value in cookies)
    if text:
        yield "Cookie", text


def query_for_origin(behavior: Behavior, query: str) -> str:
    """The parameters that go to the origin, in the order in which they came."""
    policy, sends = behavior.policy, behavior.sends
    return _query(query, lambda name: policy.queries.pick(name) or (sends is not None and sends.queries.pick(name)))


def accepted(behavior: Behavior, headers: Pairs) -> str:
    """``Accept-Encoding`` as CloudFront normalises it; an empty text where it has nothing to say of it."""
    given = [value for name, value in headers if name.lower() == "accept-encoding"]
    policy, sends = behavior.policy, behavior.sends
    if not (policy.gzip or policy.brotli):
        wanted = policy.headers.pick("accept-encoding") or (sends is not None and sends.headers.pick("accept-encoding"))
        return ", ".join(given) if wanted else ""
    if not given:
        return ""
    asked = {part.partition(";")[0].strip().lower() for part in ",".join(given).split(",")}
    kept = [word for word, on in (("br", policy.brotli), ("gzip", policy.gzip)) if on and word in asked]
    return ",".join(kept) or "identity"


def cookies_of(headers: Pairs) -> Iterator[tuple[str, str]]:
    """Every cookie that is a pair of name and value, and whose name does not begin with a dollar sign."""
    for name, line in headers:
        if name.lower() == "cookie":
            for cookie in line.split(";"):
                key, equals, value = cookie.strip().partition("=")
                if equals and key and not key.startswith("$"):
                    yield key, value


def _picked(cookies: Iterable[tuple[str, str]], pick: Callable[[str], bool]) -> list[tuple[str, str]]:
    """CloudFront sorts cookies by their names."""
    return sorted(pair for pair in cookies if pick(pair[0]))


def _either(behavior: Behavior, name: str) -> bool:
    return behavior.policy.cookies.pick(name) or (behavior.sends is not None and behavior.sends.cookies.pick(name))


def _query(query: str, pick: Callable[[str], bool]) -> str:
    parts = query.split("&") if query else []
    return "&".join(part for part in parts if pick(unquote(part.partition("=")[0].replace("+", " "))))


def _usually(name: str, method: str) -> bool:
    if name == "authorization":
        return method not in READING
    return name not in REMOVED and not name.startswith("x-edge-")
