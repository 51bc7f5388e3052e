"""Refuses demo accounts where everybody can reach them."""

from collections.abc import Sequence

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import DatabaseError

from lambdalab.accounts.queries import demo_accounts_exist


def no_demo_in_production(databases: Sequence[str] | None = None, **context: object) -> list[CheckMessage]:
    """Runs with `check --database default` and before each migration."""
    if settings.LAMBDALAB_ENV != "production" or not databases:
        return []
    try:
        found = demo_accounts_exist()
    except DatabaseError:  # the tables are not there yet
        return []
    hint = "Remove them: they have published passwords."
    return [Error("Demo accounts exist in production.", hint=hint, id="accounts.E001")] if found else []
