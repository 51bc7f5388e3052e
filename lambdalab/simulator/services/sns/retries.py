"""How often SNS tries a subscriber that does not accept. Fact F.2.

Source: Amazon SNS Developer Guide, "Amazon SNS message delivery retries", read 2026-11: the phases of a delivery
policy, the fixed one for AWS's own endpoints, the default and the limits of the one for HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lambdalab.simulator.kernel import SECOND, Micros

Backoff = Literal["linear", "arithmetic", "geometric", "exponential"]
RETRIES_MAX = 100  # of an HTTP endpoint
HTTP_SECONDS_MAX = 3_600  # a policy for HTTP may not last longer


@dataclass(frozen=True, slots=True)
class Phases:
    """Immediate retries, then some at the shortest delay, then growing ones, then some at the longest."""

    immediate: int
    shortest: int
    growing: int
    longest: int
    min_s: float
    max_s: float
    function: Backoff = "exponential"

    @property
    def retries(self) -> int:
        """How many there are in all; the first attempt is none of them (A-115)."""
        return self.immediate + self.shortest + self.growing + self.longest

    def delay(self, retry: int) -> Micros | None:
        """The wait before a retry, counted from 1; None when there is none any more."""
        if retry > self.retries:
            return None
        if retry <= self.immediate:
            return Micros(0)
        if retry <= self.immediate + self.shortest:
            return Micros(round(self.min_s * SECOND))
        step = retry - self.immediate - self.shortest
        if step > self.growing:
            return Micros(round(self.max_s * SECOND))
        return Micros(round(self._grown(step) * SECOND))

    def _grown(self, step: int) -> float:
        """The delay of one step of the growing phase, from the shortest to the longest."""
        share = (step - 1) / (self.growing - 1) if self.growing > 1 else 1.0
        low, high = self.min_s, self.max_s
        if self.function == "exponential":
            return low * (high / low) ** share if low > 0 else high * share
        if self.function == "geometric":
            return min(high, low * 2.0 ** min(step - 1, 30)) if low > 0 else high * share
        if self.function == "arithmetic":  # the steps themselves grow: 1, 2, 3 … times
            total = self.growing * (self.growing - 1) / 2
            return low + (high - low) * (step * (step - 1) / 2) / total if total else high
        return low + (high - low) * share


AWS_ENDPOINTS = Phases(3, 2, 10, 100_000, 1, 20)  # Lambda, SQS: 100,015 in 23 days, and nobody can change them
HTTP_DEFAULT = Phases(0, 0, 3, 0, 20, 20, "linear")


def read_phases(text: str) -> Phases | None:
    """The phases of a DeliveryPolicy, as JSON text. Raises ``ValueError`` with a sentence."""
    try:
        policy = json.loads(text or "{}")
        given: Any = policy.get("healthyRetryPolicy") or {}
    except (ValueError, AttributeError, RecursionError):
        raise ValueError("DeliveryPolicy: failed to parse JSON") from None
    if not given:
        return None
    if not isinstance(given, Mapping):
        raise ValueError("DeliveryPolicy: healthyRetryPolicy must be a JSON object")
    minimum, maximum = _number(given, "minDelayTarget", 20), _number(given, "maxDelayTarget", 20)
    counts = [_number(given, name, 0) for name in ("numNoDelayRetries", "numMinDelayRetries", "numMaxDelayRetries")]
    total = _number(given, "numRetries", 3)
    growing = total - sum(counts)
    function = given.get("backoffFunction", "linear")
    if not 1 <= minimum <= maximum <= HTTP_SECONDS_MAX:
        raise ValueError("DeliveryPolicy: healthyRetryPolicy.minDelayTarget must be between 1 and maxDelayTarget")
    if not 0 <= total <= RETRIES_MAX or growing < 0:
        raise ValueError("DeliveryPolicy: healthyRetryPolicy.numRetries must be at least the sum of the other numbers")
    if function not in ("linear", "arithmetic", "geometric", "exponential"):
        raise ValueError("DeliveryPolicy: healthyRetryPolicy.backoffFunction is not a backoff function")
    phases = Phases(counts[0], counts[1], growing, counts[2], minimum, maximum, function)
    if sum(phases.delay(n) or 0 for n in range(1, phases.retries + 1)) > HTTP_SECONDS_MAX * SECOND:
        raise ValueError(f"DeliveryPolicy: the total retry time must not exceed {HTTP_SECONDS_MAX} seconds")
    return phases


def _number(given: Mapping[str, Any], name: str, usual: int) -> int:
    value = given.get(name, usual)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"DeliveryPolicy: healthyRetryPolicy.{name} must be a whole number")
    return value
