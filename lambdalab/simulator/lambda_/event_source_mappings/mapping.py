"""One event source mapping: what it connects, how, and in which state it is. Source: fact D.1 (BC, LS)."""

from __future__ import annotations

from dataclasses import dataclass, field

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.lambda_.event_source_mappings.settings import Settings
from lambdalab.simulator.trace.facts.mapping import MappingState
from lambdalab.simulator.vocabulary.arns import arn, function_arn


@dataclass(slots=True)
class ShardProgress:
    """How far a mapping is with one shard: all up to ``checkpoint`` is done; ``finished``: a closed shard is, wholly.

    ``began_with_mapping``: the shard was there when the mapping looked for the first time.
    """

    checkpoint: str | None = None
    finished: bool = False
    began_with_mapping: bool = False


@dataclass(slots=True)
class Mapping:
    """A source and a function. ``result`` is LastProcessingResult; ``revision`` counts what calls have asked of it.

    ``from_beginning``: it was there before anything entered its source. ``progress`` of a stream's mapping is by shard,
    and outlives its being disabled.
    """

    id: str
    source: str
    function: str
    qualifier: str | None
    settings: Settings
    shown_as: str
    state: MappingState = "Creating"
    result: str | None = None
    modified_at: Micros = Micros(0)
    tags: dict[str, str] = field(default_factory=dict)
    revision: int = 0
    from_beginning: bool = False
    progress: dict[str, ShardProgress] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """Its own ARN."""
        return arn("lambda", f"event-source-mapping:{self.id}")

    @property
    def function_arn(self) -> str:
        """The function as the mapping names it."""
        return function_arn(self.function, self.qualifier)
