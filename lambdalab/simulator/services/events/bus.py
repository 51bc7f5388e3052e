"""Buses, rules and targets: what is configured. Source: botocore's events model, read 2026-11."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.account import Principal, service_principal
from lambdalab.simulator.services.targets import RetryPolicy
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.patterns import Pattern
from lambdalab.simulator.vocabulary.schedules import Schedule

DEFAULT = "default"
BUSES_MAX, RULES_MAX, TARGETS_MAX = 100, 300, 5  # User Guide, "Amazon EventBridge quotas"; targets: BC PutTargets
EVENTS = "events.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Target:
    """One target of a rule. ``settings`` is what PutTargets was given, checked."""

    id: str
    arn: str
    settings: Mapping[str, Any]
    retry: RetryPolicy

    @property
    def dead_letter(self) -> str | None:
        """The ARN of its dead-letter queue."""
        found = (self.settings.get("DeadLetterConfig") or {}).get("Arn")
        return str(found) if found else None


@dataclass(slots=True)
class Rule:
    """A rule of a bus: a pattern, a schedule, or both. ``version`` counts its changes, so that old clocks stop."""

    name: str
    bus: str
    pattern: Pattern | None = None
    expression: str | None = None
    schedule: Schedule | None = None
    enabled: bool = True
    description: str | None = None
    role: str | None = None
    targets: dict[str, Target] = field(default_factory=dict)
    version: int = 0
    caller: Principal = field(init=False)

    def __post_init__(self) -> None:
        self.caller = service_principal(EVENTS, self.arn)

    @property
    def arn(self) -> str:
        """The rule's ARN."""
        return rule_arn(self.bus, self.name)


@dataclass(slots=True)
class Bus:
    """An event bus. ``statements`` is its resource policy, by statement id."""

    name: str
    rules: dict[str, Rule] = field(default_factory=dict)
    statements: dict[str, dict[str, Any]] = field(default_factory=dict)
    description: str | None = None

    @property
    def arn(self) -> str:
        """The bus's ARN."""
        return bus_arn(self.name)


def bus_arn(name: str) -> str:
    """The ARN of a bus."""
    return arn("events", f"event-bus/{name}")


def rule_arn(bus: str, name: str) -> str:
    """The ARN of a rule: on the default bus it does not name the bus."""
    return arn("events", f"rule/{name}" if bus == DEFAULT else f"rule/{bus}/{name}")


def bus_name(reference: object) -> str:
    """The name of a bus that is called by its name or ARN; without one the default bus."""
    return str(reference or DEFAULT).rpartition("event-bus/")[2] or DEFAULT
