"""Addresses for the workers: ids in, nothing out."""

from uuid import UUID

from celery import shared_task
from django.conf import settings

from lambdalab.runs import engine, execution, lapses

SECONDS_MAX = 2 * (settings.RUN_WALL_S + engine.PATIENCE_S) + 45  # a run whose sandbox died is played twice


@shared_task(  # type: ignore[untyped-decorator]
    name="runs.carry_out",  # explicit: renaming a module must not orphan queued messages
    acks_late=True,  # safe because lease.claim() makes a second delivery a no-op
    soft_time_limit=SECONDS_MAX,  # raises inside the task: the run is stored as failed
    time_limit=SECONDS_MAX + 15,  # kills the pool process; the lease lapses after it
    ignore_result=True,  # the row is the result
)
def carry_out(run_id: str) -> None:
    """Carry out one run."""
    execution.carry_out(UUID(run_id))


@shared_task(name="runs.settle_lapsed", ignore_result=True, expires=10)  # type: ignore[untyped-decorator]
def settle_lapsed() -> None:
    """Look after runs whose worker fell silent."""
    lapses.settle_lapsed()


@shared_task(name="runs.tidy_code", ignore_result=True, expires=3600)  # type: ignore[untyped-decorator]
def tidy_code() -> None:
    """Keep the store of students' code within its bounds."""
    engine.remove_unused_code()


@shared_task(name="runs.forget_old", ignore_result=True)  # type: ignore[untyped-decorator]
def forget_old() -> None:
    """Keep to the retention setting."""
    lapses.forget_old()
