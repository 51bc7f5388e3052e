"""Whether the parts that a page needs answer, and what confines students' code."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import connection

logger = logging.getLogger(__name__)

LAYERS_KEY = "health/layers"
LAYERS_KEPT_S = 7 * 86_400


def report() -> dict[str, object]:
    """One word a part; `ok` when database and Redis answer. The sandbox is `unknown` until a run has been played."""
    parts = {"database": _answers("database", _database), "redis": _answers("redis", _redis)}
    words = {name: "ok" if up else "down" for name, up in parts.items()}
    return {"ok": all(parts.values()), **words, "sandbox": "ok" if layers() else "unknown"}


def note_layers(found: Sequence[dict[str, Any]]) -> None:
    """A worker has spoken with sandboxd, which lets no code run unless all that is required is at work."""
    cache.set(LAYERS_KEY, list(found), LAYERS_KEPT_S)


def layers() -> list[dict[str, Any]]:
    """The layers that confine students' code, as a worker has noted them last; empty when none did."""
    try:
        noted: list[dict[str, Any]] = cache.get(LAYERS_KEY, [])
    except Exception:
        logger.exception("health: the cache does not answer")
        return []
    return noted


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
