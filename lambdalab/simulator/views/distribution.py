"""How often each value came: sum, extremes and percentiles of any number of samples, in bounded memory."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from operator import mul
from typing import Any

FINEST_DIGITS = 6
BATCH = 64


class Distribution:
    """Counts samples by their value.

    Exact while there are at most ``most`` different values, however often each came. Beyond, values are counted with
    fewer and fewer significant digits, so many as fit; count, sum, least and greatest value stay exact.
    """

    __slots__ = ("_counts", "_digits", "_high", "_low", "_most", "_pending", "_total")

    def __init__(self, most: int) -> None:
        self._most = most
        self._counts: Any = Counter()  # how often may be a fraction, where samples are put with counts
        self._pending: list[float] = []  # samples that are counted together, a little later
        self._digits: int | None = None
        self._total = 0.0
        self._low, self._high = math.inf, -math.inf

    @classmethod
    def of(cls, most: int, parts: Iterable[Distribution]) -> Distribution:
        """The samples of several together."""
        found = cls(most)
        for part in parts:
            found.absorb(part)
        return found

    def add(self, value: float) -> None:
        """Take one sample in."""
        pending = self._pending
        pending.append(value)
        if len(pending) >= BATCH:
            self._count()

    def add_times(self, value: float, times: float) -> None:
        """Take in a sample that came so many times."""
        if self._digits is not None:
            self._extend(value, times)
            value = _rounded(value, self._digits)
        counts = self._counts
        counts[value] = counts.get(value, 0) + times
        if len(counts) > self._most:
            self._coarsen()

    def absorb(self, other: Distribution) -> None:
        """Take in all the samples of another one, as far as it tells them apart; sum and extremes stay exact."""
        other._count()
        if not other._counts:
            return
        exact = other._digits is None
        if self._digits is None and not exact:
            self._coarsen()
        if self._digits is not None:
            self._total += other._sum() if exact else other._total
            self._low, self._high = min(self._low, other._least()), max(self._high, other._greatest())
        digits, counts = self._digits, self._counts
        for value, times in other._counts.items():
            place = value if digits is None else _rounded(value, digits)
            counts[place] = counts.get(place, 0) + times
        if len(counts) > self._most:
            self._coarsen()

    def _count(self) -> None:
        """Count what has come in since: cheaper together, and what a distribution does most."""
        pending, self._pending = self._pending, []
        if self._digits is not None:
            for value in pending:
                self.add_times(value, 1)
            return
        self._counts.update(pending)
        if len(self._counts) > self._most:
            self._coarsen()

    def __bool__(self) -> bool:
        return bool(self._pending or self._counts)

    def counted(self) -> tuple[tuple[float, float], ...]:
        """Each value, and how often it came, as far as they are told apart."""
        self._count()
        return tuple(self._counts.items())

    def percentiles(self, shares: Iterable[float]) -> list[float]:
        """The nearest-rank percentile at each share, of at least one sample."""
        self._count()
        ordered = sorted(self._counts)
        reached = list(accumulate(map(self._counts.__getitem__, ordered)))
        ranks = (min(max(1, math.ceil(share * reached[-1])), reached[-1]) for share in shares)  # parts may have come
        found = (ordered[bisect_left(reached, rank)] for rank in ranks)
        return [min(max(value, self._least()), self._greatest()) for value in found]

    def statistics(self) -> dict[str, float]:
        """``{sum, min, max, count, avg, p50, p90, p95, p99}``."""
        self._count()
        count = sum(self._counts.values())
        total = self._sum() if self._digits is None else self._total
        p50, p90, p95, p99 = self.percentiles((0.5, 0.9, 0.95, 0.99))
        return {
            "sum": round(total, 6),
            "min": self._least(),
            "max": self._greatest(),
            "count": count,
            "avg": round(total / count, 6),
            "p50": p50,
            "p90": p90,
            "p95": p95,
            "p99": p99,
        }

    def _sum(self) -> float:
        return math.fsum(map(mul, self._counts, self._counts.values()))

    def _least(self) -> float:
        return min(self._counts) if self._digits is None else self._low

    def _greatest(self) -> float:
        return max(self._counts) if self._digits is None else self._high

    def _extend(self, value: float, times: float) -> None:
        self._total += value * times
        self._low, self._high = min(self._low, value), max(self._high, value)

    def _coarsen(self) -> None:
        """Merge values until half of the room is free."""
        if self._digits is None:
            for value, times in self._counts.items():
                self._extend(value, times)
        digits = FINEST_DIGITS if self._digits is None else self._digits
        while 2 * len(self._counts) > self._most and digits > 1:
            digits -= 1
            self._merge({value: _rounded(value, digits) for value in self._counts})
        while 2 * len(self._counts) > self._most:  # values of very many sizes: neighbours become one
            ordered = sorted(self._counts)
            self._merge(dict(zip(ordered, (ordered[n // 2 * 2] for n in range(len(ordered))), strict=True)))
        self._digits = digits

    def _merge(self, place_of: dict[float, float]) -> None:
        counts, self._counts = self._counts, Counter()
        for value, times in counts.items():
            place = place_of[value]
            self._counts[place] = self._counts.get(place, 0) + times


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")
