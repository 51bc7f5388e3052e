"""Facts of the network: what code asked of the world outside its environment, and what came of it."""

from __future__ import annotations

__all__ = ("ConnectionTried", "NameLookedUp", "NetworkFact", "SegmentSent", "WebRequested")

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class NameLookedUp(Recorded, frozen=True):
    """A host name was looked up; ``address`` is None when there is no such host. Recorded when the answer came."""

    kind: ClassVar[Literal["network.looked_up"]] = "network.looked_up"
    function: str
    environment: str
    request_id: str | None
    host: str
    address: str | None
    latency_us: int


class ConnectionTried(Recorded, frozen=True):
    """A TCP connection was tried. ``silent``: nothing answers, and nothing will; recorded when it was tried.

    The other outcomes are recorded when they came. ``host`` is the name behind the address, else the address.
    """

    kind: ClassVar[Literal["network.connection_tried"]] = "network.connection_tried"
    function: str
    environment: str
    request_id: str | None
    host: str
    port: int
    outcome: Literal["answered", "refused", "unreachable", "silent"]
    latency_us: int


class WebRequested(Recorded, frozen=True):
    """An HTTP request to a host on the Internet was answered; ``status`` is None when the connection was reset."""

    kind: ClassVar[Literal["network.web_requested"]] = "network.web_requested"
    function: str
    environment: str
    request_id: str | None
    method: str
    url: str
    status: int | None
    latency_us: int


class SegmentSent(Recorded, frozen=True):
    """Code sent a segment document to the X-Ray daemon, as JSON text (at most 64 KB, the daemon's own limit)."""

    kind: ClassVar[Literal["trace_segment.sent"]] = "trace_segment.sent"
    function: str
    environment: str
    request_id: str | None
    document: str


NetworkFact = NameLookedUp | ConnectionTried | WebRequested | SegmentSent
