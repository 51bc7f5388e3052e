"""The app's configuration."""

from importlib import import_module

from django.apps import AppConfig

from lambdalab.web import content_sync, personal_data, progress


class LessonsConfig(AppConfig):
    """Registers what the lessons add to the site: figures to play, progress, and a person's data."""

    name = "lambdalab.lessons"
    label = "lessons"

    def ready(self) -> None:
        # Models can be imported from here on, not before.
        services = import_module("lambdalab.lessons.services")
        queries = import_module("lambdalab.lessons.queries")
        columns = import_module("lambdalab.lessons.progress")
        content_sync.register("figures", services.figures_sync)
        progress.register("lessons", columns.columns)
        personal_data.register("lessons", export=queries.reading_of)
