"""One batch of a stream's records: invoke, again where it fails, in halves, or no more. Source: fact D.4."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lambdalab.simulator.kernel import Micros, Process
from lambdalab.simulator.lambda_.event_source_mappings.batches import OVERHEAD, Ending, ending
from lambdalab.simulator.lambda_.event_source_mappings.discards import Condition, Discard, discard
from lambdalab.simulator.lambda_.event_source_mappings.stream_context import Context
from lambdalab.simulator.lambda_.event_source_mappings.stream_sources import Entry
from lambdalab.simulator.lambda_.event_source_mappings.windows import Window
from lambdalab.simulator.lambda_.invocation import Result
from lambdalab.simulator.trace.facts import (
    BatchBisected,
    BatchDuplicated,
    BatchRetried,
    BatchSent,
    BatchThrottled,
    ShardBatchEnded,
)
from lambdalab.simulator.vocabulary.assumptions.streams import STREAM_BACKOFF_MAX, STREAM_BACKOFF_MIN


@dataclass(slots=True)
class Piece:
    """A batch, or what is left of one. ``failures`` count for MaximumRetryAttempts, ``waits`` for the back-off."""

    entries: list[Entry]
    failures: int = 0
    invocations: int = 0
    waits: int = 0
    final: bool = False
    repeated: bool = False
    request_id: str = ""
    result: Result | None = field(default=None)

    def delay(self) -> Micros:
        """How long to wait before the next try: half a second, doubled each time, a minute at most (A-97)."""
        return Micros(min(STREAM_BACKOFF_MAX, STREAM_BACKOFF_MIN << min(self.waits - 1, 10)))


class StreamBatches:
    """Sees the batches of one lane through, one after the other. ``done`` is told of records that need no more."""

    def __init__(self, context: Context, shard: str, lane: int, done: Callable[[Sequence[Entry]], None]) -> None:
        self._context = context
        self._shard = shard
        self._lane = lane
        self._done = done
        self._world = context.world

    def see_through(self, entries: list[Entry], window: Window | None = None, *, final: bool = False) -> Process[None]:
        """Deliver a batch until every record of it is done or given up. Ends early only when the mapping stops."""
        pieces = [Piece(entries, final=final)]
        while pieces and not self._context.stopping:
            piece = pieces[0]
            yield from self._drop_old(piece)
            if not piece.entries and not piece.final:
                pieces.pop(0)
                continue
            outcome, failed = yield from self._try(piece, window)
            pieces[:1] = yield from self._what_is_left(piece, outcome, failed)

    def _try(self, piece: Piece, window: Window | None) -> Process[tuple[Ending, frozenset[str]]]:
        context, trace, kernel = self._context, self._world.trace, self._world.kernel
        mapping, entries = context.mapping, piece.entries
        piece.request_id = self._world.new_uuid("request")
        payload = self._payload(entries, window, final=piece.final)
        size = (
            len(payload.encode()) if window is not None else OVERHEAD + sum(e.size for e in entries) + len(entries) - 1
        )
        age = max(0, kernel.now - entries[-1].arrived_at) if entries else None
        context.under_way += 1
        trace.record(
            BatchSent(
                mapping.id,
                piece.request_id,
                mapping.function,
                len(entries),
                size,
                context.under_way,
                self._shard,
                age,
                piece.invocations + 1,
            )
        )
        result = yield from context.delivery.invoke(mapping, piece.request_id, payload, context.source_name, None)
        context.under_way -= 1
        piece.result = result
        piece.invocations += result.status not in ("throttled", "refused")
        outcome, failed = ending(result, [e.sequence for e in entries], partial=context.settings.partial, stream=True)
        if window is not None and outcome in ("ok", "partial") and not window.take(result.payload):
            outcome, failed = "malformed", frozenset(e.sequence for e in entries)
        mapping.result = "OK" if outcome in ("ok", "partial") else "PROBLEM: Function call failed"
        ended = mapping.id, piece.request_id, mapping.function, self._shard, self._lane, outcome
        trace.record(ShardBatchEnded(*ended, len(entries), len(failed)))
        return outcome, failed

    def _what_is_left(self, piece: Piece, outcome: Ending, failed: frozenset[str]) -> Process[list[Piece]]:
        """What has to be tried next of a piece, after the wait that is due."""
        entries = piece.entries
        if outcome == "ok":
            if self._struck_twice(piece):
                return [Piece(entries, final=piece.final, repeated=True)]
            self._done(entries)
            return []
        if outcome in ("throttled", "refused"):  # costs no attempt. Fact D.4, counts as retry
            yield from self._wait(piece, outcome)
            return [piece]
        first = next((n for n, entry in enumerate(entries) if entry.sequence in failed), 0)
        if outcome == "partial" and first:
            self._done(entries[:first])
            piece.entries = entries[first:]
            if self._context.terms.bisect:  # split at that record, which costs no attempt
                return [Piece(piece.entries, piece.failures)]
        elif self._context.terms.bisect and len(entries) > 1:
            return (yield from self._halves(piece))
        piece.failures += 1
        retries = self._context.terms.retries
        if 0 <= retries < piece.failures:
            yield from self._give_up(piece, len(piece.entries), "RetryAttemptsExhausted")
            piece.final = False
            return [piece] if piece.entries else []
        yield from self._wait(piece, outcome)
        return [piece]

    def _halves(self, piece: Piece) -> Process[list[Piece]]:
        """Split in two, the first half first. That costs no attempt. Fact D.4, bisect"""
        middle = (len(piece.entries) + 1) // 2
        parts = piece.entries[:middle], piece.entries[middle:]
        mapping = self._context.mapping
        self._world.trace.record(BatchBisected(mapping.id, self._shard, len(parts[0]), len(parts[1])))
        yield from self._context.sleep(self._world.kernel.now + STREAM_BACKOFF_MIN)
        return [Piece(part, piece.failures) for part in parts]

    def _wait(self, piece: Piece, outcome: Ending) -> Process[None]:
        piece.waits += 1
        delay, mapping = piece.delay(), self._context.mapping
        if outcome in ("throttled", "refused"):
            result = piece.result
            refusal = result.refusal.code if result and result.refusal else ""
            reason = (result.reason if result else None) or refusal
            fact = BatchThrottled(mapping.id, piece.request_id, mapping.function, delay, reason)
            self._world.trace.record(fact)
        else:
            self._world.trace.record(
                BatchRetried(mapping.id, self._shard, mapping.function, len(piece.entries), piece.failures, delay)
            )
        yield from self._context.sleep(self._world.kernel.now + delay)

    def _drop_old(self, piece: Piece) -> Process[None]:
        """Give up the records that are older than MaximumRecordAgeInSeconds: the first ones are the oldest."""
        age_s = self._context.terms.age_s
        if age_s < 0:
            return
        horizon = self._world.kernel.now - age_s * 1_000_000
        old = sum(entry.arrived_at < horizon for entry in piece.entries)
        if old:
            yield from self._give_up(piece, old, "RecordAgeExceeded")

    def _give_up(self, piece: Piece, count: int, condition: Condition) -> Process[None]:
        entries = piece.entries[:count]
        piece.entries = piece.entries[count:]
        if not entries:  # the last invocation of a window has none
            return
        request_id = piece.request_id or self._world.new_uuid("request")
        payload = self._payload(entries, None, final=False)
        given_up = Discard(
            self._shard, entries, condition, request_id, piece.invocations, piece.result, payload, self._lane
        )
        yield from discard(self._context, given_up)
        self._done(entries)

    def _payload(self, entries: Sequence[Entry], window: Window | None, *, final: bool) -> str:
        records = f'{{"Records":[{",".join(entry.record for entry in entries)}]'
        if window is None:
            return records + "}"
        more = json.dumps(window.members(self._shard, self._context.mapping.source, final=final), separators=(",", ":"))
        return f"{records},{more[1:]}"

    def _struck_twice(self, piece: Piece) -> bool:
        """At-least-once delivery, where the scenario asks for it: the checkpoint is lost, the batch comes again."""
        if piece.repeated or piece.final or not self._world.faults.striking("duplicate", self._context.service):
            return False
        mapping = self._context.mapping
        self._world.trace.record(BatchDuplicated(mapping.id, self._shard, len(piece.entries)))
        return True
