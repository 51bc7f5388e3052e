"""The pollers of a stream's mapping: which shards it reads, from where, and in which order. Source: fact D.4.

A shard that was split or merged is worked through before its children are begun.
"""

from __future__ import annotations

from lambdalab.simulator.account import World
from lambdalab.simulator.account.client import may_pass
from lambdalab.simulator.kernel import Micros, Process, Signal
from lambdalab.simulator.lambda_.event_source_mappings.delivery import Delivery
from lambdalab.simulator.lambda_.event_source_mappings.mapping import Mapping, ShardProgress
from lambdalab.simulator.lambda_.event_source_mappings.shard_reader import ShardReader
from lambdalab.simulator.lambda_.event_source_mappings.stream_context import Context, Streams
from lambdalab.simulator.lambda_.event_source_mappings.stream_sources import ShardSeen, Start
from lambdalab.simulator.trace.facts import PollRefused
from lambdalab.simulator.vocabulary.assumptions.queues import POLL_BACKOFF_MAX, POLL_BACKOFF_MIN
from lambdalab.simulator.vocabulary.errors import AwsError


class StreamPollers:
    """Polls for one mapping while it is enabled."""

    def __init__(self, world: World, mapping: Mapping, delivery: Delivery, streams: Streams) -> None:
        self._world = world
        self._context = Context(world, mapping, delivery, streams)
        self._mapping = mapping
        self._streams = streams
        self._readers: dict[str, ShardReader] = {}
        self._look: Signal = world.kernel.signal()
        self._look_again = True
        self._later: set[str] = set()  # shards whose turn has not come, though something is in them
        self._refused = False
        self._holds = False
        self._ended: Signal = world.kernel.signal()

    def start(self) -> None:
        """Begin to poll."""
        self._streams.watchers.add(self._mapping.source, self._news)
        self._hold_run()
        self._world.kernel.spawn(self._run(), background=True)

    def stop(self) -> Signal:
        """End; the signal fires when the batches under way are done."""
        self._streams.watchers.remove(self._mapping.source, self._news)
        self._context.stop()
        self._look.fire()
        self._hold_run()
        for reader in self._readers.values():
            reader.stop()
        self._end_if_done()
        return self._ended

    def _news(self, shard: str) -> None:
        reader = self._readers.get(shard)
        if reader is not None:
            reader.news()
        elif shard not in self._mapping.progress or not self._mapping.progress[shard].finished:
            self._later.add(shard)
            self._see_again()

    def _see_again(self) -> None:
        self._look_again = True
        self._look.fire()
        self._hold_run()

    def _hold_run(self) -> None:
        """While shards are looked for, or one with records waits for its turn, the run goes on."""
        source, waits = self._mapping.source, self._streams.waits_behind
        wanted = self._look_again or any(waits(source, shard, None) for shard in sorted(self._later))
        wanted = wanted and not self._context.stopping and not self._refused
        if wanted != self._holds:
            self._holds = wanted
            (self._world.kernel.hold if wanted else self._world.kernel.release)()

    def _run(self) -> Process[None]:
        """List the shards when something has changed, and begin with those whose turn it is."""
        kernel, refused = self._world.kernel, 0
        while not self._context.stopping:
            if not self._look_again:
                self._look = kernel.signal()
                yield from kernel.wait(self._look)
                continue
            found = yield from self._context.kind.shards(self._context.call, self._mapping.source)
            if isinstance(found, AwsError):
                yield from self._wait_after(found, refused)
                refused += 1
                continue
            refused, self._refused, self._look_again = 0, False, False
            self._begin(found)
            self._hold_run()

    def _wait_after(self, error: AwsError, refused: int) -> Process[None]:
        if not refused:
            self._world.trace.record(PollRefused(self._mapping.id, error.code, error.message[:1000]))
        if not may_pass(error):
            self._mapping.result = f"PROBLEM: {error.message}"
            self._refused = True
            self._hold_run()
        delay = min(POLL_BACKOFF_MAX, POLL_BACKOFF_MIN * 2 ** min(refused, 10))
        yield from self._context.sleep(Micros(self._world.kernel.now + delay))

    def _begin(self, found: list[ShardSeen]) -> None:
        """Read every shard whose parents are done, or of which nothing is left."""
        known, progress = {shard.id for shard in found}, self._mapping.progress
        first_look = not progress
        self._later &= known
        for shard in found:
            if first_look and self._skips(shard):
                progress[shard.id] = ShardProgress(finished=True)
                self._later.discard(shard.id)
        for shard in found:
            parents = [parent for parent in shard.parents if parent in known]
            ready = all(parent in progress and progress[parent].finished for parent in parents)
            done = shard.id in progress and progress[shard.id].finished
            if ready and not done and shard.id not in self._readers and not self._context.stopping:
                self._read(shard, first_look)

    def _skips(self, shard: ShardSeen) -> bool:
        """A mapping that begins with what is new has nothing to do with shards that are closed already."""
        return shard.closed and self._context.terms.position == "LATEST"

    def _read(self, shard: ShardSeen, first_look: bool) -> None:
        progress = self._mapping.progress.setdefault(shard.id, ShardProgress(began_with_mapping=first_look))
        start = self._start_of(progress)
        reader = ShardReader(self._context, shard.id, start, progress, lambda: self._reader_finished(shard.id))
        self._readers[shard.id] = reader
        self._later.discard(shard.id)
        reader.start()

    def _start_of(self, progress: ShardProgress) -> Start:
        """Behind its checkpoint; else as the mapping says, for shards that were there when it was made."""
        terms = self._context.terms
        if progress.checkpoint is not None:
            return Start("AFTER_SEQUENCE_NUMBER", progress.checkpoint)
        if terms.position == "AT_TIMESTAMP":
            return Start("AT_TIMESTAMP", timestamp_us=terms.timestamp_us)
        if terms.position == "LATEST" and progress.began_with_mapping and not self._mapping.from_beginning:
            return Start("LATEST")
        return Start("TRIM_HORIZON")

    def _reader_finished(self, shard: str) -> None:
        if self._context.stopping:
            self._end_if_done()
            return
        self._readers.pop(shard, None)
        self._see_again()

    def _end_if_done(self) -> None:
        if self._context.stopping and not any(reader.at_work for reader in self._readers.values()):
            self._ended.fire()
