"""What log groups hold. Functions write here as well as callers of PutLogEvents."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from lambdalab.simulator.account import World
from lambdalab.simulator.services.targets import service_of
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.log_patterns import Test

if TYPE_CHECKING:
    from lambdalab.simulator.services.logs.metric_filters import MetricFilter

HELD_BYTES_MAX = 32 * 1024 * 1024  # ours: beyond that the oldest events go
EVENT_OVERHEAD = 26  # bytes of each event. BC PutLogEvents
HELD_OVERHEAD = 200  # ours: what an event takes in memory beside its message, about


class LogEvent(NamedTuple):
    """One log event: milliseconds since 1970 when it happened and when it came; which one it is of all."""

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
        return held(self.message)


_NEW: Callable[..., LogEvent] = tuple.__new__  # what a named tuple's own constructor does, in half the time


def held(text: str) -> int:
    """The bytes that an event with this message takes in memory, about."""
    return HELD_OVERHEAD + (len(text) if text.isascii() else 4 * len(text))


@dataclass(slots=True)
class LogStream:
    """The events of one stream, in the order in which they came.

    Every line of a run goes through here, and hardly a run reads them: what can be worked out when somebody asks is.
    """

    name: str
    created: int
    events: deque[LogEvent] = field(default_factory=deque)
    dropped: int = 0  # of the oldest
    gone: bool = False  # deleted
    _dropped_bytes: int = 0
    _dropped_moments: tuple[int, ...] = ()  # the first, the last, the last ingestion

    @property
    def bytes(self) -> int:
        """What CloudWatch Logs stores."""
        return self._dropped_bytes + sum(map(_stored, self.events))

    @property
    def first(self) -> int | None:
        """When its first event happened."""
        return min((*self._dropped_moments[:1], *(event.timestamp for event in self.events)), default=None)

    @property
    def last(self) -> int | None:
        """When its last event happened."""
        return max((*self._dropped_moments[1:2], *(event.timestamp for event in self.events)), default=None)

    @property
    def ingested(self) -> int | None:
        """When its newest event came."""
        return self.events[-1].ingested if self.events else max(self._dropped_moments[2:], default=None)

    def drop(self, number: int) -> int:
        """Forget the events up to a number; returns how many bytes of memory that frees."""
        events, gone = self.events, []
        while events and events[0].number <= number:
            gone.append(events.popleft())
        if not gone:
            return 0
        moments = [event.timestamp for event in gone] + list(self._dropped_moments[:2])
        self._dropped_moments = min(moments), max(moments), gone[-1].ingested
        self._dropped_bytes += sum(map(_stored, gone))
        self.dropped += len(gone)
        return sum(held(event.message) for event in gone)


def _stored(event: LogEvent) -> int:
    return len(event.message.encode("utf-8", "replace")) + EVENT_OVERHEAD


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
        self._world = world
        self._numbers = count(1)
        self._held = 0
        self._dropped = 0  # all events up to this number
        self.groups: dict[str, LogGroup] = {}
        self.listener: Listener = lambda group, stream, events: None

    def now_ms(self) -> int:
        """The moment in milliseconds since 1970."""
        return (self._world.epoch_us + self._world.kernel.now) // 1_000

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

    def writer(self, group_name: str, stream_name: str) -> Callable[[str], None]:
        """Make a stream; what is returned writes a line into it, now. A stream that was deleted is made again."""
        kernel, epoch_us = self._world.kernel, self._world.epoch_us
        group, stream = self.group(group_name), self.stream(group_name, stream_name)

        def write(text: str) -> None:
            nonlocal group, stream
            if stream.gone:
                group, stream = self.group(group_name), self.stream(group_name, stream_name)
            now = (epoch_us + kernel.now) // 1_000
            event = _NEW(LogEvent, (now, now, text, next(self._numbers)))
            stream.events.append(event)
            self._held += HELD_OVERHEAD + (len(text) if text.isascii() else 4 * len(text))
            if self._held > HELD_BYTES_MAX:
                self._make_room(event.number)
            if group.filters or group.metric_filters:
                self.listener(group, stream, [event])

        return write

    def add(self, group_name: str, stream_name: str, lines: list[tuple[int, str]]) -> None:
        """Take events in: (milliseconds since 1970, message)."""
        group, stream, now = self.group(group_name), self.stream(group_name, stream_name), self.now_ms()
        events = [LogEvent(timestamp, now, text, next(self._numbers)) for timestamp, text in lines]
        stream.events.extend(events)
        self._held += sum(event.held for event in events)
        if self._held > HELD_BYTES_MAX:
            self._make_room(events[-1].number)
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
        self._held -= sum(event.held for event in stream.events)
        return True

    def _make_room(self, newest: int) -> None:
        """Drop the oldest events, a sixteenth at a time, until the others fit."""
        while self._held > HELD_BYTES_MAX and self._dropped < newest:
            self._dropped += max(1, (newest - self._dropped) // 16)
            for group in self.groups.values():
                for stream in group.streams.values():
                    self._held -= stream.drop(self._dropped)
