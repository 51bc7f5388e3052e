"""Moments in the parameters of calls."""

from __future__ import annotations

import datetime as dt
from typing import Any


def moment_of(given: Any) -> dt.datetime | None:
    """A timestamp as botocore takes it: a moment, seconds since 1970, or a text; without a zone it is UTC.

    None for nothing, and for what is no moment.
    """
    if given is None:
        return None
    try:
        if isinstance(given, int | float):
            return dt.datetime.fromtimestamp(given, dt.UTC)
        found = given if isinstance(given, dt.datetime) else dt.datetime.fromisoformat(str(given))
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
