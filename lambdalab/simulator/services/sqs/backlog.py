"""The messages that may be received now, in the order in which a queue hands them out. No look is linear in it."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import Protocol

from lambdalab.simulator.services.sqs.message import Message


class Backlog(Protocol):
    """What a queue needs of its ready messages. A message whose state is not ``ready`` any more is passed over."""

    def push(self, message: Message) -> None:
        """The message may be received from now on."""
        ...

    def pop(self, taken: set[str]) -> Message | None:
        """The next message. ``taken`` are the groups of which this very call has got messages already."""
        ...

    def hold(self, message: Message) -> None:
        """A consumer has the message."""
        ...

    def release(self, message: Message) -> None:
        """No consumer has it any more: it was deleted, or is ready again."""
        ...


class InOrder:
    """A standard queue's: the oldest first, as best-effort ordering would have it."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, Message]] = []

    def push(self, message: Message) -> None:
        """The message may be received from now on."""
        heapq.heappush(self._heap, (message.order, message))

    def pop(self, taken: set[str]) -> Message | None:
        """The next message."""
        while self._heap:
            _, message = heapq.heappop(self._heap)
            if message.state == "ready":
                return message
        return None

    def hold(self, message: Message) -> None:
        """Nothing waits for another message here."""

    def release(self, message: Message) -> None:
        """Nothing waits for another message here."""


@dataclass(slots=True)
class _Group:
    waiting: list[tuple[int, Message]] = field(default_factory=list)
    in_flight: int = 0

    def head(self) -> int | None:
        """The place of the group's first ready message."""
        while self.waiting and self.waiting[0][1].state != "ready":
            heapq.heappop(self.waiting)
        return self.waiting[0][0] if self.waiting else None


class ByGroup:
    """A FIFO queue's: a group hands out nothing while a consumer has one of its messages.

    Source: SQS Developer Guide, "FIFO queue delivery logic", read 2026-11-24: one call gets as many messages of the
    same group as it can; other groups go on. ``heads`` may hold places that are out of date; they are passed over.
    """

    def __init__(self) -> None:
        self._groups: dict[str, _Group] = {}
        self._heads: list[tuple[int, str]] = []

    def push(self, message: Message) -> None:
        """The message may be received from now on, when its group may."""
        name = message.group or ""
        group = self._groups.setdefault(name, _Group())
        heapq.heappush(group.waiting, (message.order, message))
        if not group.in_flight:
            heapq.heappush(self._heads, (message.order, name))

    def pop(self, taken: set[str]) -> Message | None:
        """The next message of the group that has waited longest."""
        while self._heads:
            order, name = self._heads[0]
            group = self._groups.get(name)
            if group is None or group.head() != order or (group.in_flight and name not in taken):
                heapq.heappop(self._heads)
                continue
            heapq.heappop(self._heads)
            message = heapq.heappop(group.waiting)[1]
            following = group.head()
            if following is not None:
                heapq.heappush(self._heads, (following, name))
            return message
        return None

    def hold(self, message: Message) -> None:
        """The message's group waits from now on."""
        self._groups[message.group or ""].in_flight += 1

    def release(self, message: Message) -> None:
        """The group goes on when this was the last one that a consumer had."""
        name = message.group or ""
        group = self._groups[name]
        group.in_flight -= 1
        head = group.head()
        if group.in_flight == 0 and head is not None:
            heapq.heappush(self._heads, (head, name))
        elif group.in_flight == 0:
            del self._groups[name]
