"""Makes and stops runs."""

from collections.abc import Mapping
from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lambdalab.accounts.models import User
from lambdalab.runs import live, queue
from lambdalab.runs.engine import engine_hash
from lambdalab.runs.models import IN_FLIGHT, PRIORITY, Purpose, Run, State
from lambdalab.runs.packing import pack_files

FILES_MAX = 200
BYTES_MAX = 4 * 1024 * 1024


class RunRefused(ValidationError):
    """The run was not made; the message is for the person who wanted it."""


def run_create(*, owner: User, purpose: str, subject: str, files: Mapping[str, bytes], seed: int | None = None) -> Run:
    """Make a run and hand it to a worker once the transaction is committed."""
    _check_size(files)
    with transaction.atomic():
        list(User.objects.select_for_update().filter(pk=owner.pk))  # one run of a person is numbered at a time
        _check_in_flight(owner, purpose)
        taken = Run.objects.filter(owner=owner, subject=subject).aggregate(last=Max("number"))["last"] or 0
        run = Run(
            owner=owner,
            purpose=purpose,
            subject=subject,
            number=taken + 1,
            project=pack_files(files),
            seed=seed,
            priority=PRIORITY[Purpose(purpose)],
        )
        run.save()
        transaction.on_commit(partial(queue.enqueue, run.pk, run.priority))
    return run


def run_stop(*, run: Run) -> None:
    """Stop a run: a waiting one at once, a running one at its worker's next look."""
    now = timezone.now()
    waiting = Run.objects.filter(pk=run.pk, state=State.QUEUED)
    if waiting.update(state=State.STOPPED, stopped="owner", stop_requested=True, ended_at=now):
        live.publish(run.pk, {"state": State.STOPPED, "settled": True})
    else:
        Run.objects.filter(pk=run.pk, state=State.RUNNING).update(stop_requested=True)


def figure_ensure(*, key: str, files: Mapping[str, bytes]) -> None:
    """Have a lesson's figure played, unless this content was already played by this engine."""
    engine = engine_hash()
    figures = Run.objects.filter(purpose=Purpose.FIGURE, subject=key, engine=engine)
    if figures.exclude(state=State.FAILED).exists():
        return
    run = Run(
        purpose=Purpose.FIGURE,
        subject=key,
        number=figures.count() + 1,
        project=pack_files(files),
        engine=engine,
        priority=PRIORITY[Purpose.FIGURE],
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
            transaction.on_commit(partial(queue.enqueue, run.pk, run.priority))
    except IntegrityError:  # another process was faster
        return


def _check_size(files: Mapping[str, bytes]) -> None:
    if len(files) > FILES_MAX or sum(map(len, files.values())) > BYTES_MAX:
        megabytes = BYTES_MAX // 1024 // 1024
        raise RunRefused(
            _("A project may have %(files)s files and %(megabytes)s MB.") % {"files": FILES_MAX, "megabytes": megabytes}
        )


def _check_in_flight(owner: User, purpose: str) -> None:
    """One person cannot keep everybody waiting. Graded answers are not theirs to hold back."""
    if purpose == Purpose.GRADE:
        return
    limit = settings.RUNS_IN_FLIGHT
    running = Run.objects.filter(owner=owner, state__in=IN_FLIGHT).exclude(purpose=Purpose.GRADE).count()
    if running >= limit:
        raise RunRefused(
            ngettext(
                "%(count)s run of yours is still going. Wait for it or stop it.",
                "%(count)s runs of yours are still going. Wait for one or stop one.",
                running,
            )
            % {"count": running}
        )
