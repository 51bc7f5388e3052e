"""Whether the parts that a page needs answer."""

import logging
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import connection

logger = logging.getLogger(__name__)


def report() -> dict[str, object]:
    """One word a part; `ok` when all of them answer."""
    parts = {"database": _answers("database", _database), "redis": _answers("redis", _redis)}
    return {"ok": all(parts.values()), **{name: "ok" if up else "down" for name, up in parts.items()}}


def _answers(name: str, ask: Callable[[], None]) -> bool:
    try:
        ask()
    except Exception:
        logger.exception("health: %s does not answer", name)
        return False
    return True


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _redis() -> None:
    if settings.REDIS_URL:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2) as client:
            client.ping()
