"""The app's configuration."""

from django.apps import AppConfig


class LessonsConfig(AppConfig):
    """Named after its folder."""

    name = "lambdalab.lessons"
    label = "lessons"
