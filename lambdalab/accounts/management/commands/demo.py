"""manage.py demo"""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lambdalab.accounts import demo


class Command(BaseCommand):
    """One sign-in for each role, on a machine that only its owner reaches."""

    help = "Make the demo class and print one sign-in for each role. Refused in production."

    def handle(self, *args: object, **options: object) -> None:
        if settings.LAMBDALAB_ENV == "production":
            raise CommandError(
                "Demo accounts have published passwords; production gets none. Use createadmin."
            )
        for each in demo.demo_create():
            password = each.password or "(changed by somebody)"
            self.stdout.write(f"{each.role:<15} {each.username:<12} {password}")
