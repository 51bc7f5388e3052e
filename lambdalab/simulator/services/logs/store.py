"""What log groups hold. Functions write here as well as callers of PutLogEvents."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import msgspec

from lambdalab.simulator.account import World
from lambdalab.simulator.services.targets import service_of
from lambdalab.simulator.trace.facts import InvocationEnded, InvocationStarted
from lambdalab.simulator.trace.platform_lines import end_and_report_size, end_of, report_of, start_of, start_size
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.log_patterns import Test
from lambdalab.simulator.vocabulary.utf8 import utf8_size

if TYPE_CHECKING:
    from lambdalab.simulator.services.logs.metric_filters import MetricFilter

HELD_BYTES_MAX = 32 * 1024 * 1024  # ours: beyond that the oldest events go
EVENT_OVERHEAD = 26  # bytes of each event. BC PutLogEvents
HELD_OVERHEAD = 200  # ours: what an event takes in memory beside its message, about
HELD_INVOCATION = 1_000  # and what the facts of an invocation take, beside its answer


class LogEvent(msgspec.Struct, frozen=True, gc=False):
    """One log event: milliseconds since 1970 when it happened and when it came; which one it is of all.

    The garbage collector need not look at what a log holds, as it need not at facts.
    """

    timestamp: int
    ingested: int
    message: str
    number: int

    @property
    def id(self) -> str:
        """Its id, of 56 digits, which grows."""
        return f"3{self.timestamp:017d}{self.number:038d}"

    @property
    def held(self) -> int:
        """The bytes that it takes in memory, about."""
        return HELD_OVERHEAD + (len(self.message) if self.message.isascii() else 4 * len(self.message))

    @property
    def stored(self) -> int:
        """The bytes that CloudWatch Logs counts."""
        return utf8_size(self.message) + EVENT_OVERHEAD

    def events(self) -> tuple[LogEvent, ...]:
        """Itself."""
        return (self,)


class Started(msgspec.Struct, frozen=True, gc=False):
    """START, as its fact. Hardly a run reads its logs: the lines are written when somebody does."""

    timestamp: int
    number: int
    fact: InvocationStarted

    @property
    def held(self) -> int:
        """Nothing: the end counts for both."""
        return 0

    @property
    def stored(self) -> int:
        """The bytes that CloudWatch Logs counts."""
        return start_size(self.fact) + EVENT_OVERHEAD

    def events(self) -> tuple[LogEvent, ...]:
        """The event that it is."""
        return (LogEvent(self.timestamp, self.timestamp, start_of(self.fact), self.number),)


class Ended(msgspec.Struct, frozen=True, gc=False):
    """END and REPORT in the same way; ``number`` is that of END."""

    timestamp: int
    number: int
    fact: InvocationEnded

    @property
    def held(self) -> int:
        """The bytes that both take in memory, about."""
        return HELD_INVOCATION + 4 * (len(self.fact.payload) + len(self.fact.error_message or ""))

    @property
    def stored(self) -> int:
        """The bytes that CloudWatch Logs counts."""
        return end_and_report_size(self.fact) + 2 * EVENT_OVERHEAD

    def events(self) -> tuple[LogEvent, ...]:
        """The events that they are."""
        at, fact = self.timestamp, self.fact
        return LogEvent(at, at, end_of(fact), self.number), LogEvent(at, at, report_of(fact), self.number + 1)


@dataclass(slots=True)
class LogStream:
    """The events of one stream, in the order in which they came.

    Every line of a run goes through here, and hardly a run reads them: what can be worked out when somebody asks is.
    """

    name: str
    created: int
    entries: deque[LogEvent | Started | Ended] = field(default_factory=deque)
    dropped: int = 0  # events, the oldest ones
    gone: bool = False  # deleted
    _dropped_bytes: int = 0
    _dropped_moments: tuple[int, ...] = ()  # the first, the last, the last ingestion

    @property
    def events(self) -> list[LogEvent]:
        """All that are held."""
        return [event for entry in self.entries for event in entry.events()]

    @property
    def bytes(self) -> int:
        """What CloudWatch Logs stores."""
        return self._dropped_bytes + sum(entry.stored for entry in self.entries)

    @property
    def first(self) -> int | None:
        """When its first event happened."""
        return min((*self._dropped_moments[:1], *(entry.timestamp for entry in self.entries)), default=None)

    @property
    def last(self) -> int | None:
        """When its last event happened."""
        return max((*self._dropped_moments[1:2], *(entry.timestamp for entry in self.entries)), default=None)

    @property
    def ingested(self) -> int | None:
        """When its newest event came."""
        return _ingested(self.entries[-1]) if self.entries else max(self._dropped_moments[2:], default=None)

    def drop(self, number: int) -> int:
        """Forget the events up to a number; returns how many bytes of memory that frees."""
        entries, gone = self.entries, []
        while entries and entries[0].number <= number:
            gone.append(entries.popleft())
        if not gone:
            return 0
        moments = [entry.timestamp for entry in gone] + list(self._dropped_moments[:2])
        self._dropped_moments = min(moments), max(moments), _ingested(gone[-1])
        self._dropped_bytes += sum([entry.stored for entry in gone])
        self.dropped += len(gone) + sum([type(entry) is Ended for entry in gone])  # which stands for two
        return sum([entry.held for entry in gone])


def _ingested(entry: LogEvent | Started | Ended) -> int:
    return entry.ingested if isinstance(entry, LogEvent) else entry.timestamp


@dataclass(frozen=True, slots=True)
class SubscriptionFilter:
    """A filter that sends what it wants to a function. ``pattern`` is its text, ``wants`` that pattern read."""

    name: str
    pattern: str
    target: str
    wants: Test

    @property
    def reaches(self) -> bool:
        """Whether its target is one that is simulated."""
        return service_of(self.target) == "lambda"


@dataclass(slots=True)
class LogGroup:
    """A log group."""

    name: str
    created: int
    retention_days: int | None = None
    streams: dict[str, LogStream] = field(default_factory=dict)
    filters: dict[str, SubscriptionFilter] = field(default_factory=dict)
    metric_filters: dict[str, MetricFilter] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """Its ARN, which ends in a star for what is inside."""
        return arn("logs", f"log-group:{self.name}:*")


Listener = Callable[[LogGroup, LogStream, list[LogEvent]], None]


class LogStore:
    """All groups. ``listener`` is told of new events of groups that have filters."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.numbers = count(1)
        self._held = 0
        self._dropped = 0  # all events up to this number
        self.groups: dict[str, LogGroup] = {}
        self.listener: Listener = lambda group, stream, events: None

    def now_ms(self) -> int:
        """The moment in milliseconds since 1970."""
        return (self.world.epoch_us + self.world.kernel.now) // 1_000

    def group(self, name: str) -> LogGroup:
        """The group of this name, made when it is not there."""
        found = self.groups.get(name)
        if found is None:
            found = self.groups[name] = LogGroup(name, self.now_ms())
        return found

    def stream(self, group: str, name: str) -> LogStream:
        """The stream of this name, made when it is not there."""
        streams = self.group(group).streams
        found = streams.get(name)
        if found is None:
            found = streams[name] = LogStream(name, self.now_ms())
        return found

    def writer(self, group_name: str, stream_name: str) -> _Writer:
        """Make a stream; what is returned writes into it."""
        return _Writer(self, group_name, stream_name)

    def add(self, group_name: str, stream_name: str, lines: list[tuple[int, str]]) -> None:
        """Take events in: (milliseconds since 1970, message)."""
        group, stream, now = self.group(group_name), self.stream(group_name, stream_name), self.now_ms()
        events = [LogEvent(timestamp, now, text, next(self.numbers)) for timestamp, text in lines]
        if not events:
            return
        stream.entries.extend(events)
        self.hold(sum(event.held for event in events), events[-1].number)
        if group.filters or group.metric_filters:
            self.listener(group, stream, events)

    def delete_group(self, group: LogGroup) -> None:
        """Forget a group."""
        for name in list(group.streams):
            self.delete_stream(group, name)
        del self.groups[group.name]

    def delete_stream(self, group: LogGroup, name: str) -> bool:
        """Forget a stream; false when there is none."""
        stream = group.streams.pop(name, None)
        if stream is None:
            return False
        stream.gone = True
        self._held -= sum(entry.held for entry in stream.entries)
        return True

    def hold(self, size: int, newest: int) -> None:
        """So many bytes of memory more are held, up to the event ``newest``."""
        self._held += size
        if self._held > HELD_BYTES_MAX:
            self._make_room(newest)

    def _make_room(self, newest: int) -> None:
        """Drop the oldest events, a sixteenth at a time, until the others fit."""
        while self._held > HELD_BYTES_MAX and self._dropped < newest:
            self._dropped += max(1, (newest - self._dropped) // 16)
            for group in self.groups.values():
                for stream in group.streams.values():
                    self._held -= stream.drop(self._dropped)


class _Writer:
    """Writes what one environment logs. A stream that was deleted is made again."""

    __slots__ = ("_epoch_us", "_group", "_kernel", "_name", "_store", "_stream")

    def __init__(self, store: LogStore, group: str, stream: str) -> None:
        self._store = store
        self._kernel, self._epoch_us = store.world.kernel, store.world.epoch_us
        self._name = group, stream
        self._open()

    def _open(self) -> None:
        group, stream = self._name
        self._group, self._stream = self._store.group(group), self._store.stream(group, stream)

    def line(self, text: str) -> None:
        """One event, now."""
        now = (self._epoch_us + self._kernel.now) // 1_000
        event = LogEvent(now, now, text, next(self._store.numbers))
        self._keep(event)
        self._store.hold(event.held, event.number)

    def started(self, fact: InvocationStarted) -> None:
        """START, now."""
        now = (self._epoch_us + self._kernel.now) // 1_000
        self._keep(Started(now, next(self._store.numbers), fact))

    def ended(self, fact: InvocationEnded) -> None:
        """END and REPORT, now."""
        now, numbers = (self._epoch_us + self._kernel.now) // 1_000, self._store.numbers
        number = next(numbers)
        next(numbers)  # of REPORT
        entry = Ended(now, number, fact)
        self._keep(entry)
        self._store.hold(entry.held, number)

    def _keep(self, entry: LogEvent | Started | Ended) -> None:
        if self._stream.gone:
            self._open()
        self._stream.entries.append(entry)
        group = self._group
        if group.filters or group.metric_filters:
            self._store.listener(group, self._stream, list(entry.events()))
