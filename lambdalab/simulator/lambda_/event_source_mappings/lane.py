"""One ordered lane of a shard: its records are gathered into batches, and the batches seen through one by one.

With a ParallelizationFactor of n a shard has n lanes; records of one partition key are always in the same. Fact D.4.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

from lambdalab.simulator.kernel import SECOND, Micros, Process, Signal
from lambdalab.simulator.lambda_.event_source_mappings.batches import OVERHEAD, fitting
from lambdalab.simulator.lambda_.event_source_mappings.stream_batches import StreamBatches
from lambdalab.simulator.lambda_.event_source_mappings.stream_context import Context
from lambdalab.simulator.lambda_.event_source_mappings.stream_sources import Entry
from lambdalab.simulator.lambda_.event_source_mappings.windows import Window, window_of
from lambdalab.simulator.trace.facts import WindowEnded
from lambdalab.simulator.vocabulary import quotas


class Lane:
    """Runs while there is something for it. ``idle`` is told when it has come to rest."""

    def __init__(
        self,
        context: Context,
        shard: str,
        number: int,
        done: Callable[[Sequence[Entry]], None],
        idle: Callable[[], None],
    ) -> None:
        self._context = context
        self._shard = shard
        self._kernel = context.world.kernel
        self._batches = StreamBatches(context, shard, number, done)
        self._idle = idle
        self.waiting: deque[Entry] = deque()
        self.running = False
        self._more: Signal = self._kernel.signal()
        self._window: Window | None = None
        self._shard_ended = False

    def add(self, entry: Entry) -> None:
        """Put a record at the end."""
        self.waiting.append(entry)
        self._more.fire()
        if not self.running:
            self.running = True
            self._kernel.spawn(self._run(), background=True)

    def _run(self) -> Process[None]:
        while not self._context.stopping and (self.waiting or self._window is not None):
            if self._window_is_over():
                yield from self._close_window()
            elif self.waiting:
                yield from self._gather()
                if not self._context.stopping:
                    yield from self._deliver(self._take())
            else:
                yield from self._wait_for_end()
        self.running = False
        self._idle()

    def _gather(self) -> Process[None]:
        """Wait until the batch is full, its window over, or 6 MB reached. Fact D.1"""
        ends = Micros(self._kernel.now + self._context.settings.window_s * SECOND)
        while self._kernel.now < ends and not self._full() and not self._context.stopping:
            self._more = self._kernel.signal()
            yield from self._kernel.wait_until(self._more, ends)

    def end(self) -> None:
        """No record will come any more: the shard has ended, and with it the window. Docs as in ``windows``."""
        self._shard_ended = True
        self._more.fire()

    def stop(self) -> None:
        """Let a lane that gathers or waits see that the mapping stops."""
        self._more.fire()

    def _full(self) -> bool:
        if len(self.waiting) >= self._context.settings.batch_size:
            return True
        size = OVERHEAD
        for entry in self.waiting:
            size += entry.size + 1
            if size > quotas.PAYLOAD_SYNC_BYTES:
                return True
        return self._window is not None and bool(self._beyond(self.waiting[-1], self._window))

    def _take(self) -> list[Entry]:
        """The next batch: no more than its size, no more than 6 MB, and of one tumbling window only."""
        first = list(islice(self.waiting, self._context.settings.batch_size))
        overhead = OVERHEAD
        if self._context.terms.tumbling_s:
            window = self._window or self._window_for(first[0])
            self._window = window
            first = [entry for entry in first if not self._beyond(entry, window)]
            overhead += quotas.WINDOW_STATE_BYTES_MAX
        batch = first[: fitting([entry.size for entry in first], overhead)]
        for _ in batch:
            self.waiting.popleft()
        return batch

    def _deliver(self, batch: list[Entry]) -> Process[None]:
        yield from self._batches.see_through(batch, self._window)
        if self._window is not None and self._window.early:
            yield from self._close_window()

    def _window_for(self, entry: Entry) -> Window:
        return window_of(entry.arrived_at, self._context.terms.tumbling_s, self._context.world.epoch_us)

    def _beyond(self, entry: Entry, window: Window) -> bool:
        return self._context.world.epoch_us + entry.arrived_at >= window.end_us

    def _over_at(self, window: Window) -> Micros:
        """When nothing of a window can come any more: two polls after its end (A-98)."""
        return Micros(window.end_us - self._context.world.epoch_us + 2 * self._context.kind.interval)

    def _window_is_over(self) -> bool:
        if self._window is None:
            return False
        if self.waiting:
            return self._beyond(self.waiting[0], self._window)
        return self._shard_ended or self._kernel.now >= self._over_at(self._window)

    def _wait_for_end(self) -> Process[None]:
        assert self._window is not None
        self._more = self._kernel.signal()
        yield from self._kernel.wait_until(self._more, self._over_at(self._window))

    def _close_window(self) -> Process[None]:
        """The last invocation of a window: it has no records, only the state."""
        window = self._window
        assert window is not None
        mapping, early = self._context.mapping, window.early
        yield from self._batches.see_through([], window, final=True)
        self._context.world.trace.record(WindowEnded(mapping.id, self._shard, window.start_us, window.end_us, early))
        self._window = None
