"""Shared parts of the site."""

from importlib import import_module

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Loads Celery's application once Django is ready, so that `lambdalab/__init__.py` can stay empty."""

    name = "lambdalab.web"
    label = "web"

    def ready(self) -> None:
        import_module("lambdalab.celery")
