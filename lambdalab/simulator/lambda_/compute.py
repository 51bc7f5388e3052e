"""How real work becomes virtual time: declared costs by default, measured CPU time where that is the lesson."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from lambdalab.simulator.kernel import Kernel, Micros
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.vocabulary.arns import REPLICA_PREFIX
from lambdalab.simulator.vocabulary.assumptions.environments import (
    CPU_DEFAULT_US_PER_VCPU,
    CPU_SPREAD,
    INIT_DEFAULT,
    INIT_SPREAD,
)
from lambdalab.simulator.vocabulary.utf8 import utf8_size


@dataclass(frozen=True, slots=True)
class Cost:
    """The declared cost of a function: INIT in ms, work on a full vCPU in ms, and per KB of the event."""

    init_ms: float = INIT_DEFAULT / 1_000
    cpu_ms: float = CPU_DEFAULT_US_PER_VCPU / 1_000
    per_kb_ms: float = 0.0


USUAL = Cost()


@dataclass(frozen=True, slots=True)
class Compute:
    """The scenario's ``compute``."""

    mode: Literal["declared", "measured"] = "declared"
    functions: Mapping[str, Cost] = field(default_factory=dict)

    def before_init(self, kernel: Kernel, function: Function) -> Micros:
        """Declared time of INIT, spent before its first line runs (assumption A-01: independent of memory)."""
        if self.mode == "measured":
            return Micros(0)
        around = self.cost_of(function).init_ms * 1_000
        return _spread(kernel, f"init/{function.name}", around, INIT_SPREAD)

    def measured(self, function: Function, cpu_us: int) -> Micros:
        """Virtual time of really measured CPU time; nothing where compute is declared."""
        return Micros(round(cpu_us / function.vcpu_share)) if self.mode == "measured" else Micros(0)

    def cost_of(self, function: Function) -> Cost:
        """A copy at the edge costs what its original does."""
        name = function.name.removeprefix(REPLICA_PREFIX)
        return self.functions.get(name) or self.functions.get(function.logical_id) or USUAL


class InvocationCosts:
    """Draws the declared time of each invocation of a run, spent before the handler's first line (assumption A-02).

    The declared milliseconds are those of a full vCPU; the memory's share of one makes them longer.
    """

    def __init__(self, compute: Compute, kernel: Kernel) -> None:
        self._compute = compute
        self._kernel = kernel
        self._known: dict[Function, tuple[Cost, float, Callable[[], float]]] = {}

    def draw(self, function: Function, payload: str) -> Micros:
        """That of one invocation; nothing where compute is measured."""
        if self._compute.mode == "measured":
            return Micros(0)
        known = self._known.get(function)
        if known is None:
            known = self._known[function] = self._of(function)
        cost, around_us, random = known
        if cost.per_kb_ms:
            around_us = (cost.cpu_ms + cost.per_kb_ms * utf8_size(payload) / 1024) * 1_000 / function.vcpu_share
        return Micros(round(around_us * (1 + (2 * CPU_SPREAD * random() - CPU_SPREAD))))

    def _of(self, function: Function) -> tuple[Cost, float, Callable[[], float]]:
        """Its cost, that of an empty event in microseconds, and where its chance comes from."""
        cost, random = self._compute.cost_of(function), self._kernel.random_for(f"cpu/{function.name}").random
        return cost, cost.cpu_ms * 1_000 / function.vcpu_share, random


def _spread(kernel: Kernel, stream: str, around_us: float, share: float) -> Micros:
    return Micros(round(around_us * (1 + kernel.random_for(stream).uniform(-share, share))))
