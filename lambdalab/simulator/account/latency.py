"""How long an API call takes. Only the front door draws from here."""

from __future__ import annotations

from lambdalab.simulator.kernel import Kernel, Micros
from lambdalab.simulator.vocabulary.assumptions import API_LATENCY_SPREAD, API_LATENCY_US


def draw(kernel: Kernel, service: str) -> Micros:
    """One call's latency: triangular around the service's median (assumption A-08)."""
    median = API_LATENCY_US.get(service) or API_LATENCY_US["default"]
    spread = kernel.random_for("latency/" + service).triangular(-API_LATENCY_SPREAD, API_LATENCY_SPREAD)
    return Micros(round(median * (1 + spread)))
