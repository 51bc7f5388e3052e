"""What API Gateway, load balancers and CloudFront charge, and data on its way to clients. What counts: A-109, A-135."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from lambdalab.simulator.kernel import HOUR
from lambdalab.simulator.trace.facts import EdgeOriginAnswered, HttpAnswered, HttpDoorDeployed
from lambdalab.simulator.views.fold import Take
from lambdalab.simulator.vocabulary import prices

UNBILLED = frozenset({401, 403, 429})  # refused by the API itself: nobody who may not come in costs anything
NOUNS = {"http_api": "HTTP API requests", "rest_api": "REST API requests"}

Line = tuple[str, str, Decimal]


class HttpCharges:
    """Adds up requests, bytes, and the hours of load balancers."""

    def __init__(self) -> None:
        self._requests: Counter[str] = Counter()
        self._bytes_out = 0
        self._balancers: dict[str, int] = {}
        self._connections: Counter[tuple[str, int]] = Counter()  # by load balancer and hour
        self._bytes: Counter[tuple[str, int]] = Counter()
        self._viewed = 0  # requests to distributions
        self._bytes_viewed = 0
        self.takes: dict[type, Take] = {
            HttpDoorDeployed: self._deployed,
            HttpAnswered: self._answered,
            EdgeOriginAnswered: self._origin_answered,
        }

    def _deployed(self, at: int, fact: HttpDoorDeployed) -> None:
        if fact.door_kind == "load_balancer":
            self._balancers[fact.door] = at

    def _answered(self, at: int, fact: HttpAnswered) -> None:
        if fact.door_kind == "distribution":
            self._viewed += 1
            self._bytes_viewed += fact.bytes_out
            return
        self._bytes_out += fact.bytes_out
        self._count(at, fact)

    def _origin_answered(self, at: int, fact: EdgeOriginAnswered) -> None:
        """CloudFront is a client like others, but for the bytes, which cost nothing on their way to it (A-135)."""
        if fact.door is not None:
            self._count(at, fact)

    def _count(self, at: int, fact: HttpAnswered | EdgeOriginAnswered) -> None:
        if fact.door_kind == "load_balancer":
            hour = (str(fact.door), at // HOUR)
            self._connections[hour] += 1
            self._bytes[hour] += fact.bytes_in + fact.bytes_out
        elif fact.door_kind == "http_api" and fact.status not in UNBILLED:
            self._requests["http_api"] += max(1, -(-(fact.bytes_in + fact.bytes_out) // prices.HTTP_API_METER_BYTES))
        elif fact.door_kind == "rest_api" and fact.status not in UNBILLED:
            self._requests["rest_api"] += 1

    def standing(self, now: int) -> Iterator[Line]:
        """What is paid by the hour, whether anything comes or not."""
        hours = sum(Decimal(now - since) / HOUR for since in self._balancers.values())
        if hours:
            yield "load balancer hours", f"{hours:.6f}", hours * prices.BALANCER_HOUR

    def lines(self, now: int) -> Iterator[Line]:
        """The bill's lines up to ``now`` in microseconds."""
        for kind, noun in NOUNS.items():
            if self._requests[kind]:
                yield noun, f"{self._requests[kind]:,}", self._requests[kind] * prices.API_REQUESTS[kind]
        yield from self.standing(now)
        if self._viewed:
            yield "CloudFront requests", f"{self._viewed:,}", self._viewed * prices.DISTRIBUTION_REQUEST
        if self._bytes_viewed:
            gigabytes = Decimal(self._bytes_viewed) / prices.GIGABYTE
            yield "data out of CloudFront", f"{gigabytes:.6f} GB", gigabytes * prices.DISTRIBUTION_OUT_GB
        units = self._capacity_units()
        if units:
            yield "load balancer capacity units (LCU)", f"{units:.6f}", units * prices.CAPACITY_UNIT_HOUR
        if self._bytes_out:
            gigabytes = Decimal(self._bytes_out) / prices.GIGABYTE
            yield "data out to the Internet", f"{gigabytes:.6f} GB", gigabytes * prices.DATA_OUT_GB

    def _capacity_units(self) -> Decimal:
        """LCU-hours: of each hour the dimension that is used most. Ten rules are free, and so many nobody has here."""
        total = Decimal(0)
        for hour, connections in self._connections.items():
            by_connections = Decimal(connections) / prices.CAPACITY_CONNECTIONS_HOUR
            by_bytes = Decimal(self._bytes[hour]) / prices.GIGABYTE / prices.CAPACITY_LAMBDA_GB_HOUR
            total += max(by_connections, by_bytes)
        return total
