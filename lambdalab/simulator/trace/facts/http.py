"""Facts of what reaches functions over HTTP: the doors, and what clients got at them."""

from __future__ import annotations

__all__ = ("HttpAnswered", "HttpDoorDeployed", "HttpFact", "TargetHealthChanged")

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded

DoorKind = Literal["function_url", "http_api", "rest_api", "load_balancer", "distribution"]


class HttpDoorDeployed(Recorded, frozen=True):
    """A function URL, an API or a load balancer answers at ``url``; ``leads`` says where to, in half a sentence."""

    kind: ClassVar[Literal["http.door_deployed"]] = "http.door_deployed"
    door: str
    door_kind: DoorKind
    url: str
    leads: str


class TargetHealthChanged(Recorded, frozen=True):
    """A load balancer's health checks find a target healthy or not; ``reason`` says in half a sentence why not."""

    kind: ClassVar[Literal["http.target_health"]] = "http.target_health"
    target_group: str
    healthy: bool
    reason: str


class HttpAnswered(Recorded, frozen=True):
    """A client got an answer ``latency_us`` after it had sent its request.

    ``request_id`` and ``function`` are of the invocation behind it, where one ran to its end. ``why`` says in half a
    sentence why the answer is not what a function returned; None where it is. ``body`` is cut after 4,096 characters,
    ``path`` and ``query`` are URL-encoded. ``bytes_in`` and ``bytes_out`` count headers and body.
    """

    kind: ClassVar[Literal["http.answered"]] = "http.answered"
    door: str
    door_kind: DoorKind
    label: str | None
    method: str
    path: str
    query: str
    status: int
    latency_us: int
    request_id: str | None
    function: str | None
    headers: tuple[tuple[str, str], ...]
    body: str
    bytes_in: int
    bytes_out: int
    why: str | None


HttpFact = HttpDoorDeployed | TargetHealthChanged | HttpAnswered
