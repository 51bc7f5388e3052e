"""The recorder stamps facts with time and sequence, and streams them on."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from lambdalab.simulator.kernel import Kernel
from lambdalab.simulator.trace.facts import Fact
from lambdalab.simulator.trace.stamp import Entry, Stamped


class Recorder:
    """Appends facts. What becomes of them is the listener's business: memory grows with nothing here."""

    def __init__(self, kernel: Kernel, listener: Callable[[Entry], None]) -> None:
        self._kernel = kernel
        self._listener = listener
        self._numbers = count(1)

    def watch(self, watcher: Callable[[Stamped], None]) -> None:
        """Show every further fact to ``watcher``, too, at the moment when it happens."""
        listener = self._listener

        def both(row: Entry) -> None:
            listener(row)
            watcher(Stamped(*row))

        self._listener = both

    def record(self, fact: Fact) -> None:
        """Stamp ``fact`` with the present moment and pass it on."""
        self._listener((self._kernel.now, next(self._numbers), fact))
