"""Settings that hold everywhere. What differs between machines comes from `env`."""

from pathlib import Path

import dj_database_url
from csp.constants import NONCE, SELF, UNSAFE_INLINE

from lambdalab.settings.env import PROJECT, Environment


def var_folder(env: Environment) -> Path:
    """Where this installation keeps its own files."""
    return env.var or PROJECT / "var"


def redis_url(env: Environment) -> str:
    """The Redis of this installation: by default the embedded one, on a Unix socket."""
    return env.redis_url or f"unix://{var_folder(env) / 'redis.sock'}"


def broker_url(url: str) -> str:
    """The same Redis in the spelling of Celery's transport."""
    return url.replace("unix://", "redis+socket://", 1)


def database(url: str, var: Path) -> dict[str, object]:
    """The database by URL; without one, a SQLite file that readers and one writer can share."""
    if url:
        return {**dj_database_url.parse(url, conn_max_age=0), "CONN_HEALTH_CHECKS": True}
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": var / "lambdalab.sqlite3",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",  # a writer waits for its turn instead of failing half-way
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        },
    }


BASE_DIR = PROJECT
CONTENT_DIR = BASE_DIR / "lambdalab" / "content"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "lambdalab.web",
    "lambdalab.accounts",
    "lambdalab.runs",
    "lambdalab.lessons",
    "lambdalab.playground",
    "lambdalab.classroom",
    "quizzes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lambdalab.web.middleware.SignInRequiredMiddleware",
    "lambdalab.web.middleware.TimeZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lambdalab.web.context.site",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

ROOT_URLCONF = "lambdalab.urls"
ASGI_APPLICATION = "lambdalab.asgi.application"
WSGI_APPLICATION = "lambdalab.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # user names are unique in any letter case, by a constraint
AUTHENTICATION_BACKENDS = ["lambdalab.accounts.backends.NameOrEmailBackend"]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "course-map"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

SESSION_ENGINE = "django.contrib.sessions.backends.db"  # survives a restart of every process
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "lambdalab.web.views.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src-elem": [SELF, NONCE],
        "style-src-attr": [UNSAFE_INLINE],  # the timeline places its bars; CodeMirror its cursor
        "img-src": [SELF, "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static" / "build"]

DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024  # bytes; a project's files travel in one form
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ROUTES = {
    "runs.carry_out": {"queue": "runs"},
    "runs.tidy_code": {"queue": "runs", "priority": 6},  # the store is theirs; nobody waits for this
}
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # code that killed one worker must not be handed the next
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = "UTC"
# Priorities go to separate lists in Redis, read in this order: a student waiting, a grade, a figure.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,  # seconds; far above the hard limit of a run
    "priority_steps": [0, 3, 6],
    "queue_order_strategy": "priority",
}
CELERY_BEAT_SCHEDULE = {
    "lapsed-runs": {"task": "runs.settle_lapsed", "schedule": 10.0},
    "old-code": {"task": "runs.tidy_code", "schedule": 3600.0},
    "old-runs": {"task": "runs.forget_old", "schedule": 3600.0},
    "old-sessions": {"task": "web.clear_sessions", "schedule": 86_400.0},
}


def logging_to_console(level: str) -> dict[str, object]:
    """One line a record on standard error: ids and counts, never code, payloads or tokens."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {"django": {"handlers": ["console"], "level": level, "propagate": False}},
    }
