"""Settings of the tests: nothing of this machine's environment but the test database."""

import os
from pathlib import Path

import dj_database_url

from lambdalab.settings.base import *  # noqa: F403
from lambdalab.settings.base import BASE_DIR
from lambdalab.settings.env import PREFIX, read

_given = f"{PREFIX}TEST_DATABASE_URL"
ENVIRONMENT = read({_given: os.environ.get(_given, "")})
VAR_DIR = BASE_DIR / "var" / "test"
LAMBDALAB_ENV = "test"

DEBUG = False
SECRET_KEY = "only-for-tests"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
DATABASES = {
    "default": dj_database_url.parse(ENVIRONMENT.test_database_url)
    if ENVIRONMENT.test_database_url
    else {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
}
REDIS_URL = ""  # no live progress: pages fall back to the database; tests of it start their own server
CELERY_BROKER_URL = "memory://"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
DEFAULT_FROM_EMAIL = ENVIRONMENT.email_from
TIME_ZONE = "UTC"
STATICFILES_DIRS = []  # tests need no built front end
WHITENOISE_AUTOREFRESH = True

TRUSTED_PROXIES = ENVIRONMENT.proxies
SIGN_IN_TRIES = ENVIRONMENT.sign_in_tries
SIGN_IN_TRIES_PER_ADDRESS = ENVIRONMENT.sign_in_tries_per_address
SIGN_IN_WINDOW_S = ENVIRONMENT.sign_in_window_s

SANDBOX_SOCKET = VAR_DIR / "sandboxd.sock"
SANDBOX_HOME: Path | None = None
RUNS_IN_FLIGHT = ENVIRONMENT.runs_in_flight
RUN_WALL_S = ENVIRONMENT.run_wall_s
RUN_CPU_S = ENVIRONMENT.run_cpu_s
RUN_ENVIRONMENTS = ENVIRONMENT.run_environments
RUN_HELD_BYTES = ENVIRONMENT.run_held_mb * 1024 * 1024
RUN_TRACE_BYTES = ENVIRONMENT.run_trace_mb * 1024 * 1024
RUN_LEASE_S = ENVIRONMENT.run_lease_s
RUN_RENEW_S = ENVIRONMENT.run_renew_s
RUN_RETENTION_DAYS = ENVIRONMENT.run_retention_days
CODE_UNUSED_S = ENVIRONMENT.code_days * 86_400
CODE_BYTES = ENVIRONMENT.code_mb * 1024 * 1024
