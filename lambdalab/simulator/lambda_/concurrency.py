"""Who may run: the admission algorithm of one request. Source: fact C.2 (DG26, function scaling)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from lambdalab.simulator.account import Faults
from lambdalab.simulator.kernel import SECOND, Kernel, Micros
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.arns import REPLICA_PREFIX


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


@dataclass(slots=True)
class RateBudget:
    """Requests that may still come in: so many a second, refilled continuously, at most a second's worth. Fact C.1"""

    per_second: int
    tokens: float
    filled_at: Micros = Micros(0)

    def take(self, now: Micros) -> bool:
        """Use one up if there is one."""
        tokens = self.tokens + (now - self.filled_at) * self.per_second / SECOND
        if tokens > self.per_second:
            tokens = self.per_second
        self.filled_at = now
        if tokens < 1:
            self.tokens = tokens
            return False
        self.tokens = tokens - 1
        return True


class Concurrency:
    """Counts what is in flight and says yes, or AWS's reason for no."""

    def __init__(self, kernel: Kernel, faults: Faults, *, account_limit: int) -> None:
        self._kernel = kernel
        self._faults = faults
        self.account_limit = self.unreserved_limit = account_limit
        self.in_flight: defaultdict[str, int] = defaultdict(int)
        self._total = 0
        self._reserved: dict[str, int] = {}
        self._provisioned: dict[str, int] = {}
        self._rate = rate_of(account_limit)
        self._reserved_rates: dict[str, RateBudget] = {}
        self.provisioned_in_flight: dict[str, int] = {}
        self._budgets: dict[str, ScalingBudget] = {}

    def reserve(self, function: str, amount: int | None) -> None:
        """Note a function's reserved concurrency (None: none)."""
        if amount is None:
            self._reserved.pop(function, None)
            self._reserved_rates.pop(function, None)
        else:
            self._reserved[function] = amount
            self._reserved_rates[function] = rate_of(amount, self._kernel.now)
        self._share_out()

    def provision(self, function: str, amount: int) -> None:
        """Note how much is provisioned for all versions of a function together."""
        self._provisioned[function] = amount
        self._share_out()

    def provisioned(self, function: str) -> int:
        """How much is provisioned for all versions of a function together."""
        return self._provisioned.get(function, 0)

    def _share_out(self) -> None:
        """Work out the pool of functions without a reservation, less what is provisioned for them. Fact C.2"""
        taken = sum(n for name, n in self._provisioned.items() if name not in self._reserved)
        self.unreserved_limit = self.account_limit - sum(self._reserved.values()) - taken

    @property
    def always_unreserved(self) -> int:
        """What reservations and allocations must leave: 100, or all of an account that has less. Fact C.1

        Errors that users of new accounts quote name [10] and [50] where their whole concurrency is so small.
        """
        return min(quotas.MIN_UNRESERVED_CONCURRENCY, self.account_limit)

    @property
    def not_reserved(self) -> int:
        """The account's concurrency less what functions have reserved. BC GetAccountSettings"""
        return self.account_limit - sum(self._reserved.values())

    @property
    def unreserved_in_flight(self) -> int:
        """How much of that pool is in use."""
        return sum(n - self._claimed(name) for name, n in self.in_flight.items() if name not in self._reserved)

    def _claimed(self, function: str) -> int:
        """How much of what runs stands in provisioned concurrency that is still the function's.

        An environment that is busy when its allocation shrinks counts as any other from then on (assumption A-66).
        """
        return min(self.provisioned_in_flight.get(function, 0), self._provisioned.get(function, 0))

    def rate_refusal(self, function: Function) -> str | None:
        """None when one more synchronous request a second is within the limits, else the throttle's ``Reason``.

        Ten times the concurrency, of the account and of a reservation; asynchronous events have no such limit. A
        reservation of 0 is refused for its concurrency. What is refused uses up nothing (assumption A-26).
        """
        if not self._rate.take(self._kernel.now):
            return "CallerRateLimitExceeded"
        if not self._reserved_rates:
            return None
        reserved = self._reserved_rates.get(function.name)
        if reserved is not None and reserved.per_second and not reserved.take(self._kernel.now):
            self._rate.tokens += 1
            return "ReservedFunctionInvocationRateLimitExceeded"
        return None

    def give_back(self, function: Function) -> None:
        """A synchronous request was within the rate, and is refused all the same."""
        self._rate.tokens += 1
        reserved = self._reserved_rates.get(function.name)
        if reserved is not None:
            reserved.tokens += 1

    def refusal(self, function: Function) -> str | None:
        """None when there is room for one more invocation, else the throttle's ``Reason``."""
        if self._faults.aimed and self._throttled(function):
            return "ConcurrentInvocationLimitExceeded"
        reserved = self._reserved.get(function.name)
        if reserved is not None:
            on_demand = self.in_flight[function.name] - self._claimed(function.name)
            if on_demand >= reserved - self._provisioned.get(function.name, 0):
                return "ReservedFunctionConcurrentInvocationLimitExceeded"
        elif self._total < self.unreserved_limit:
            return None  # without counting whose they are
        elif self.unreserved_in_flight >= self.unreserved_limit:
            return "ConcurrentInvocationLimitExceeded"
        return None if self._total < self.account_limit else "ConcurrentInvocationLimitExceeded"

    def _throttled(self, function: Function) -> bool:
        """Whether the scenario lets this function's invocations be refused."""
        names = (function.name.removeprefix(REPLICA_PREFIX), function.logical_id)
        return any(self._faults.striking("throttle", name) is not None for name in names)

    def provisioned_refusal(self, function: Function) -> str | None:
        """The same where a provisioned environment is free: none serves beyond the reservation, or the account.

        It could where on-demand environments are still busy with what was provisioned meanwhile.
        """
        reserved = self._reserved.get(function.name)
        if reserved is not None and self.in_flight[function.name] >= reserved:
            return "ReservedFunctionConcurrentInvocationLimitExceeded"
        if reserved is None:
            others = sum(n for name, n in self.in_flight.items() if name not in self._reserved)
            full = others >= self.account_limit - sum(self._reserved.values())
        else:
            full = self._total >= self.account_limit
        return "ConcurrentInvocationLimitExceeded" if full else None

    def may_scale(self, function: Function) -> bool:
        """Use one unit of the function's scaling budget; false when it is spent (assumption A-10)."""
        return self._budgets.setdefault(function.name, ScalingBudget()).take(self._kernel.now)

    def enter(self, function: Function, provisioned: bool = False) -> int:
        """An invocation begins; returns the function's concurrency now."""
        if provisioned:
            self._count_provisioned(function, 1)
        self._total += 1
        now = self.in_flight[function.name] = self.in_flight[function.name] + 1
        return now

    def leave(self, function: Function, provisioned: bool = False) -> int:
        """An invocation ended; returns the function's concurrency now."""
        if provisioned:
            self._count_provisioned(function, -1)
        self._total -= 1
        now = self.in_flight[function.name] = self.in_flight[function.name] - 1
        return now

    def _count_provisioned(self, function: Function, change: int) -> None:
        self.provisioned_in_flight[function.name] = self.provisioned_in_flight.get(function.name, 0) + change


def rate_of(concurrency: int, now: Micros = Micros(0)) -> RateBudget:
    """How many requests a second so much concurrency takes: ten for each unit. Fact C.1"""
    per_second = concurrency * quotas.REQUESTS_PER_CONCURRENCY
    return RateBudget(per_second, float(per_second), now)
