"""What a distribution is made of. Source: BC cloudfront DistributionConfig; Amazon CloudFront Developer Guide, "All
distribution settings reference", read 2026-11-29."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lambdalab.simulator.account.iam.wildcards import like
from lambdalab.simulator.vocabulary.events.arrivals import Pairs
from lambdalab.simulator.vocabulary.events.edge import EventType

READING = ("GET", "HEAD")
Access = Literal["none", "control", "identity"]


@dataclass(frozen=True, slots=True)
class Names:
    """Which headers, cookies or query strings: none, all, these, or all but these.

    ``patterns``: names may hold wildcards, as those of cookies do in the legacy settings. Headers are named in lower
    case.
    """

    behavior: Literal["none", "all", "whitelist", "allExcept"] = "none"
    names: frozenset[str] = frozenset()
    patterns: bool = False

    def pick(self, name: str) -> bool:
        """Whether a name is one of them."""
        if self.behavior in ("none", "all"):
            return self.behavior == "all"
        named = any(like(each, name) for each in self.names) if self.patterns else name in self.names
        return named == (self.behavior == "whitelist")


NONE, ALL = Names(), Names("all")


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """What tells one object from another in the cache, and how long objects stay, in seconds.

    ``legacy``: written as ForwardedValues, with which more headers go to the origin.
    """

    name: str
    min_ttl: float = 0
    default_ttl: float = 86_400
    max_ttl: float = 31_536_000
    headers: Names = NONE
    cookies: Names = NONE
    queries: Names = NONE
    gzip: bool = False
    brotli: bool = False
    legacy: bool = False

    @property
    def caches(self) -> bool:
        """Whether anything is ever kept."""
        return max(self.min_ttl, self.default_ttl, self.max_ttl) > 0


@dataclass(frozen=True, slots=True)
class OriginRequestPolicy:
    """What goes to the origin beside what is in the cache key."""

    name: str
    headers: Names = NONE
    cookies: Names = NONE
    queries: Names = NONE


@dataclass(frozen=True, slots=True)
class Origin:
    """Where objects come from: a bucket, or a server that speaks HTTP. ``path`` is put before every URI.

    ``access``: how CloudFront shows who it is; ``identity`` the ARN of an origin access identity. ``ports`` are those
    of HTTP and HTTPS.
    """

    id: str
    domain: str
    path: str = ""
    custom_headers: Pairs = ()
    bucket: bool = False
    access: Access = "none"
    identity: str = ""
    protocol: Literal["http-only", "https-only", "match-viewer"] = "https-only"
    ports: tuple[int, int] = (80, 443)
    read_timeout_s: int = 30
    keepalive_s: int = 5
    attempts: int = 3


@dataclass(frozen=True, slots=True)
class Association:
    """A function at one of the four events: the ARN of its copy at the edge."""

    function: str
    include_body: bool = False


@dataclass(frozen=True, slots=True)
class Behavior:
    """What happens to the requests whose path a pattern matches; ``*`` is the default behavior's."""

    pattern: str
    origin: str
    policy: CachePolicy
    sends: OriginRequestPolicy | None = None
    methods: frozenset[str] = frozenset(READING)
    cached_methods: frozenset[str] = frozenset(READING)
    viewer_protocol: Literal["allow-all", "https-only", "redirect-to-https"] = "allow-all"
    functions: Mapping[EventType, Association] = field(default_factory=dict)

    def meets(self, path: str) -> bool:
        """Whether it is meant for a path. With or without a slash in front, a pattern means the same."""
        return like("/" + self.pattern.removeprefix("/"), path) if self.pattern != "*" else True

    @property
    def forwards_cookies(self) -> bool:
        """Whether cookies go to the origin at all."""
        return self.policy.cookies.behavior != "none" or (
            self.sends is not None and self.sends.cookies.behavior != "none"
        )


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What viewers get for an error: another page, another status. ``min_ttl``: seconds for which it is kept."""

    code: int
    path: str | None = None
    status: int | None = None
    min_ttl: float = 10


@dataclass(frozen=True, slots=True)
class Config:
    """A distribution's configuration. ``behaviors`` in their order, the default one last."""

    origins: Mapping[str, Origin]
    behaviors: tuple[Behavior, ...]
    root: str = ""
    errors: Mapping[int, ErrorPage] = field(default_factory=dict)

    def behavior_for(self, path: str) -> Behavior:
        """The first behavior whose pattern matches."""
        return next(each for each in self.behaviors if each.meets(path))

    @property
    def functions(self) -> dict[tuple[str, EventType], str]:
        """The ARNs of the functions at the edge, by path pattern and event."""
        return {
            (behavior.pattern, event): at.function
            for behavior in self.behaviors
            for event, at in behavior.functions.items()
        }
