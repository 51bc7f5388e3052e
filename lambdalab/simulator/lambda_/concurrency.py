"""Who may run: the admission algorithm of one request. Source: fact C.2 (DG26, function scaling)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from lambdalab.simulator.account import Faults
from lambdalab.simulator.kernel import Kernel, Micros
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.vocabulary import quotas


@dataclass(slots=True)
class ScalingBudget:
    """New environments a function may still start: 1,000 every 10 s, refilled continuously, never saved up."""

    tokens: float = float(quotas.SCALING_ENVIRONMENTS)
    filled_at: Micros = Micros(0)

    def take(self, now: Micros) -> bool:
        """Use one token if there is one."""
        gained = (now - self.filled_at) * quotas.SCALING_ENVIRONMENTS / quotas.SCALING_WINDOW
        self.tokens = min(float(quotas.SCALING_ENVIRONMENTS), self.tokens + gained)
        self.filled_at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Concurrency:
    """Counts what is in flight and says yes, or AWS's reason for no."""

    def __init__(self, kernel: Kernel, faults: Faults, *, account_limit: int) -> None:
        self._kernel = kernel
        self._faults = faults
        self.account_limit = account_limit
        self.in_flight: Counter[str] = Counter()
        self._all_in_flight = 0
        self._reserved: dict[str, int] = {}
        self._budgets: dict[str, ScalingBudget] = {}

    def reserve(self, function: str, amount: int | None) -> None:
        """Note a function's reserved concurrency (None: none)."""
        if amount is None:
            self._reserved.pop(function, None)
        else:
            self._reserved[function] = amount

    @property
    def unreserved_limit(self) -> int:
        """The pool of functions without a reservation."""
        return self.account_limit - sum(self._reserved.values())

    @property
    def unreserved_in_flight(self) -> int:
        """How much of that pool is in use."""
        return sum(n for name, n in self.in_flight.items() if name not in self._reserved)

    def refusal(self, function: Function) -> str | None:
        """None when there is room for one more invocation, else the throttle's ``Reason``."""
        if self._faults.striking("throttle", function.name) or self._faults.striking("throttle", function.logical_id):
            return "ConcurrentInvocationLimitExceeded"
        reserved = self._reserved.get(function.name)
        if reserved is not None:
            if self.in_flight[function.name] >= reserved:
                return "ReservedFunctionConcurrentInvocationLimitExceeded"
        elif self._all_in_flight < self.unreserved_limit:
            return None  # without counting whose they are
        elif self.unreserved_in_flight >= self.unreserved_limit:
            return "ConcurrentInvocationLimitExceeded"
        return None

    def may_scale(self, function: Function) -> bool:
        """Use one unit of the function's scaling budget; false when it is spent (assumption A-10)."""
        return self._budgets.setdefault(function.name, ScalingBudget()).take(self._kernel.now)

    def enter(self, function: Function) -> int:
        """An invocation begins; returns the function's concurrency now."""
        self._all_in_flight += 1
        self.in_flight[function.name] += 1
        return self.in_flight[function.name]

    def leave(self, function: Function) -> int:
        """An invocation ended; returns the function's concurrency now."""
        self._all_in_flight -= 1
        self.in_flight[function.name] -= 1
        return self.in_flight[function.name]
