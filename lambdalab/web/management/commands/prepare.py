"""manage.py prepare"""

import sys

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

FULL = "disk is full"


class Command(BaseCommand):
    """What `make run` does in one process before it starts the others."""

    help = "Migrate the database, sync the content, make the demo accounts and print their sign-ins."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--public", action="store_true", help="others reach this machine: no demo accounts")

    def handle(self, *args: object, public: bool, **options: object) -> None:
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except DatabaseError as problem:
            raise CommandError(_sentence(problem)) from None
        if public:
            _refuse_demo()
        call_command("content", "sync", stdout=sys.stderr)
        if not public:
            call_command("demo", stdout=self.stdout)


def _sentence(problem: DatabaseError) -> str:
    name = settings.DATABASES["default"]["NAME"]
    says = str(problem).strip().splitlines()[0]
    if FULL in says:
        return f"The disk is full: {name} cannot grow. Fix: free some space there."
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return f"The database {name} cannot be used: {says}. Fix: restore a copy, or start afresh: mv {name} {name}.old"
    return f"The database cannot be used: {says}. Fix: look at LAMBDALAB_DATABASE_URL."


def _refuse_demo() -> None:
    """Their passwords are published."""
    if apps.get_model("accounts", "User").objects.filter(is_demo=True, is_active=True).exists():
        raise CommandError(
            "Demo accounts exist, and their passwords are known to everybody, so this is only served on 127.0.0.1. "
            "Fix: remove them with .venv/bin/python manage.py demo --remove"
        )
