"""One shard of a mapping's stream: polls, filters, hands records to lanes, and knows how far all of them have got.

Source: fact D.4. A poller asks at its base rate while there is something to read; where nothing is, it waits for news
and asks only to keep its iterator alive (A-97), which no student can tell from empty polls.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Sequence

from lambdalab.simulator.account.client import may_pass
from lambdalab.simulator.kernel import Micros, Process, Signal
from lambdalab.simulator.lambda_.event_source_mappings.filtering import Filter
from lambdalab.simulator.lambda_.event_source_mappings.lane import Lane
from lambdalab.simulator.lambda_.event_source_mappings.mapping import ShardProgress
from lambdalab.simulator.lambda_.event_source_mappings.stream_context import Context
from lambdalab.simulator.lambda_.event_source_mappings.stream_sources import Entry, Page, Start
from lambdalab.simulator.trace.facts import CheckpointMoved, PollRefused, RecordsPolled
from lambdalab.simulator.vocabulary.assumptions.queues import POLL_BACKOFF_MAX, POLL_BACKOFF_MIN
from lambdalab.simulator.vocabulary.assumptions.streams import KEEP_ALIVE
from lambdalab.simulator.vocabulary.errors import AwsError

BUFFERED_MAX = 20_000  # records of one shard that wait for their function; then the poller waits, too


class ShardReader:
    """Reads one shard from ``start`` on. ``finished`` is told when a closed shard has been worked through."""

    def __init__(
        self, context: Context, shard: str, start: Start, progress: ShardProgress, finished: Callable[[], None]
    ) -> None:
        self._context = context
        self._world = context.world
        self._shard = shard
        self._start = start
        self._progress = progress
        self._finished = finished
        self._filter = Filter(context.settings.filters, context.kind.data)
        self._lanes = [
            Lane(context, shard, number, self._done, self._came_to_rest) for number in range(context.terms.parallel)
        ]
        self._fetched: str | None = start.sequence
        self._order: deque[str] = deque()
        self._ready: set[str] = set()
        self._iterator: str | None = None
        self._refused = 0
        self._role = ""  # the execution role, which stands in every record of Kinesis
        self._news = True  # the first poll is made in any case
        self._bell: Signal = self._world.kernel.signal()
        self._holds = False
        self._at_end = False

    def start(self) -> None:
        """Begin to read."""
        self._hold_run()
        self._world.kernel.spawn(self._run(), background=True)

    def stop(self) -> None:
        """Wake everything that waits, so that it sees that the mapping stops."""
        self._bell.fire()
        for lane in self._lanes:
            lane.stop()
        self._hold_run()

    @property
    def at_work(self) -> bool:
        """Whether a batch is under way."""
        return any(lane.running for lane in self._lanes)

    def news(self) -> None:
        """Something is new in the shard."""
        if self._news and self._holds:
            return  # it is known that there is something to read
        self._news = True
        self._hold_run()
        self._bell.fire()

    def _run(self) -> Process[None]:
        kernel, next_poll = self._world.kernel, Micros(0)
        while not self._context.stopping and not self._at_end:
            if not self._news or self._is_full():
                self._bell = kernel.signal()
                yield from kernel.wait_until(self._bell, Micros(kernel.now + KEEP_ALIVE))
                if self._is_full():
                    continue
            if kernel.now < next_poll and (yield from self._context.sleep(next_poll)):
                break
            next_poll = Micros(kernel.now + self._context.kind.interval)
            yield from self._poll()
        self._hold_run()
        self._came_to_rest()

    def _is_full(self) -> bool:
        return sum(len(lane.waiting) for lane in self._lanes) >= BUFFERED_MAX

    def _poll(self) -> Process[None]:
        page = yield from self._next_page()
        if isinstance(page, AwsError):
            yield from self._wait_after(page)
            return
        self._refused = 0
        self._iterator = page.iterator
        self._role = self._context.role_arn
        entries = [self._entry(record) for record in page.records]
        if entries:
            self._fetched = entries[-1].sequence
            dropped = [entry for entry in entries if not entry.record]
            self._world.trace.record(RecordsPolled(self._context.mapping.id, len(entries), len(dropped), self._shard))
            self._order.extend(entry.sequence for entry in entries)
            for entry in entries:
                if entry.record:
                    self._lane_of(entry).add(entry)
            self._done(dropped)
        source, streams = self._context.mapping.source, self._context.streams
        self._news = self._fetched is not None and streams.waits_behind(source, self._shard, self._fetched)
        self._at_end = page.iterator is None
        if self._at_end:
            for lane in self._lanes:
                lane.end()
        self._hold_run()

    def _next_page(self) -> Process[Page | AwsError]:
        """The next records; with a new iterator where there is none, or it has grown too old."""
        context, kind, source = self._context, self._context.kind, self._context.mapping.source
        self._news = False
        for _ in range(2):
            if self._iterator is None:
                start = self._start if self._fetched is None else Start("AFTER_SEQUENCE_NUMBER", self._fetched)
                found = yield from kind.iterator(context.call, source, self._shard, start)
                if isinstance(found, AwsError):
                    return found
                self._iterator = found
            page = yield from kind.page(context.call, source, self._iterator)
            if not isinstance(page, AwsError) or page.code != "ExpiredIteratorException":
                return page
            self._iterator = None
        return page

    def _wait_after(self, error: AwsError) -> Process[None]:
        """The stream refuses: tell it once, and try again later. Nothing can be received meanwhile."""
        mapping = self._context.mapping
        if not self._refused:
            self._world.trace.record(PollRefused(mapping.id, error.code, error.message[:1000]))
        mapping.result = f"PROBLEM: {error.message}"
        if not may_pass(error):
            self._hold_run(refused=True)
        delay = min(POLL_BACKOFF_MAX, POLL_BACKOFF_MIN * 2 ** min(self._refused, 10))
        self._refused += 1
        yield from self._context.sleep(self._world.kernel.now + delay)
        self._news = True

    def _entry(self, record: dict[str, object]) -> Entry:
        kind, source = self._context.kind, self._context.mapping.source
        made = kind.event_record(record, source, self._shard, self._role)
        entry = kind.entry(made, self._world.epoch_us)
        if not self._context.settings.filters or self._filter.passes(kind.seen(made, record)):
            return entry
        return Entry(entry.sequence, entry.key, entry.arrived_at, "", 0)

    def _lane_of(self, entry: Entry) -> Lane:
        """Records of one partition key always go the same way; which way keys go is no contract of AWS's."""
        return self._lanes[zlib.crc32(entry.key.encode()) % len(self._lanes)]

    def _done(self, entries: Sequence[Entry]) -> None:
        """Records need no more; the checkpoint follows as far as none before it is left."""
        self._ready.update(entry.sequence for entry in entries)
        moved: str | None = None
        while self._order and self._order[0] in self._ready:
            moved = self._order.popleft()
            self._ready.discard(moved)
        if moved is not None:
            self._progress.checkpoint = moved
            self._world.trace.record(CheckpointMoved(self._context.mapping.id, self._shard, moved))
        if self._news:
            self._bell.fire()

    def _came_to_rest(self) -> None:
        """A lane has nothing left: the run may end, the shard be done, or the mapping be stopped."""
        self._hold_run()
        if self._at_end and not self.at_work and not self._context.stopping and not self._progress.finished:
            self._progress.finished = True
            self._finished()
        elif self._context.stopping:
            self._finished()

    def _hold_run(self, *, refused: bool = False) -> None:
        """What is left for the mapping in this shard keeps the run going, as a message in a polled queue does."""
        fresh = self._news and self._fetched_behind() and not refused
        wanted = self.at_work or (fresh and not self._context.stopping)
        if wanted == self._holds:
            return
        self._holds = wanted
        if wanted:
            self._world.kernel.hold()
        else:
            self._world.kernel.release()

    def _fetched_behind(self) -> bool:
        source = self._context.mapping.source
        if self._fetched is None and self._start.kind == "LATEST":
            return self._refused == 0 and self._iterator is not None
        return self._context.streams.waits_behind(source, self._shard, self._fetched)
