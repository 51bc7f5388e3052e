"""The tape: where facts leave the run. They are encoded into the sink, in chunks, and shown to the folds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from lambdalab.simulator.trace.codec import encode_fact
from lambdalab.simulator.trace.stamp import Stamped

CHUNK_BYTES = 65_536


class Tape:
    """Holds no more than a chunk. ``stop`` is told when more than ``facts_max`` facts or ``bytes_max`` bytes came."""

    def __init__(
        self,
        sink: Callable[[bytes], None],
        folds: Iterable[Callable[[Stamped], None]],
        stop: Callable[[str], None],
        *,
        facts_max: int,
        bytes_max: int,
    ) -> None:
        self._sink = sink
        self._folds = tuple(folds)
        self._stop = stop
        self._facts_max = facts_max
        self._bytes_max = bytes_max
        self._lines = bytearray()
        self._hash = hashlib.sha256()
        self.written = 0
        self.facts = 0

    def write(self, stamped: Stamped) -> None:
        """Take one fact in."""
        self._lines += encode_fact(*stamped)
        self.facts += 1
        if len(self._lines) >= CHUNK_BYTES:
            self.flush()
        for fold in self._folds:
            fold(stamped)
        if self.facts > self._facts_max:
            self._stop("facts")

    def flush(self) -> None:
        """Hand what is held to the sink."""
        if not self._lines:
            return
        chunk = bytes(self._lines)
        self._lines.clear()
        self.written += len(chunk)
        self._hash.update(chunk)
        self._sink(chunk)
        if self.written > self._bytes_max:
            self._stop("trace bytes")

    def sha256(self) -> str:
        """The digest of everything written so far."""
        return self._hash.hexdigest()
