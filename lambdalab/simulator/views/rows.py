"""Rows inside a queue's lane: events that wait at the same time stand under each other."""

from __future__ import annotations

from lambdalab.simulator.views.fold import QueuedEvents

ROWS_MAX = 8


class Rows:
    """Gives each waiting event a row of its lane and takes it back when the event is done.

    While one copy of an event waits, another may wait, too (delivery is at least once): the second stands in a row of
    its own, under the event's name and a tick.
    """

    def __init__(self) -> None:
        self._rows: dict[str, tuple[str, int]] = {}
        self._taken: dict[str, dict[int, int]] = {}
        self._waits: dict[str, int] = {}
        self._events = QueuedEvents()

    def meet(self, request_id: str) -> None:
        """Note an event of the asynchronous queue."""
        self._events.enter(request_id)

    def duplicate(self, request_id: str) -> None:
        """It will be delivered once more."""
        self._events.duplicate(request_id)

    def knows(self, request_id: str) -> bool:
        """Whether the request is an event of the asynchronous queue that is not done yet."""
        return request_id in self._events

    def row(self, lane: str, request_id: str) -> int:
        """The event's row, from 0: the first free one; when all are taken, the least crowded."""
        if request_id in self._rows:
            return self._rows[request_id][1]
        row = self.passing(lane)
        self._rows[request_id] = (lane, row)
        return row

    def passing(self, lane: str) -> int:
        """A row for a request that comes once and is not heard of again."""
        taken = self._taken.setdefault(lane, dict.fromkeys(range(ROWS_MAX), 0))
        row = min(taken, key=lambda r: (taken[r], r))
        taken[row] += 1
        return row

    def waiting(self, lane: str, request_id: str, at: int, until: int) -> int:
        """The row of an event that waits from ``at`` to ``until``: its own, or that of its second copy."""
        waiter = request_id
        while self._waits.get(waiter, at) > at:
            waiter += "'"
        self._waits[waiter] = until
        return self.row(lane, waiter)

    def free(self, request_id: str) -> None:
        """One copy of the event is done. With the last one, all that is known of it is forgotten."""
        self._free(request_id)
        if self._events.leave(request_id):
            while self._waits.pop(request_id, None) is not None:
                request_id += "'"
                self._free(request_id)

    def _free(self, waiter: str) -> None:
        if waiter in self._rows:
            lane, row = self._rows.pop(waiter)
            self._taken[lane][row] -= 1
