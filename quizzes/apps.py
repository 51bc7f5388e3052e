"""The app's configuration."""

from importlib import import_module

from django.apps import AppConfig

from lambdalab.web import content_sync, personal_data, progress


class QuizzesConfig(AppConfig):
    """Registers what the quizzes add to the site. The modules need loaded models, so they are imported late."""

    name = "quizzes"
    label = "quizzes"

    def ready(self) -> None:
        sync = import_module("quizzes.sync")
        content_sync.register("quizzes", sync.sync)
        content_sync.register_check("quizzes", sync.check)
        data = import_module("quizzes.data")
        personal_data.register("quizzes", export=data.export, erase=data.erase)
        progress.register("quizzes", import_module("quizzes.progress").columns)
