"""The app's configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Named after its folder."""

    name = "lambdalab.accounts"
    label = "accounts"
