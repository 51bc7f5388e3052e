"""Shared parts of the site."""

from importlib import import_module

from django.apps import AppConfig
from django.core.checks import Tags, register


class WebConfig(AppConfig):
    """Registers this app's checks, and loads Celery's application once Django is ready, so that
    `lambdalab/__init__.py` can stay empty."""

    name = "lambdalab.web"
    label = "web"

    def ready(self) -> None:
        register(import_module("lambdalab.web.checks").front_end_is_built, Tags.staticfiles)
        import_module("lambdalab.celery")
