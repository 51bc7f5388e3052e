"""What an assumption is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assumption:
    """One decision of the model that AWS's documentation does not settle. ``id`` is its number, like ``A-07``."""

    id: str
    title: str
    text: str

    @property
    def number(self) -> int:
        """The number as a number."""
        return int(self.id.removeprefix("A-"))
