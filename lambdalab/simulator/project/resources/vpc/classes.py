"""DB instance classes and their memory. Source: Amazon RDS User Guide, "Hardware specifications for DB instance
classes", read 2026-10; medium confidence for the newest."""

from __future__ import annotations

import re

# GiB of the size "large"; each step doubles it. The burstable classes go below.
_LARGE_GIB = {"t3": 8, "t4g": 8, "m": 8, "r": 16, "x": 64}
_STEPS = {"micro": -3, "small": -2, "medium": -1, "large": 0, "xlarge": 1, "2xlarge": 2}
_CLASS = re.compile(r"db\.(t3|t4g|m|r|x)(?:[0-9][a-z]*)?\.(micro|small|medium|large|(\d{1,2})?xlarge)")


def memory_gib(name: str) -> float | None:
    """The memory of a class like ``db.t4g.micro`` or ``db.r6g.4xlarge``; None for one that we do not know."""
    found = _CLASS.fullmatch(name)
    if found is None:
        return None
    family, size, times = found.groups()
    burstable = family in ("t3", "t4g")
    if burstable is not (name.split(".")[1] == family) or (not burstable and size in ("micro", "small")):
        return None
    if times is not None:
        return float(_LARGE_GIB[family] * 2 * int(times))
    return float(_LARGE_GIB[family] * 2.0 ** _STEPS[size])
