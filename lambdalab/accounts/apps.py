"""People and classes: the base that every app may import."""

from importlib import import_module

from django.apps import AppConfig
from django.core.checks import Tags, register

from lambdalab.web import personal_data


class AccountsConfig(AppConfig):
    """Registers this app's checks and its part of personal data."""

    name = "lambdalab.accounts"
    label = "accounts"

    def ready(self) -> None:
        personal_data.register("account", export=import_module("lambdalab.accounts.data").export)
        checks = import_module("lambdalab.accounts.checks")
        register(checks.no_demo_in_production, Tags.database)
