"""The tape: where facts leave the run. They are encoded into the sink, in chunks, and shown to the folds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from lambdalab.simulator.trace.codec import encode_facts
from lambdalab.simulator.trace.stamp import Entry

CHUNK_BYTES = 65_536


class Tape:
    """Holds no more than a chunk and a batch. ``stop`` is told when more than its facts or bytes have come.

    Encoding a batch is cheaper than encoding its facts one by one, and nobody looks in between: the run's watchers are
    asked every few dozen steps, and :meth:`catch_up`, which ends the batch, comes before the question. Before the first
    step nothing leaves, so a stack that cannot be made leaves nothing behind.
    """

    def __init__(
        self,
        sink: Callable[[bytes], None],
        folds: Iterable[Callable[[list[Entry]], None]],
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
        self._batch: list[Entry] = []
        self.write: Callable[[Entry], None] = self._batch.append
        """Take one fact in. What it holds must not change any more: it is encoded a little later, with others."""
        self._lines = bytearray()
        self._hash = hashlib.sha256()
        self.written = 0
        self.facts = 0

    def catch_up(self) -> None:
        """Encode and fold what has come in."""
        batch = self._batch
        self._lines += encode_facts(batch)
        self.facts += len(batch)
        for fold in self._folds:
            fold(batch)
        batch.clear()  # this list and no other is written to
        if self.facts > self._facts_max:
            self._stop("facts")
        if len(self._lines) >= CHUNK_BYTES:
            self._hand_over()

    def flush(self) -> None:
        """Hand everything to the sink."""
        self.catch_up()
        if self._lines:
            self._hand_over()

    def _hand_over(self) -> None:
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
