"""The lease on a run: who plays it, and how the others know that they still do.

A claim is one conditional update that raises the row's fence. Every later write of the claim names that fence, so a
worker that was thought dead and is not can write nothing any more. While it plays, a thread renews the lease and
looks whether the owner wants the run to stop.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from lambdalab.runs.models import Run, State, TraceChunk

logger = logging.getLogger(__name__)

LOOK_S = 1.0  # seconds between looks for a stop


class LeaseLost(Exception):
    """Somebody else has the run now; what this claim found out is not written."""


@dataclass(slots=True)
class Lease:
    """One claim on one run."""

    run_id: UUID
    fence: int
    lost: bool = False
    stop_requested: bool = False
    progress: dict[str, object] = field(default_factory=dict)

    def row(self) -> QuerySet[Run]:
        """The run, as long as this claim holds it."""
        return Run.objects.filter(pk=self.run_id, fence=self.fence, state=State.RUNNING)

    def write(self, **columns: object) -> None:
        """Change the row, or find out that it is no longer ours."""
        if not self.row().update(**columns):
            self.lost = True
            raise LeaseLost(str(self.run_id))

    def renew(self) -> None:
        """Live another while; the page that polls sees the progress."""
        until = timezone.now() + timedelta(seconds=settings.RUN_LEASE_S)
        self.write(lease_until=until, progress=self.progress)

    def start_again(self) -> None:
        """Forget what this claim has played so far; it counts as a lapse of the run."""
        self.progress = {}
        with transaction.atomic():
            self.write(lapses=F("lapses") + 1, progress={})
            TraceChunk.objects.filter(run_id=self.run_id).delete()

    def look(self) -> None:
        """Whether the owner wants to stop, and whether the run is still ours."""
        wish = self.row().values_list("stop_requested", flat=True).first()
        self.lost = wish is None
        self.stop_requested = bool(wish)

    @contextmanager
    def kept(self) -> Iterator["Lease"]:
        """Renew in the background until the block ends."""
        done = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(done,), name=f"lease-{self.run_id}", daemon=True)
        keeper.start()
        try:
            yield self
        finally:
            done.set()
            keeper.join()

    def _keep(self, done: threading.Event) -> None:
        waited = 0.0
        try:
            while not self.lost and not done.wait(LOOK_S):
                waited += LOOK_S
                self._live(renew=waited >= settings.RUN_RENEW_S)
                waited = 0.0 if waited >= settings.RUN_RENEW_S else waited
        finally:
            connection.close()

    def _live(self, *, renew: bool) -> None:
        try:
            self.look()
            if renew:
                self.renew()
        except LeaseLost:
            logger.warning("run %s: lease %s was lost", self.run_id, self.fence)
        except DatabaseError:  # the lease lapses by itself if this goes on
            logger.exception("run %s: lease could not be renewed", self.run_id)


def claim(run_id: UUID) -> Lease | None:
    """Win a waiting run, once; a second delivery of the same message gets None."""
    now = timezone.now()
    until = now + timedelta(seconds=settings.RUN_LEASE_S)
    with transaction.atomic():
        won = Run.objects.filter(pk=run_id, state=State.QUEUED).update(
            state=State.RUNNING, fence=F("fence") + 1, lease_until=until, started_at=now, progress={}
        )
        if not won:
            return None
        TraceChunk.objects.filter(run_id=run_id).delete()  # of a claim that did not come to its end
        fence = Run.objects.values_list("fence", flat=True).get(pk=run_id)
    return Lease(run_id, fence)
