"""One queue: its configuration and where its messages are. It knows neither the clock nor the trace."""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from lambdalab.simulator.kernel import SECOND, Micros, Signal
from lambdalab.simulator.services.sqs.backlog import Backlog, ByGroup, InOrder
from lambdalab.simulator.services.sqs.message import Message
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.arns import arn, queue_url

SEQUENCE_BASE = 18_849_496_460_467_696_128  # SQS: "large, non-consecutive numbers"; 20 digits
SEQUENCE_STEP = 256


@dataclass(frozen=True, slots=True)
class Sent:
    """What a FIFO queue remembers of a message for the five minutes in which a second one counts as its copy."""

    until: Micros
    message_id: str
    sequence: str | None


@dataclass(slots=True)
class Queue:
    """An SQS queue. ``dead_letter`` is the name of its redrive target, after ``max_receive_count`` receives.

    ``allowed`` is its redrive allow policy: the ARNs of queues that may choose it as their target; None means all.
    ``watchers`` counts the event source mappings that poll it: while it has messages for them, the run goes on.
    """

    name: str
    visibility_timeout_s: int = quotas.QUEUE_VISIBILITY_S_DEFAULT
    delay_s: int = 0
    retention_s: int = quotas.QUEUE_RETENTION_S_DEFAULT
    wait_s: int = 0
    fifo: bool = False
    dead_letter: str | None = None
    max_receive_count: int | None = None
    content_deduplication: bool = False
    deduplication_scope: str = "queue"
    throughput_limit: str = "perQueue"
    message_bytes_max: int = quotas.QUEUE_MESSAGE_BYTES_MAX
    allowed: tuple[str, ...] | None = None
    managed_sse: bool = True
    created_s: int = 0
    modified_s: int = 0
    messages: dict[str, Message] = field(default_factory=dict)
    receipts: dict[str, Message] = field(default_factory=dict)
    deduplicated: OrderedDict[tuple[str, str], Sent] = field(default_factory=OrderedDict)
    in_flight: int = 0
    delayed: int = 0
    watchers: int = 0
    holds_run: bool = False
    purged_at: Micros | None = None
    waiting: OrderedDict[int, Signal] = field(default_factory=OrderedDict)
    expiring: list[tuple[Micros, int, str]] = field(default_factory=list)
    tended_until: Micros | None = None
    bell: Signal | None = None
    _hidden: list[tuple[Micros, int, Message]] = field(default_factory=list)
    _backlog: Backlog = field(init=False)
    _count: int = 0

    def __post_init__(self) -> None:
        self._backlog = ByGroup() if self.fifo else InOrder()

    @property
    def arn(self) -> str:
        """The queue's ARN."""
        return arn("sqs", self.name)

    @property
    def url(self) -> str:
        """The queue's URL."""
        return queue_url(self.name)

    @property
    def ready(self) -> int:
        """How many messages are neither delayed nor in flight."""
        return len(self.messages) - self.in_flight - self.delayed

    def next_sequence(self) -> str:
        """The SequenceNumber of the next message of a FIFO queue."""
        return str(SEQUENCE_BASE + (self._count + 1) * SEQUENCE_STEP)

    def enter(self, message: Message, now: Micros) -> bool:
        """Take a message in; true when it may be received at once."""
        self._count += 1
        message.order = self._count
        self.messages[message.id] = message
        if self.retention_s * SECOND < quotas.RUN_UNTIL_MAX:
            heapq.heappush(self.expiring, (self.expiry(message), message.order, message.id))
        if message.visible_at > now:
            message.state = "delayed"
            self.delayed += 1
            heapq.heappush(self._hidden, (message.visible_at, message.order, message))
            return False
        self._make_ready(message)
        return True

    def expiry(self, message: Message) -> Micros:
        """When the message's retention period is over, counted from when it was first sent. BC CreateQueue"""
        return Micros(message.sent_at + self.retention_s * SECOND)

    def expired(self, now: Micros) -> Iterator[Message]:
        """The messages whose retention period is over; they are still there."""
        while self.expiring and (self.expiring[0][0] <= now or self.expiring[0][2] not in self.messages):
            _, order, message_id = heapq.heappop(self.expiring)
            message = self.messages.get(message_id)
            if message is not None and message.order == order:
                yield message

    def retain(self, seconds: int) -> None:
        """Change the retention period, for the messages that are there, too."""
        self.retention_s = seconds
        short = seconds * SECOND < quotas.RUN_UNTIL_MAX
        self.expiring = [(self.expiry(m), m.order, m.id) for m in self.messages.values()] if short else []
        heapq.heapify(self.expiring)

    def settle(self, now: Micros) -> int:
        """Let everything become ready whose time has come; returns how many did."""
        count = 0
        while self._hidden and self._hidden[0][0] <= now:
            visible_at, _, message = heapq.heappop(self._hidden)
            if message.visible_at == visible_at and message.state in ("delayed", "in_flight"):
                self._show(message)
                count += 1
        return count

    def next_due(self) -> Micros | None:
        """When the next hidden message becomes ready."""
        while self._hidden:
            visible_at, _, message = self._hidden[0]
            if message.visible_at == visible_at and message.state in ("delayed", "in_flight"):
                return visible_at
            heapq.heappop(self._hidden)
        return None

    def pop(self, taken: set[str]) -> Message | None:
        """The next message that may be received; ``taken``: the groups that this call has got messages of."""
        return self._backlog.pop(taken)

    def put_back(self, message: Message) -> None:
        """A popped message stays where it was."""
        self._backlog.push(message)

    def hide(self, message: Message, until: Micros) -> None:
        """A consumer has got the message, which was ready."""
        message.state, message.visible_at = "in_flight", until
        self.in_flight += 1
        self._backlog.hold(message)
        heapq.heappush(self._hidden, (until, message.order, message))

    def postpone(self, message: Message, until: Micros, now: Micros) -> None:
        """The message, which is in flight, becomes ready at another time."""
        message.visible_at = until
        if until <= now:
            self._show(message)
        else:
            heapq.heappush(self._hidden, (until, message.order, message))

    def remove(self, message: Message) -> None:
        """The message leaves the queue."""
        del self.messages[message.id]
        self.receipts.pop(message.receipt, None)
        before, message.state = message.state, "gone"
        self.in_flight -= before == "in_flight"
        self.delayed -= before == "delayed"
        if before == "in_flight":
            self._backlog.release(message)

    def _show(self, message: Message) -> None:
        before = message.state
        self.in_flight -= before == "in_flight"
        self.delayed -= before == "delayed"
        self._make_ready(message)
        if before == "in_flight":
            self._backlog.release(message)

    def _make_ready(self, message: Message) -> None:
        message.state = "ready"
        self._backlog.push(message)
