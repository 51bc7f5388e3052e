"""What is provisioned, and for how long: what a bill counts whether anybody asks or not. Facts C.4 and J.2.

Source: AWS Lambda pricing, "Provisioned Concurrency Pricing", read 2026-11-24: what is configured is charged from the
time when it is enabled until it is disabled, rounded up to the nearest five minutes; assumption A-34.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lambdalab.simulator.kernel import MINUTE
from lambdalab.simulator.trace.facts import AliasChanged, ProvisionedChanged, ProvisionedDeleted
from lambdalab.simulator.views.fold import Take
from lambdalab.simulator.views.sizes import Size, SizesFold

ROUNDING = 5 * MINUTE


@dataclass(slots=True)
class _Enabled:
    """The provisioned concurrency of one alias or version."""

    began: int
    since: int
    held: dict[Size, int]  # environments by their size, from ``since`` on


@dataclass(slots=True)
class ProvisionedHoursFold:
    """Environment-microseconds that were provisioned, by function and size."""

    sizes: SizesFold
    _enabled: dict[tuple[str, str], _Enabled] = field(default_factory=dict)
    _aliases: dict[tuple[str, str], AliasChanged] = field(default_factory=dict)
    _done: dict[tuple[str, Size], int] = field(default_factory=dict)
    takes: dict[type, Take] = field(init=False)

    def __post_init__(self) -> None:
        self.takes = {
            AliasChanged: self._alias_changed,
            ProvisionedChanged: self._changed,
            ProvisionedDeleted: self._deleted,
        }

    def until(self, now: int) -> dict[tuple[str, Size], int]:
        """All of it up to ``now``, what is provisioned still included."""
        total = dict(self._done)
        for (function, _), enabled in self._enabled.items():
            _add(total, function, enabled.held, now - enabled.since)
        return total

    def _alias_changed(self, at: int, fact: AliasChanged) -> None:
        self._aliases[fact.function, fact.alias] = fact

    def _changed(self, at: int, fact: ProvisionedChanged) -> None:
        """What is requested counts; of a failed allocation, what is ready."""
        amount = fact.allocated if fact.status == "FAILED" else fact.requested
        name = fact.function, fact.qualifier
        enabled = self._enabled.setdefault(name, _Enabled(at, at, {}))
        _add(self._done, fact.function, enabled.held, at - enabled.since)
        enabled.since, enabled.held = at, self._split(fact, amount)

    def _deleted(self, at: int, fact: ProvisionedDeleted) -> None:
        enabled = self._enabled.pop((fact.function, fact.qualifier))
        rounded = enabled.began - (enabled.began - at) // ROUNDING * ROUNDING
        _add(self._done, fact.function, enabled.held, rounded - enabled.since)

    def _split(self, fact: ProvisionedChanged, amount: int) -> dict[Size, int]:
        """By the alias's weights, as Lambda splits it. Fact C.4"""
        alias = self._aliases.get((fact.function, fact.qualifier))
        if alias is None:
            return {self.sizes.of(fact.function, fact.qualifier): amount}
        more = 0 if alias.additional is None else round(amount * alias.weight)
        held: dict[Size, int] = {}
        for version, part in ((alias.version, amount - more), (alias.additional, more)):
            if version is not None and part:
                size = self.sizes.of(fact.function, version)
                held[size] = held.get(size, 0) + part
        return held


def _add(total: dict[tuple[str, Size], int], function: str, held: dict[Size, int], micros: int) -> None:
    for size, amount in held.items():
        total[function, size] = total.get((function, size), 0) + amount * micros
