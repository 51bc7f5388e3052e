"""The cache of one edge location, for one distribution."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.services.http.cloudfront.keys import Key
from lambdalab.simulator.services.http.messages import HttpResponse, size_of

BYTES_MAX = 64 * 1024 * 1024  # ours: CloudFront names no size, and lets go what is asked for least
ENTRIES_MAX = 10_000  # ours, likewise


@dataclass(frozen=True, slots=True)
class Entry:
    """A response that is kept since ``stored_at``, and fresh until ``fresh_until``.

    ``error``: the origin answered so, and no function runs at its viewer response. ``page``: it is an error page of the
    distribution's own.
    """

    response: HttpResponse
    stored_at: Micros
    fresh_until: Micros
    error: bool = False
    page: bool = False

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.response.body) + size_of(self.response.headers)


class Cache:
    """Responses by key. The least recently used go first when there is no room (assumption A-132)."""

    def __init__(self, bytes_max: int = BYTES_MAX, entries_max: int = ENTRIES_MAX) -> None:
        self._bytes_max = bytes_max
        self._entries_max = entries_max
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def bytes_held(self) -> int:
        """The size of all that is kept."""
        return self._bytes

    def get(self, key: Key) -> Entry | None:
        """What is kept under a key, fresh or not."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def put(self, key: Key, entry: Entry) -> bool:
        """Keep a response; false when it is larger than the whole cache."""
        self.drop(key)
        if entry.size > self._bytes_max:
            return False
        self._entries[key] = entry
        self._bytes += entry.size
        while self._bytes > self._bytes_max or len(self._entries) > self._entries_max:
            self.drop(next(iter(self._entries)))
        return True

    def drop(self, key: Key) -> None:
        """Forget what is kept under a key."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry.size

    def invalidate(self, paths: Sequence[str]) -> int:
        """Forget what these paths name; ``*`` at the end of one stands for anything. Returns how many objects went.

        A path names the object that is kept, so the path that a function at the viewer request has made of the
        viewer's. Source: Amazon CloudFront Developer Guide, "Invalidate files", read 2026-11-29.
        """
        exact = {path for path in paths if not path.endswith("*")}
        begun = tuple(path[:-1] for path in paths if path.endswith("*"))
        gone = [key for key in self._entries if key.path in exact or key.path.startswith(begun)]
        for key in gone:
            self.drop(key)
        return len(gone)
