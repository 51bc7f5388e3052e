"""manage.py runs_role"""

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from lambdalab.runs.role import role_grant
from lambdalab.settings.env import current


class Command(BaseCommand):
    """The database role of the run workers."""

    help = "Make the PostgreSQL role lambdalab_runs, which reaches the tables of runs alone (LAMBDALAB_RUNS_PASSWORD)."

    def handle(self, *args: object, **options: object) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("Only PostgreSQL has roles.")
        password = current().runs_password
        if not password:
            raise CommandError("LAMBDALAB_RUNS_PASSWORD is empty.")
        role_grant(password)
        self.stdout.write("Run workers sign in as lambdalab_runs and see the tables of runs alone.")
