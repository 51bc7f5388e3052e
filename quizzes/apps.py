"""The app's configuration."""

from django.apps import AppConfig


class QuizzesConfig(AppConfig):
    """Registers what the quizzes add to the site."""

    name = "quizzes"
    label = "quizzes"
