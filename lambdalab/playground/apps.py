"""The app's configuration."""

from importlib import import_module

from django.apps import AppConfig

from lambdalab.web import personal_data


class PlaygroundConfig(AppConfig):
    """Registers what the labs hold about a person."""

    name = "lambdalab.playground"
    label = "playground"

    def ready(self) -> None:
        queries = import_module("lambdalab.playground.queries")  # models can be imported from here on
        personal_data.register("labs", export=queries.drafts_of)
