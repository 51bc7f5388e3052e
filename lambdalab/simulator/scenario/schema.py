"""A scenario as typed objects. The contract is the one authors see (docs: labs); unknown keys are errors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lambdalab.simulator.account import Fault
from lambdalab.simulator.account.internet import Page
from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.lambda_.compute import Compute
from lambdalab.simulator.vocabulary.quotas import ACCOUNT_CONCURRENCY

DEFAULT_EPOCH_US = 1_764_579_600_000_000  # Monday 2025-12-01 09:00:00 UTC
Comparison = Literal["equals", "at_most", "at_least", "between", "contains", "matches"]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A step played ``count`` times, ``every`` so long, each shifted by up to ``jitter``."""

    count: int = 1
    every: Micros = Micros(0)
    jitter: Micros = Micros(0)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a step's call: the logical id of a role or user, or an ARN; with its place in the scenario."""

    name: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Revision:
    """What a step deploys: another template, other folders of code by logical id, other values of parameters."""

    template: str | None = None
    code: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HttpAction:
    """What a step sends over HTTP, and where to: a logical id, a host or a URL. ``body`` is bytes, a text, or JSON.

    ``query`` is a text or a mapping. Expressions are not drawn yet.
    """

    to: str
    method: str = "GET"
    path: str = "/"
    query: Any = ""
    headers: Mapping[str, Any] = field(default_factory=dict)
    body: Any = b""
    source_ip: str = ""
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens: an API call (``service`` and ``operation``), a request over HTTP, a deployment, or
    nothing (``advance``).

    ``caller`` is None for the scenario itself, which may do everything; nobody then signs a request over HTTP.
    """

    at: Micros
    service: str | None
    operation: str | None
    params: Mapping[str, Any]
    repeat: Repeat = Repeat()
    label: str | None = None
    expect: str | None = None
    caller: Caller | None = None
    deploy: Revision | None = None
    http: HttpAction | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """An assertion over the run's summary. ``query`` is JMESPath; ``says`` a sentence for students."""

    id: str
    says: str
    query: str
    comparison: Comparison
    expected: Any
    hidden: bool = False
    points: float = 1.0


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure to beat: a JMESPath query over the summary and the best value known."""

    query: str
    best: float | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that happens to a project in one run."""

    path: str = "scenario.yaml"
    seed: int = 1
    until: Micros | None = None
    epoch_us: int = DEFAULT_EPOCH_US
    concurrency: int = ACCOUNT_CONCURRENCY
    max_attempts: int = 1  # of the scenario's own client, for each call; 1: it tries nothing again
    parameters: Mapping[str, Any] = field(default_factory=dict)
    web: Mapping[str, Page] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    faults: tuple[Fault, ...] = ()
    compute: Compute = field(default_factory=Compute)
    checks: tuple[Check, ...] = ()
    goal: Goal | None = None

    @property
    def first_day(self) -> dt.date:
        """The day on which virtual time begins."""
        return dt.datetime.fromtimestamp(self.epoch_us // 1_000_000, dt.UTC).date()
