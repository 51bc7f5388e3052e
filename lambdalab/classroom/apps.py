"""The instructor's side: classes, their members, and how far they are."""

from django.apps import AppConfig


class ClassroomConfig(AppConfig):
    """Has no models of its own; classes live in `accounts`."""

    name = "lambdalab.classroom"
    label = "classroom"
