"""One event source mapping: what it connects, how, and in which state it is. Source: fact D.1 (BC, LS)."""

from __future__ import annotations

from dataclasses import dataclass, field

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.lambda_.event_source_mappings.settings import Settings
from lambdalab.simulator.trace.facts.mapping import MappingState
from lambdalab.simulator.vocabulary.arns import arn, function_arn


@dataclass(slots=True)
class Mapping:
    """A source and a function. ``result`` is LastProcessingResult; ``revision`` counts what calls have asked of it."""

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

    @property
    def arn(self) -> str:
        """Its own ARN."""
        return arn("lambda", f"event-source-mapping:{self.id}")

    @property
    def function_arn(self) -> str:
        """The function as the mapping names it."""
        return function_arn(self.function, self.qualifier)
