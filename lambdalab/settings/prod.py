"""Settings of a classroom: every secret has to be given, nothing starts without it."""

import secrets

from lambdalab.settings.env import EnvironmentProblem
from lambdalab.settings.installed import *  # noqa: F403
from lambdalab.settings.installed import ENVIRONMENT
from lambdalab.settings.required import missing

if problems := missing(ENVIRONMENT):
    raise EnvironmentProblem("LAMBDALAB_ENV=production cannot start: " + "; ".join(problems) + ".")

DEBUG = False
SECRET_KEY = ENVIRONMENT.secret_key or secrets.token_urlsafe(50)  # the latter signs nothing that anybody reads
ALLOWED_HOSTS = list(ENVIRONMENT.hosts)
CSRF_TRUSTED_ORIGINS = list(ENVIRONMENT.origins)

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

SECURE_SSL_REDIRECT = ENVIRONMENT.https
SECURE_REDIRECT_EXEMPT = [r"^health/$"]  # asked by the container engine over plain HTTP
SECURE_HSTS_SECONDS = 31_536_000 if ENVIRONMENT.https else 0
SESSION_COOKIE_SECURE = ENVIRONMENT.https
CSRF_COOKIE_SECURE = ENVIRONMENT.https
if ENVIRONMENT.proxies:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
