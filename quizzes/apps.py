"""The app's configuration."""

from django.apps import AppConfig


class QuizzesConfig(AppConfig):
    """Named after its folder."""

    name = "quizzes"
    label = "quizzes"
