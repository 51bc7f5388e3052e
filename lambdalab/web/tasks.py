"""Housekeeping of the site."""

from celery import shared_task
from django.core.management import call_command


@shared_task(name="web.clear_sessions", ignore_result=True)  # type: ignore[untyped-decorator]
def clear_sessions() -> None:
    """Forget sessions that have expired."""
    call_command("clearsessions")
