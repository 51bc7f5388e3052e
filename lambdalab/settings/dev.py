"""Settings of `make run`: one machine, its own database file, no secret to type."""

import contextlib
import os
import secrets
from pathlib import Path

from lambdalab.settings.installed import *  # noqa: F403
from lambdalab.settings.installed import ENVIRONMENT, VAR_DIR

NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


def kept_secret(file: Path) -> str:
    """This machine's key, made at the first start, so that a restart signs nobody out."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError), os.fdopen(os.open(file, NEW, 0o600), "w") as new:
        new.write(secrets.token_urlsafe(50))
    return file.read_text()


DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key or kept_secret(VAR_DIR / "secret_key")
ALLOWED_HOSTS = [*ENVIRONMENT.hosts, "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = list(ENVIRONMENT.origins)

# Files straight from static/build, so that a rebuilt script is there at the next reload.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
