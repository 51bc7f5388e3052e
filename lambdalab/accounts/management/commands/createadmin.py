"""manage.py createadmin"""

import getpass
import sys

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lambdalab.accounts import services
from lambdalab.accounts.models import Role


class Command(BaseCommand):
    """The first person of a new installation."""

    help = "Make an administrator. The password is asked for, or read from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="Administrator")
        parser.add_argument("--email", default="", help="needed only to reset the password")

    def handle(self, *args: object, **options: str) -> None:
        try:
            user = services.user_create(
                username=options["username"],
                name=options["name"],
                email=options["email"],
                password=_password(),
                role=Role.ADMINISTRATOR,
            )
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from None
        self.stdout.write(f"{user.username} can sign in and runs the house.")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("Again: "):
        raise CommandError("The two passwords differ.")
    return password
