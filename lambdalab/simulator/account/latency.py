"""How long an API call takes. Only the front door draws from here."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

from lambdalab.simulator.kernel import Kernel, Micros
from lambdalab.simulator.vocabulary.assumptions.calls import API_LATENCY_SPREAD, API_LATENCY_US


class Latencies:
    """Draws the latency of each call: triangular around its service's median (assumption A-08)."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._services: dict[str, tuple[int, Callable[[], float]]] = {}

    def draw(self, service: str) -> Micros:
        """That of one call."""
        known = self._services.get(service)
        if known is None:
            median = API_LATENCY_US.get(service) or API_LATENCY_US["default"]
            known = self._services[service] = median, self._kernel.random_for("latency/" + service).random
        median, random = known
        chance = random()  # random.triangular, written out
        if chance > 0.5:
            spread = API_LATENCY_SPREAD - 2 * API_LATENCY_SPREAD * sqrt((1.0 - chance) * 0.5)
        else:
            spread = -API_LATENCY_SPREAD + 2 * API_LATENCY_SPREAD * sqrt(chance * 0.5)
        return Micros(round(median * (1 + spread)))
