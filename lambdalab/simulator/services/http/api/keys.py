"""API keys and usage plans of REST APIs: who sends a key, how fast, how often a day, a week or a month.

Source: Amazon API Gateway Developer Guide, "Usage plans and API keys for REST APIs"; BC apigateway CreateUsagePlan.
Limits of usage plans are best effort on AWS; here they are exact (assumption A-107).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from lambdalab.simulator.account import World
from lambdalab.simulator.services.http.api.model import Limit
from lambdalab.simulator.services.http.api.throttling import Bucket

Period = Literal["DAY", "WEEK", "MONTH"]
Refused = tuple[int, str, str, str]
"""Status, message, half a sentence, error type."""


@dataclass(frozen=True, slots=True)
class Quota:
    """So many requests in each period, less ``offset`` in the first one."""

    limit: int
    period: Period
    offset: int = 0


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that clients send as ``x-api-key``."""

    name: str
    value: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class UsagePlan:
    """Which keys may use which stages ((API id, stage name)), and how much."""

    name: str
    stages: frozenset[tuple[str, str]]
    keys: frozenset[str]  # values
    limit: Limit | None = None
    quota: Quota | None = None


@dataclass(slots=True)
class Keys:
    """All keys and plans of the account, and what has been used of them."""

    world: World
    keys: dict[str, ApiKey] = field(default_factory=dict)
    plans: list[UsagePlan] = field(default_factory=list)
    _buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)
    _used: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)

    def add(self, keys: Iterable[ApiKey], plans: Iterable[UsagePlan]) -> None:
        """Add keys and plans."""
        self.keys |= {key.value: key for key in keys}
        self.plans += plans

    def refusal(self, sent: str, api_id: str, stage: str) -> Refused | None:
        """Why a request with this key may not use this stage; None when it may, which uses one up."""
        key = self.keys.get(sent)
        if key is None or not key.enabled:
            what = (
                "no x-api-key was sent" if not sent else "nobody has this API key" if key is None else "it is disabled"
            )
            return 403, "Forbidden", f"the method wants an API key: {what}", "ForbiddenException"
        plan = next((plan for plan in self.plans if (api_id, stage) in plan.stages and sent in plan.keys), None)
        if plan is None:
            why = f"no usage plan lets the API key {key.name} use the stage {stage}"
            return 403, "Forbidden", why, "ForbiddenException"
        if plan.limit is not None and not self._bucket(plan, sent, plan.limit).take():
            why = f"the usage plan {plan.name} allows {plan.limit.rate:g} requests a second, {plan.limit.burst} at once"
            return 429, "Too Many Requests", why, "TooManyRequestsException"
        if plan.quota is not None and not self._within(plan, sent, plan.quota):
            why = f"the usage plan {plan.name} allows {plan.quota.limit:,} requests a {plan.quota.period.lower()}"
            return 429, "Limit Exceeded", why, "LimitExceededException"
        return None

    def _bucket(self, plan: UsagePlan, sent: str, limit: Limit) -> Bucket:
        return self._buckets.setdefault((plan.name, sent), Bucket(self.world.kernel, limit))

    def _within(self, plan: UsagePlan, sent: str, quota: Quota) -> bool:
        today = self.world.wall_clock().date()
        begins = {
            "DAY": today,
            "WEEK": today - dt.timedelta(days=(today.weekday() + 1) % 7),
            "MONTH": today.replace(day=1),
        }[quota.period].isoformat()
        period, used = self._used.get((plan.name, sent), (begins, quota.offset))
        used = used if period == begins else 0
        if used >= quota.limit:
            return False
        self._used[plan.name, sent] = begins, used + 1
        return True
