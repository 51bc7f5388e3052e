"""What the site holds about a person: each app adds its part, so that export and deletion stay complete.

An app registers in `AppConfig.ready()`. `export` returns what belongs to the person as JSON-able data (dates
and UUIDs may stay what they are). `erase` is for what the database's own cascade does not reach; it runs in
the transaction that deletes the person, before the person's row goes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdalab.accounts.models import User


@dataclass(frozen=True, slots=True)
class Part:
    """One app's part of a person's data."""

    name: str
    export: Callable[["User"], object]
    erase: Callable[["User"], None] | None


_parts: dict[str, Part] = {}


def register(name: str, *, export: Callable[["User"], object], erase: Callable[["User"], None] | None = None) -> None:
    """Add a part; a name that is already there is replaced, since `ready()` may run twice in tests."""
    _parts[name] = Part(name, export, erase)


def export(user: "User") -> dict[str, object]:
    """Everything about `user`, by the name of its part."""
    return {name: part.export(user) for name, part in sorted(_parts.items())}


def erase(user: "User") -> None:
    """Let each part remove what a cascade would leave."""
    for part in _parts.values():
        if part.erase:
            part.erase(user)
