"""Which engine played a run: changes whenever the code of simulator, sandbox or runtime changes."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from lambdalab.simulator.engine import ENGINE

PACKAGES = ("simulator", "sandbox", "runtime")


@lru_cache(maxsize=1)
def engine_hash() -> str:
    """A digest over the source of everything that decides what a run does. Figures are keyed by it."""
    total = hashlib.sha256(ENGINE.encode())
    root = Path(__file__).resolve().parent.parent
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*")):
            if path.suffix in (".py", ".c", ".txt"):
                total.update(f"{path.relative_to(root)}:".encode())
                total.update(path.read_bytes())
    return total.hexdigest()[:16]
