"""The app's configuration."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    """Named after its folder."""

    name = "lambdalab.runs"
    label = "runs"
