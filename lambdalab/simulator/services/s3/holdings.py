"""How many bytes the buckets of a run hold: moto keeps them in memory, so there is a bound."""

from __future__ import annotations

HELD_BYTES_MAX = 256 * 1024 * 1024  # ours: objects, their versions, and parts of uploads that are not complete


class Holdings:
    """Counts what is held, by whatever identifies it."""

    def __init__(self) -> None:
        self.total = 0
        self._sizes: dict[tuple[str, ...], int] = {}

    def put(self, size: int, *what: str) -> None:
        """``what`` is held now, instead of what was held under the same name."""
        self.drop(*what)
        self._sizes[what] = size
        self.total += size

    def drop(self, *what: str) -> None:
        """``what`` is gone."""
        self.total -= self._sizes.pop(what, 0)

    def drop_all(self, *beginning: str) -> None:
        """Everything whose name begins so is gone: the parts of an upload."""
        for what in [each for each in self._sizes if each[: len(beginning)] == beginning]:
            self.drop(*what)
