"""Facts of what CloudFront does between a viewer and an origin: its cache, and functions at its edge."""

from __future__ import annotations

__all__ = (
    "EdgeCacheAsked", "EdgeCached", "EdgeFact", "EdgeFunctionFailed", "EdgeFunctionReplicated", "EdgeInvalidated",
    "EdgeOriginAnswered",
)  # fmt: skip

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded
from lambdalab.simulator.trace.facts.http import DoorKind

EdgeEvent = Literal["viewer-request", "origin-request", "origin-response", "viewer-response"]
EdgeFailure = Literal["LambdaValidationError", "LambdaExecutionError", "LambdaLimitExceeded"]


class EdgeFunctionReplicated(Recorded, frozen=True):
    """A version of ``original`` runs at an edge location as ``function``, for one event of a distribution.

    ``pattern`` is the path pattern of the cache behavior; ``*`` is the default one.
    """

    kind: ClassVar[Literal["edge.replicated"]] = "edge.replicated"
    distribution: str
    function: str
    original: str
    version: str
    event_type: EdgeEvent
    pattern: str
    memory_mb: int


class EdgeCacheAsked(Recorded, frozen=True):
    """The cache was asked for an object. ``age_us`` is how long it has been there, where it is.

    ``expired``: it is there, and too old to be served without asking the origin. ``waited``: the same object was on
    its way already, and the request waited for it. ``key`` is what tells the object from others at the same path.
    """

    kind: ClassVar[Literal["edge.cache_asked"]] = "edge.cache_asked"
    distribution: str
    path: str
    key: str
    result: Literal["hit", "miss", "expired", "waited"]
    age_us: int | None


class EdgeCached(Recorded, frozen=True):
    """A response is kept for ``ttl_us``, for everybody whose request has the same key."""

    kind: ClassVar[Literal["edge.cached"]] = "edge.cached"
    distribution: str
    path: str
    key: str
    status: int
    ttl_us: int
    bytes: int


class EdgeOriginAnswered(Recorded, frozen=True):
    """An origin answered CloudFront after ``latency_us``, or did not (status 502 or 504, and ``why``).

    ``door`` and ``door_kind`` are those of a function URL, an API or a load balancer of the run, None for others;
    ``request_id`` and ``function`` of the invocation behind it.
    """

    kind: ClassVar[Literal["edge.origin_answered"]] = "edge.origin_answered"
    distribution: str
    origin: str
    door: str | None
    door_kind: DoorKind | None
    method: str
    path: str
    query: str
    status: int
    latency_us: int
    request_id: str | None
    function: str | None
    bytes_in: int
    bytes_out: int
    why: str | None


class EdgeFunctionFailed(Recorded, frozen=True):
    """A function at the edge failed, was throttled, or returned what CloudFront cannot use: the viewer gets a 5xx."""

    kind: ClassVar[Literal["edge.function_failed"]] = "edge.function_failed"
    distribution: str
    event_type: EdgeEvent
    function: str
    request_id: str | None
    result: EdgeFailure
    why: str


class EdgeInvalidated(Recorded, frozen=True):
    """An invalidation has reached the edge location: ``objects`` of its cache are gone."""

    kind: ClassVar[Literal["edge.invalidated"]] = "edge.invalidated"
    distribution: str
    paths: tuple[str, ...]
    objects: int


EdgeFact = (
    EdgeFunctionReplicated | EdgeCacheAsked | EdgeCached | EdgeOriginAnswered | EdgeFunctionFailed | EdgeInvalidated
)
