"""Carries out one run: claim, play, store. Everything a worker does, and nothing a page does."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from billiard.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from lambdalab.runs import engine, live
from lambdalab.runs.engine import HandlerFailure, Outcome, Progress, ProjectError, SandboxError
from lambdalab.runs.lease import Lease, LeaseLost, claim
from lambdalab.runs.models import LAPSES_FORGIVEN, Run, State
from lambdalab.runs.packing import pack_json, unpack_files
from lambdalab.runs.recording import ChunkWriter

logger = logging.getLogger(__name__)

PUBLISH_EVERY_S = 0.1
ORDINARY_ENDS = (None, "", "until")  # a scenario that lasts as long as it says was not cut short

Play = Callable[..., Outcome]
OpenSandbox = Callable[[], AbstractContextManager[Any]]


def carry_out(run_id: UUID, *, play: Play = engine.play, sandbox: OpenSandbox = engine.connected_sandbox) -> None:
    """Play the run if it is still waiting; a second delivery does nothing."""
    lease = claim(run_id)
    if lease is None:
        logger.info("run %s: somebody else has it", run_id)
        return
    live.publish(run_id, {"state": State.RUNNING})
    try:
        with lease.kept():
            ended = _ended(lease, play, sandbox)
        lease.write(ended_at=timezone.now(), lease_until=None, **ended)
    except LeaseLost:
        logger.warning("run %s: lease %s was lost, its result is dropped", run_id, lease.fence)
        return
    live.publish(run_id, {"state": ended["state"], "settled": True})


def _ended(lease: Lease, play: Play, sandbox: OpenSandbox) -> dict[str, Any]:
    """The columns of the settled run, whatever happens."""
    began = time.monotonic()
    try:
        columns = _played(lease, play, sandbox)
    except LeaseLost:
        raise
    except SoftTimeLimitExceeded:
        columns = _failed(_("The run took longer than %(seconds)s s.") % {"seconds": settings.RUN_WALL_S})
    except ProjectError as refused:
        columns = _refused(refused)
    except HandlerFailure:
        logger.exception("run %s: the sandbox failed", lease.run_id)
        columns = _failed(
            _(
                "The sandbox that runs your code failed twice during this run. That is our fault, not your code's. "
                "Run it again; if it fails again, tell your instructor."
            )
        )
    except SandboxError:
        logger.exception("run %s could not be played", lease.run_id)
        columns = _failed(
            _(
                "No code can run at the moment, because the sandbox does not answer. That is our fault. "
                "Try again in a few minutes; if it goes on, tell your instructor."
            )
        )
    except Exception:
        logger.exception("run %s failed", lease.run_id)
        columns = _failed(_("Something broke on our side. Run it again; if it breaks again, tell your instructor."))
    return {**columns, "wall_ms": int((time.monotonic() - began) * 1000)}


def _played(lease: Lease, play: Play, sandbox: OpenSandbox) -> dict[str, Any]:
    """Play the run; once more, from its beginning, when the sandbox was lost on the way."""
    run = Run.objects.only("project", "seed", "lapses").get(pk=lease.run_id)
    try:
        return _played_once(run, lease, play, sandbox)
    except HandlerFailure as failure:
        if run.lapses >= LAPSES_FORGIVEN:
            raise
        logger.warning("run %s: the sandbox failed (%s); it is played again", lease.run_id, failure)
    lease.start_again()
    return _played_once(run, lease, play, sandbox)


def _played_once(run: Run, lease: Lease, play: Play, sandbox: OpenSandbox) -> dict[str, Any]:
    writer = ChunkWriter(lease)
    watch = Watch(lease)
    with sandbox() as jail:
        outcome = play(
            unpack_files(run.project),
            seed=run.seed,
            sink=writer.add,
            should_stop=watch.should_stop,
            progress=watch.progress,
            limits=engine.limits(),
            sandbox=jail,
        )
    writer.flush()
    return _done(outcome)


@dataclass(slots=True)
class Watch:
    """What a play asks while it goes on, and what it tells."""

    lease: Lease
    published: float = 0.0

    def should_stop(self) -> str | None:
        """Why the play has to end now."""
        if self.lease.lost:
            return "lease"
        return "owner" if self.lease.stop_requested else None

    def progress(self, told: Progress) -> None:
        """Pass on how far the play is, a few times a second."""
        self.lease.progress = asdict(told)
        if time.monotonic() - self.published >= PUBLISH_EVERY_S:
            self.published = time.monotonic()
            live.publish(self.lease.run_id, {"state": State.RUNNING, **self.lease.progress})


def _done(outcome: Outcome) -> dict[str, Any]:
    cut = outcome.stopped not in ORDINARY_ENDS
    return {
        "state": State.STOPPED if cut else State.DONE,
        "stopped": outcome.stopped if cut else "",
        "summary": outcome.summary,
        "player": pack_json(outcome.player),
        "passed": outcome.passed,
        "facts": outcome.facts,
        "sha256": outcome.sha256,
    }


def _refused(refused: ProjectError) -> dict[str, Any]:
    """A project or scenario that cannot be played: the student's to mend."""
    return {"state": State.FAILED, "passed": False, "problem": [asdict(each) for each in refused.problems]}


def _failed(says: str) -> dict[str, Any]:
    return {"state": State.FAILED, "failure": says}
