"""What beat looks after: runs whose worker fell silent, messages that were lost, and old traces."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from lambdalab.runs import live, queue
from lambdalab.runs.engine import engine_hash
from lambdalab.runs.models import LAPSES_FORGIVEN, SETTLED, Purpose, Run, State, TraceChunk

MESSAGE_LOST_S = 60


def settle_lapsed() -> None:
    """Put runs of silent workers back once, then fail them with a reason; repeat messages that were lost."""
    now = timezone.now()
    lapsed = Run.objects.filter(state=State.RUNNING, lease_until__lt=now)
    for run in lapsed.only("pk", "fence", "lapses", "priority"):
        if run.lapses < LAPSES_FORGIVEN:
            _put_back(run)
        else:
            _fail(run)
    _repeat_lost_messages()


def _still_lapsed(run: Run) -> dict[str, object]:
    """Conditions under which nobody renewed or finished the run since it was read."""
    return {"pk": run.pk, "fence": run.fence, "state": State.RUNNING, "lease_until__lt": timezone.now()}


def _put_back(run: Run) -> None:
    """The fence grows, so that the silent worker can write nothing when it wakes up."""
    won = Run.objects.filter(**_still_lapsed(run)).update(
        state=State.QUEUED,
        fence=F("fence") + 1,
        lapses=F("lapses") + 1,
        lease_until=None,
        enqueued_at=timezone.now(),
    )
    if won:
        live.publish(run.pk, {"state": State.QUEUED})
        queue.enqueue(run.pk, run.priority)


def _fail(run: Run) -> None:
    won = Run.objects.filter(**_still_lapsed(run)).update(
        state=State.FAILED,
        fence=F("fence") + 1,
        lease_until=None,
        ended_at=timezone.now(),
        failure=_(
            "Two workers, or a sandbox and a worker, stopped answering while they played this run, so it is not tried "
            "a third time."
        ),
    )
    if won:
        live.publish(run.pk, {"state": State.FAILED, "settled": True})


def _repeat_lost_messages() -> None:
    """The row is the truth: a run that waits and has no message (Redis was restarted) gets another one."""
    now = timezone.now()
    silent = Run.objects.filter(state=State.QUEUED, enqueued_at__lt=now - timedelta(seconds=MESSAGE_LOST_S))
    for run in silent.only("pk", "enqueued_at", "priority").order_by("created_at"):
        if silent.filter(pk=run.pk, enqueued_at=run.enqueued_at).update(enqueued_at=now):
            queue.enqueue(run.pk, run.priority)


@transaction.atomic
def forget_old() -> None:
    """Remove traces and players past their retention, and figures that this engine no longer shows."""
    now = timezone.now()
    past = Run.objects.filter(
        state__in=SETTLED, ended_at__lt=now - timedelta(days=settings.RUN_RETENTION_DAYS), forgotten_at=None
    )
    past.filter(purpose=Purpose.FIGURE).exclude(engine=engine_hash()).delete()
    old = past.filter(purpose__in=(Purpose.PLAY, Purpose.PREDICT))
    TraceChunk.objects.filter(run__in=old).delete()
    old.update(player=None, forgotten_at=now)
