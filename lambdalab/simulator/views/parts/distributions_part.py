"""The summary's ``distributions``: what came from the cache, what from origins, what functions at the edge did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.trace.facts import (
    EdgeFunctionFailed,
    EdgeInvalidated,
    EdgeOriginAnswered,
    HttpAnswered,
    HttpDoorDeployed,
)
from lambdalab.simulator.views.fold import Take

_WORD = " from cloudfront"
_FROM_CACHE = ("Hit", "RefreshHit")


@dataclass(slots=True)
class _Row:
    by_result: Counter[str] = field(default_factory=Counter)
    by_status: Counter[str] = field(default_factory=Counter)  # of origins
    origins: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    invalidated: int = 0


class DistributionsPart:
    """Counts by distribution."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}
        self.takes: dict[type, Take] = {
            HttpDoorDeployed: self._deployed,
            HttpAnswered: self._answered,
            EdgeOriginAnswered: self._origin_answered,
            EdgeFunctionFailed: self._failed,
            EdgeInvalidated: self._invalidated,
        }

    def _deployed(self, at: int, fact: HttpDoorDeployed) -> None:
        if fact.door_kind == "distribution":
            self._rows[fact.door] = _Row()

    def _answered(self, at: int, fact: HttpAnswered) -> None:
        if fact.door_kind == "distribution":
            said = next((value for name, value in fact.headers if name == "x-cache"), "")
            self._rows[fact.door].by_result[said.removesuffix(_WORD)] += 1

    def _origin_answered(self, at: int, fact: EdgeOriginAnswered) -> None:
        row = self._rows[fact.distribution]
        row.by_status[str(fact.status)] += 1
        row.origins[fact.origin] += 1

    def _failed(self, at: int, fact: EdgeFunctionFailed) -> None:
        self._rows[fact.distribution].failed[fact.event_type] += 1

    def _invalidated(self, at: int, fact: EdgeInvalidated) -> None:
        self._rows[fact.distribution].invalidated += fact.objects

    def result(self) -> dict[str, Any]:
        """``distributions`` of the summary."""
        return {name: _shown(row) for name, row in self._rows.items()}


def _shown(row: _Row) -> dict[str, Any]:
    requests = row.by_result.total()
    hits = sum(row.by_result[word] for word in _FROM_CACHE)
    return {
        "requests": requests,
        "by_result": dict(sorted(row.by_result.items())),
        "hit_ratio": hits / requests if requests else None,
        "origin_requests": row.by_status.total(),
        "origin_by_status": dict(sorted(row.by_status.items())),
        "by_origin": dict(sorted(row.origins.items())),
        "function_failures": dict(sorted(row.failed.items())),
        "invalidated": row.invalidated,
    }
