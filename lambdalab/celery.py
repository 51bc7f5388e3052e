"""The Celery application. `lambdalab.web` loads it when Django is ready."""

import os

from celery import Celery

from lambdalab.settings.env import settings_module

os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module())

app = Celery("lambdalab")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
