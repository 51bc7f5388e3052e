"""What the parts of a stream's mapping share while it polls: its settings, its calls, whether it is to stop."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from lambdalab.simulator.account import Answer, World
from lambdalab.simulator.kernel import Process, Signal
from lambdalab.simulator.lambda_.event_source_mappings.delivery import Delivery
from lambdalab.simulator.lambda_.event_source_mappings.mapping import Mapping
from lambdalab.simulator.lambda_.event_source_mappings.settings import Settings
from lambdalab.simulator.lambda_.event_source_mappings.stream_settings import StreamSettings
from lambdalab.simulator.lambda_.event_source_mappings.stream_sources import CLIENTS, KINDS, StreamKind
from lambdalab.simulator.vocabulary.errors import AwsError


class Watching(Protocol):
    """Who is told of what is new in a stream."""

    def add(self, stream_arn: str, watcher: Any) -> None:
        """Tell ``watcher`` the ids of shards in which something is new from now on."""
        ...

    def remove(self, stream_arn: str, watcher: Any) -> None:
        """Tell it no more."""
        ...


class Streams(Protocol):
    """What a mapping needs of the service that has the streams, beside its API."""

    @property
    def watchers(self) -> Watching:
        """Who is told of what is new."""
        ...

    def source(self, stream_arn: str) -> object | None:
        """The stream with this ARN."""
        ...

    def waits_behind(self, stream_arn: str, shard_id: str, sequence: str | None) -> bool:
        """Whether a shard has a record behind this sequence number, or any at all."""
        ...


@dataclass(slots=True)
class Context:
    """One mapping while it is enabled. ``under_way`` counts its batches at the function."""

    world: World
    mapping: Mapping
    delivery: Delivery
    streams: Streams
    stopping: bool = False
    under_way: int = 0
    stopped: Signal = field(init=False)

    def __post_init__(self) -> None:
        self.stopped = self.world.kernel.signal()

    @property
    def service(self) -> str:
        """``kinesis`` or ``dynamodb``."""
        return self.mapping.source.split(":")[2]

    @property
    def kind(self) -> StreamKind:
        """How this kind of stream is asked."""
        return KINDS[self.service]

    @property
    def settings(self) -> Settings:
        """What every mapping has."""
        return self.mapping.settings

    @property
    def terms(self) -> StreamSettings:
        """What only a stream's has."""
        assert self.mapping.settings.stream is not None
        return self.mapping.settings.stream

    @property
    def role_arn(self) -> str:
        """The execution role, which stands in every record of Kinesis."""
        function = self.delivery.role_of(self.mapping)
        return "" if function is None else function.role.role or function.role.arn

    @property
    def source_name(self) -> str:
        """Who invokes, in the trace's words."""
        return f"{self.service}/{self.mapping.source.partition('/')[2].partition('/')[0]}"

    def call(self, operation: str, params: dict[str, Any]) -> Process[Answer | AwsError]:
        """Ask the stream's service."""
        return (yield from self.delivery.call(self.mapping, CLIENTS[self.service], operation, params))

    def sleep(self, until: int) -> Process[bool]:
        """Wait until a moment, or until the mapping is to stop: then true."""
        return (yield from self.world.kernel.wait_until(self.stopped, until))  # type: ignore[arg-type]

    def stop(self) -> None:
        """Everybody ends what is under way, and begins nothing new."""
        self.stopping = True
        self.stopped.fire()
