"""One alarm: what it looks at, and the state that it takes from what it sees. Source: CloudWatch User Guide."""

from __future__ import annotations

import math
import operator
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.vocabulary.metrics import NAMESPACE

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
STATISTICS: Mapping[str, Callable[[list[float]], float]] = {
    "Sum": sum,
    "Maximum": max,
    "Minimum": min,
    "Average": lambda values: sum(values) / len(values),
    "SampleCount": len,
}
COUNTED = ("Errors", "Invocations", "Throttles", "Duration", "ProvisionedConcurrencyUtilization")
PERCENTILE = re.compile(r"p(100|\d{1,2}(\.\d{1,10})?)")
MISSING = ("missing", "notBreaching", "breaching", "ignore")
FURTHER_PERIODS = 2  # looked at beside the evaluation periods, in case some of these have no data


@dataclass(slots=True)
class Alarm:
    """One alarm; ``period_s`` is 10, 20, 30 or a multiple of 60; ``statistic`` one of STATISTICS, or ``p95``.

    ``dimensions`` of a metric of Lambda's are FunctionName, Resource and ExecutedVersion. ``reason`` says why its state
    is what it is, since ``changed_at``; ``configured_at`` is when it was made.
    """

    name: str
    metric: str
    dimensions: Mapping[str, str]
    threshold: float
    comparison: str
    statistic: str = "Sum"
    period_s: int = 60
    periods: int = 1
    datapoints: int = 1
    missing: str = "missing"
    namespace: str = NAMESPACE
    unit: str | None = None
    description: str | None = None
    says_datapoints: bool = False  # whether it was made with a DatapointsToAlarm
    configured_at: Micros = Micros(0)
    changed_at: Micros = Micros(0)
    reason: str = "Unchecked: Initial alarm creation"
    state: State = "INSUFFICIENT_DATA"
    act: Callable[[float], None] | None = None  # told the statistic of each period at whose end it is in ALARM
    samples: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def is_counted(self) -> bool:
        """Whether its samples are counted here, one by one."""
        return self.namespace == NAMESPACE and self.metric in COUNTED

    def counted(self, period: int) -> float | None:
        """The statistic of a period whose samples are counted here."""
        values = self.samples.get(period)
        if not values:
            return None
        if self.statistic in STATISTICS:
            return STATISTICS[self.statistic](values)
        rank = max(1, math.ceil(float(self.statistic[1:]) / 100 * len(values)))
        return sorted(values)[rank - 1]

    @property
    def range(self) -> int:
        """How many periods it looks at."""
        return self.periods + FURTHER_PERIODS

    def judge(self, values: Sequence[float | None]) -> State:
        """The state after ``range`` periods with these statistics, the last one last; None: a period without data.

        Source: CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data", read 2026-11. The newest
        data count, as many as there are evaluation periods, from however far back; what lacks is filled in.
        """
        found = [value for value in values if value is not None][-self.periods :]
        breaching = sum(COMPARISONS[self.comparison](value, self.threshold) for value in found)
        if self.missing == "breaching":
            breaching += self.periods - len(found)
        if breaching >= self.datapoints:
            return "ALARM"
        if len(found) == self.periods or breaching < len(found) or self.missing in ("notBreaching", "breaching"):
            return "OK"
        if self.missing == "ignore":
            return self.state
        if not found:
            return "INSUFFICIENT_DATA"
        oldest = next(number for number, value in enumerate(values) if value is not None)
        return "ALARM" if len(values) - oldest >= self.datapoints else "OK"  # "premature alarm state"
