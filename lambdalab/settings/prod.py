"""Settings of a classroom: every secret has to be given, nothing starts without it."""

from lambdalab.settings.env import Environment, EnvironmentProblem
from lambdalab.settings.installed import *  # noqa: F403
from lambdalab.settings.installed import ENVIRONMENT


def missing(env: Environment) -> list[str]:
    """One sentence for each thing that production cannot do without."""
    wishes = {
        "LAMBDALAB_SECRET_KEY needs at least 50 random characters": len(env.secret_key) >= 50,
        "LAMBDALAB_HOSTS needs the host names that students type": bool(env.hosts),
        "LAMBDALAB_DATABASE_URL needs the address of a PostgreSQL database": bool(env.database_url),
        "LAMBDALAB_REDIS_URL needs the address of a Redis server": bool(env.redis_url),
        "LAMBDALAB_SANDBOX_SOCKET needs the path of sandboxd's socket": bool(env.sandbox_socket),
        "LAMBDALAB_HOME needs the folder of the jail's runtime and code": bool(env.home),
        "LAMBDALAB_DEBUG must be off": not env.debug,
    }
    return [wish for wish, granted in wishes.items() if not granted]


if problems := missing(ENVIRONMENT):
    raise EnvironmentProblem("LAMBDALAB_ENV=production cannot start: " + "; ".join(problems) + ".")

DEBUG = False
SECRET_KEY = ENVIRONMENT.secret_key
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
