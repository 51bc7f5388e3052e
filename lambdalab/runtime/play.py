"""``play``: one run of one project, with the student's code in the sandbox. What web, tests and command use."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lambdalab.runtime.handlers import SandboxedHandlers
from lambdalab.runtime.hints import Hints, notes_of
from lambdalab.runtime.limits import Meter, MeteredHandlers, RunLimits
from lambdalab.runtime.requirements import refused_requirements
from lambdalab.runtime.storable import storable
from lambdalab.sandbox import Sandbox
from lambdalab.sandbox.packages import BadPackage, check_paths
from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.scenario.load import load_scenario
from lambdalab.simulator.scenario.run import Limits, simulate
from lambdalab.simulator.scenario.schema import Scenario
from lambdalab.simulator.trace import Stamped
from lambdalab.simulator.trace.facts import CheckEvaluated
from lambdalab.simulator.views.player import PlayerFold

PROGRESS_S = 0.2


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is."""

    virtual_s: float
    facts: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out of a run. ``summary`` and ``player`` can be stored as JSON; ``checks`` are complete."""

    summary: dict[str, Any]
    player: dict[str, Any]
    stopped: str | None
    passed: bool
    facts: int
    sha256: str
    checks: tuple[CheckEvaluated, ...]


class _Watch:
    """Follows a run in real time: stops it when asked or at a limit, and tells how far it is."""

    def __init__(
        self,
        should_stop: Callable[[], str | None],
        progress: Callable[[Progress], None] | None,
        player: PlayerFold,
        meter: Meter,
    ) -> None:
        self._should_stop = should_stop
        self._progress = progress
        self._player = player
        self._meter = meter
        self._next = time.monotonic() + PROGRESS_S
        self._facts = 0
        self._at = 0

    def see(self, stamped: Stamped) -> None:
        """Note the last fact."""
        self._facts, self._at = stamped.seq, stamped.at

    def interrupted(self) -> str | None:
        """Why the run must end now, or None."""
        reached = self._meter.reached()
        now = time.monotonic()
        if reached is not None or now < self._next:
            return reached
        self._next = now + PROGRESS_S
        if self._progress is not None:
            self._progress(Progress(self._at / SECOND, self._facts, self._player.sentence()))
        return self._should_stop()


def play(
    files: Mapping[str, bytes],
    *,
    sandbox: Sandbox,
    sink: Callable[[bytes], None],
    scenario: str | Scenario = "scenario.yaml",
    parameters: Mapping[str, Any] | None = None,
    seed: int | None = None,
    should_stop: Callable[[], str | None] = lambda: None,
    limits: RunLimits | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Outcome:
    """Play a project (path to bytes: ``template.yaml``, code, events, scenario) and return what came out.

    The trace streams into ``sink`` as chunks of JSON lines. ``should_stop`` and ``progress`` are called about five
    times a second of real time. Raises ``ProjectError`` with all problems when project or scenario is refused, and
    ``HandlerFailure`` when the sandbox itself fails.
    """
    _check_paths(files)
    limits = limits or RunLimits()
    what_happens = load_scenario(files, scenario) if isinstance(scenario, str) else scenario
    refused = list(refused_requirements(files, sandbox.offered))
    if refused:
        raise ProjectError(refused)
    template = read_template(files, dict(what_happens.parameters) | dict(parameters or {}))
    player = PlayerFold()
    meter = Meter(limits)
    watch = _Watch(should_stop, progress, player, meter)
    used = what_happens.seed if seed is None else seed
    handlers = SandboxedHandlers(sandbox, epoch_us=what_happens.epoch_us, seed=used)
    hints = Hints(template)
    outcome = simulate(
        template,
        what_happens,
        MeteredHandlers(handlers, meter),
        seed=used,
        sink=sink,
        should_stop=watch.interrupted,
        folds=(player.add, watch.see, hints.add),
        limits=Limits(limits.facts, limits.trace_bytes),
        notes=notes_of(template),
    )
    told = player.result()
    notes = [*told["notes"], *hints.result()]
    outcome.summary["run"]["notes"] = notes
    return Outcome(
        storable(outcome.summary),
        storable({**told, "notes": notes}),
        outcome.stopped,
        outcome.passed,
        outcome.facts,
        outcome.sha256,
        outcome.checks,
    )


def _check_paths(files: Mapping[str, bytes]) -> None:
    """Paths that no package may have are the author's mistake, and would be ours once they reach the sandbox."""
    try:
        check_paths(files)
    except BadPackage as error:
        raise ProjectError([Problem("project", 0, 0, str(error), "Rename it.")]) from None
