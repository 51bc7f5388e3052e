"""How often the control plane may be called: a limit of the account, whoever calls. Source: fact J.4 (DG26)."""

from __future__ import annotations

from lambdalab.simulator.kernel import Kernel
from lambdalab.simulator.lambda_.concurrency import RateBudget
from lambdalab.simulator.vocabulary.quotas import CONTROL_PLANE_RATE, CONTROL_PLANE_RATES


class ControlRates:
    """Counts the calls of each second. Invocations have limits of their own."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._others = RateBudget(CONTROL_PLANE_RATE, float(CONTROL_PLANE_RATE))
        self._own = {name: RateBudget(rate, float(rate)) for name, rate in CONTROL_PLANE_RATES.items()}

    def take(self, operation: str) -> bool:
        """Use up one call of this operation, if there is one."""
        return self._own.get(operation, self._others).take(self._kernel.now)
