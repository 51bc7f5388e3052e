"""Settings of an installation, whatever its kind: `base` filled in from the environment."""

from lambdalab.settings.base import *  # noqa: F403
from lambdalab.settings.base import broker_url, database, logging_to_console, redis_url, var_folder
from lambdalab.settings.env import current

ENVIRONMENT = current()
VAR_DIR = var_folder(ENVIRONMENT)

LAMBDALAB_ENV = ENVIRONMENT.env
DATABASES = {"default": database(ENVIRONMENT.database_url, VAR_DIR)}
REDIS_URL = redis_url(ENVIRONMENT)
CELERY_BROKER_URL = broker_url(REDIS_URL)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"serializer": "lambdalab.web.cache.JsonSerializer"},
    }
}
LOGGING = logging_to_console(ENVIRONMENT.log_level)
TIME_ZONE = ENVIRONMENT.time_zone

EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if ENVIRONMENT.email_host else 'console'}.EmailBackend"
EMAIL_HOST = ENVIRONMENT.email_host
EMAIL_PORT = ENVIRONMENT.email_port
EMAIL_HOST_USER = ENVIRONMENT.email_user
EMAIL_HOST_PASSWORD = ENVIRONMENT.email_password
EMAIL_USE_TLS = ENVIRONMENT.email_security == "starttls"
EMAIL_USE_SSL = ENVIRONMENT.email_security == "tls"
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = ENVIRONMENT.email_from

SESSION_COOKIE_AGE = ENVIRONMENT.session_days * 86_400
TRUSTED_PROXIES = ENVIRONMENT.proxies
SIGN_IN_TRIES = ENVIRONMENT.sign_in_tries
SIGN_IN_TRIES_PER_ADDRESS = ENVIRONMENT.sign_in_tries_per_address
SIGN_IN_WINDOW_S = ENVIRONMENT.sign_in_window_s

SANDBOX_SOCKET = ENVIRONMENT.sandbox_socket or VAR_DIR / "sandboxd.sock"
SANDBOX_HOME = ENVIRONMENT.home
RUNS_IN_FLIGHT = ENVIRONMENT.runs_in_flight
RUN_WALL_S = ENVIRONMENT.run_wall_s
RUN_CPU_S = ENVIRONMENT.run_cpu_s
RUN_ENVIRONMENTS = ENVIRONMENT.run_environments
RUN_HELD_BYTES = ENVIRONMENT.run_held_mb * 1024 * 1024
RUN_TRACE_BYTES = ENVIRONMENT.run_trace_mb * 1024 * 1024
RUN_LEASE_S = ENVIRONMENT.run_lease_s
RUN_RENEW_S = ENVIRONMENT.run_renew_s
RUN_RETENTION_DAYS = ENVIRONMENT.run_retention_days
# KB; a run worker has about 100 MB. One that has kept more is replaced between two runs, since a run is held to what it
# adds (RUN_HELD_BYTES) and not to what was there.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400 * 1024
CODE_UNUSED_S = ENVIRONMENT.code_days * 86_400
CODE_BYTES = ENVIRONMENT.code_mb * 1024 * 1024
