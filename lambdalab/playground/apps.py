"""The app's configuration."""

from django.apps import AppConfig


class PlaygroundConfig(AppConfig):
    """Named after its folder."""

    name = "lambdalab.playground"
    label = "playground"
