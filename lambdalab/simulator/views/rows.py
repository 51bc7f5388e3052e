"""Rows inside a queue's lane: events that wait at the same time stand under each other."""

from __future__ import annotations

ROWS_MAX = 8


class Rows:
    """Gives each waiting event a row of its lane and takes it back when the event is done."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[str, int]] = {}
        self._taken: dict[str, dict[int, int]] = {}
        self._met: set[str] = set()

    def meet(self, request_id: str) -> None:
        """Note an event of the asynchronous queue."""
        self._met.add(request_id)

    def knows(self, request_id: str) -> bool:
        """Whether the request is an event of the asynchronous queue."""
        return request_id in self._met

    def row(self, lane: str, request_id: str) -> int:
        """The event's row, from 0: the first free one; when all are taken, the least crowded."""
        if request_id in self._rows:
            return self._rows[request_id][1]
        taken = self._taken.setdefault(lane, dict.fromkeys(range(ROWS_MAX), 0))
        row = min(taken, key=lambda r: (taken[r], r))
        taken[row] += 1
        self._rows[request_id] = (lane, row)
        return row

    def free(self, request_id: str) -> None:
        """The event is done."""
        if request_id in self._rows:
            lane, row = self._rows.pop(request_id)
            self._taken[lane][row] -= 1
