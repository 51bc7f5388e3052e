"""What log groups hold. Functions write here as well as callers of PutLogEvents."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from lambdalab.simulator.account import World
from lambdalab.simulator.services.targets import service_of
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.log_patterns import Test

HELD_BYTES_MAX = 32 * 1024 * 1024  # ours: beyond that the oldest events go
EVENT_OVERHEAD = 26  # bytes of each event. BC PutLogEvents
HELD_OVERHEAD = 200  # ours: what an event takes in memory beside its message, about


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One log event: milliseconds since 1970 when it happened and when it came; which one it is of all."""

    timestamp: int
    ingested: int
    message: str
    number: int

    @property
    def id(self) -> str:
        """Its id, of 56 digits, which grows."""
        return f"3{self.timestamp:017d}{self.number:038d}"


@dataclass(slots=True)
class LogStream:
    """The events of one stream, in the order in which they came."""

    name: str
    created: int
    events: deque[LogEvent] = field(default_factory=deque)
    bytes: int = 0
    first: int | None = None
    last: int | None = None
    ingested: int | None = None
    dropped: int = 0  # of the oldest


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

    @property
    def arn(self) -> str:
        """Its ARN, which ends in a star for what is inside."""
        return arn("logs", f"log-group:{self.name}:*")


Listener = Callable[[LogGroup, LogStream, list[LogEvent]], None]


class LogStore:
    """All groups. ``listener`` is told of new events of groups that have filters."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._count = 0
        self._held = 0
        self._order: deque[LogStream] = deque()  # the stream of each event that is held
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

    def write(self, group: str, stream: str, text: str) -> None:
        """A function's environment logs a line now."""
        self.add(group, stream, [(self.now_ms(), text)])

    def add(self, group_name: str, stream_name: str, lines: list[tuple[int, str]]) -> None:
        """Take events in: (milliseconds since 1970, message)."""
        group, stream, now = self.group(group_name), self.stream(group_name, stream_name), self.now_ms()
        events = [self._event(timestamp, now, text) for timestamp, text in lines]
        for event in events:
            stream.events.append(event)
            self._order.append(stream)
            size = len(event.message.encode("utf-8", "replace"))
            stream.bytes += size + EVENT_OVERHEAD
            self._held += size + HELD_OVERHEAD
            stream.first = event.timestamp if stream.first is None else min(stream.first, event.timestamp)
            stream.last = event.timestamp if stream.last is None else max(stream.last, event.timestamp)
        stream.ingested = now
        while self._held > HELD_BYTES_MAX:
            oldest = self._order.popleft()
            gone = oldest.events.popleft()
            oldest.dropped += 1
            self._held -= len(gone.message.encode("utf-8", "replace")) + HELD_OVERHEAD
        if group.filters:
            self.listener(group, stream, events)

    def _event(self, timestamp: int, now: int, text: str) -> LogEvent:
        self._count += 1
        return LogEvent(timestamp, now, text, self._count)
