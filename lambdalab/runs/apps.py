"""Runs: the base app that plays scenarios for every other one."""

from importlib import import_module

from django.apps import AppConfig

from lambdalab.web import personal_data


class RunsConfig(AppConfig):
    """Registers this app's part of personal data."""

    name = "lambdalab.runs"
    label = "runs"

    def ready(self) -> None:
        personal_data.register("runs", export=import_module("lambdalab.runs.data").export)
