"""Topics and subscriptions: what is configured, and what a FIFO topic remembers. Source: botocore's sns model."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lambdalab.simulator.account import Principal, service_principal
from lambdalab.simulator.kernel import MINUTE, Micros, Signal
from lambdalab.simulator.services.sns.filtering import FilterPolicy
from lambdalab.simulator.services.sns.retries import Phases
from lambdalab.simulator.vocabulary.arns import arn

PROTOCOLS = ("sqs", "lambda", "http", "https")
DEDUPLICATION_WINDOW = Micros(5 * MINUTE)  # SNS Developer Guide, "Message deduplication for FIFO topics"
SEQUENCE_BASE = 10**19  # 20 digits. Guide, "Message delivery for FIFO topics"


@dataclass(slots=True)
class Subscription:
    """A subscriber: ``endpoint`` is an ARN, or a URL for ``http`` and ``https``.

    ``state``: ``pending`` until an HTTP endpoint has confirmed. ``raw``: the message alone, without SNS's JSON around.
    ``phases``: how often an HTTP endpoint is tried, when it says so itself.
    """

    protocol: str
    endpoint: str
    arn: str
    raw: bool = False
    filter: FilterPolicy | None = None
    dead_letter: str | None = None
    phases: Phases | None = None
    state: Literal["confirmed", "pending"] = "confirmed"
    token: str = ""
    last: dict[str, Signal] = field(default_factory=dict)  # of a FIFO topic: by group, when its last message has left


@dataclass(slots=True)
class Topic:
    """An SNS topic. ``caller`` is SNS on behalf of this topic: what it may reach, the subscribers' policies say.

    ``group_scope``: a FIFO topic looks for copies in the same message group only.
    """

    name: str
    subscriptions: list[Subscription] = field(default_factory=list)
    fifo: bool = False
    content_deduplication: bool = False
    group_scope: bool = False
    display_name: str = ""
    signature_version: str = "1"
    seen: OrderedDict[tuple[str, str], tuple[Micros, str, str]] = field(default_factory=OrderedDict)
    count: int = 0
    made: int = 0
    caller: Principal = field(init=False)

    def __post_init__(self) -> None:
        self.caller = service_principal("sns.amazonaws.com", self.arn)

    @property
    def arn(self) -> str:
        """The topic's ARN."""
        return arn("sns", self.name)

    def next_sequence(self) -> str:
        """The SequenceNumber of the next message of a FIFO topic."""
        self.count += 1
        return str(SEQUENCE_BASE + self.count * 1_000)

    def copy_of(self, params: Mapping[str, Any], identity: str, now: Micros) -> tuple[str, str] | None:
        """The message id and sequence number of the message that this one is a copy of."""
        while self.seen and next(iter(self.seen.values()))[0] <= now:
            self.seen.popitem(last=False)
        found = self.seen.get(self._key(params, identity))
        return found[1:] if found else None

    def remember(self, params: Mapping[str, Any], identity: str, now: Micros, message_id: str, sequence: str) -> None:
        """For five minutes a copy of this message is accepted and not delivered."""
        self.seen[self._key(params, identity)] = Micros(now + DEDUPLICATION_WINDOW), message_id, sequence

    def _key(self, params: Mapping[str, Any], identity: str) -> tuple[str, str]:
        return (str(params["MessageGroupId"]) if self.group_scope else "", identity)
