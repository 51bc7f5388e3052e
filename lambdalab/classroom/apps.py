"""The app's configuration."""

from django.apps import AppConfig


class ClassroomConfig(AppConfig):
    """Named after its folder."""

    name = "lambdalab.classroom"
    label = "classroom"
