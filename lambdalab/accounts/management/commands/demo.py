"""manage.py demo"""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lambdalab.accounts import demo


class Command(BaseCommand):
    """One sign-in for each role, on a machine that only its owner reaches."""

    help = "Make the demo class and print one sign-in for each role. Refused in production."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--remove", action="store_true", help="remove the demo accounts and all they made")

    def handle(self, *args: object, remove: bool = False, **options: object) -> None:
        if remove:
            self.stdout.write(f"{demo.demo_remove()} demo accounts removed.")
            return
        if settings.LAMBDALAB_ENV == "production":
            raise CommandError("Demo accounts have published passwords; production gets none. Use createadmin.")
        for each in demo.demo_create():
            password = each.password or "(changed by somebody)"
            self.stdout.write(f"{each.role:<15} {each.username:<12} {password}")
