"""Rows inside a lane: what goes on at the same time stands under each other."""

from __future__ import annotations

ROWS_MAX = 8
FOR_EVER = 1 << 62


class Stack:
    """The rows of one lane. When all are taken, the one that is free first takes another thing in."""

    def __init__(self) -> None:
        self._until: list[int] = []

    def take(self, at: int, until: int = FOR_EVER) -> int:
        """The first row that is free at ``at``; it is taken up to ``until``, or until :meth:`free`."""
        rows = self._until
        row = next((n for n, taken in enumerate(rows) if taken <= at), len(rows))
        if row == len(rows) and row < ROWS_MAX:
            rows.append(until)
        elif row == len(rows):
            row = rows.index(min(rows))
        rows[row] = max(rows[row], until)
        return row

    def free(self, row: int, at: int) -> None:
        """What was in a row has ended."""
        self._until[row] = at

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(self._until)
