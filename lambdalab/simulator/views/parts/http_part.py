"""The summary's ``http``: what clients got, answer by answer, and how often which status."""

from __future__ import annotations

from collections import Counter
from typing import Any

from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.trace.facts import EdgeOriginAnswered, HttpAnswered, HttpDoorDeployed
from lambdalab.simulator.views.distribution import Distribution
from lambdalab.simulator.views.fold import Take

ANSWERS_MAX = 1_000
BODY_SHOWN = 2_048
VALUES_MAX = 1_000  # different latencies; percentiles of more are rounded


class HttpPart:
    """Keeps the first answers, and counts all of them."""

    def __init__(self) -> None:
        self._answers: list[dict[str, Any]] = []
        self._doors: dict[str, tuple[Counter[str], Distribution]] = {}
        self.takes: dict[type, Take] = {
            HttpDoorDeployed: self._deployed,
            HttpAnswered: self._answered,
            EdgeOriginAnswered: self._origin_answered,
        }

    def _deployed(self, at: int, fact: HttpDoorDeployed) -> None:
        self._doors.setdefault(fact.door, (Counter(), Distribution(VALUES_MAX)))

    def _answered(self, at: int, fact: HttpAnswered) -> None:
        self._count(fact.door, fact.status, fact.latency_us)
        if len(self._answers) < ANSWERS_MAX:
            self._answers.append(_row(at, fact))

    def _origin_answered(self, at: int, fact: EdgeOriginAnswered) -> None:
        """CloudFront is a client of its origins; what it gets is no viewer's answer."""
        if fact.door in self._doors:
            self._count(str(fact.door), fact.status, fact.latency_us)

    def _count(self, door: str, status: int, latency_us: int) -> None:
        by_status, latencies = self._doors[door]
        by_status[str(status)] += 1
        latencies.add(latency_us / 1_000)

    def answers(self) -> list[dict[str, Any]]:
        """``http``: the first answers, in the order in which they came."""
        return self._answers

    def doors(self) -> dict[str, Any]:
        """``doors``: all answers of each door, by status."""
        return {
            name: {
                "requests": by_status.total(),
                "by_status": dict(sorted(by_status.items())),
                "latency_ms": _latencies(latencies),
            }
            for name, (by_status, latencies) in self._doors.items()
        }


def _latencies(latencies: Distribution) -> dict[str, float | None]:
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
    if not latencies:
        return dict.fromkeys(shares)
    return dict(zip(shares, latencies.percentiles(shares.values()), strict=True))


def _row(at: int, fact: HttpAnswered) -> dict[str, Any]:
    """Headers of one name stand together, in lower case; the values of several with commas, of cookies in lines."""
    headers: dict[str, str] = {}
    for name, value in fact.headers:
        apart = "\n" if name == "set-cookie" else ", "
        headers[name] = f"{headers[name]}{apart}{value}" if name in headers else value
    return {
        "at_s": (at - fact.latency_us) / SECOND,
        "to": fact.door,
        "label": fact.label,
        "method": fact.method,
        "path": fact.path,
        "query": fact.query,
        "status": fact.status,
        "latency_ms": fact.latency_us / 1_000,
        "headers": headers,
        "body": fact.body[:BODY_SHOWN],
        "why": fact.why,
    }
