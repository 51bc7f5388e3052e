"""The mappings of the account: made, changed, switched on and off. A new kind of source gets its pollers here."""

from __future__ import annotations

from typing import Any, Protocol

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import Micros, Process, Signal
from lambdalab.simulator.lambda_.event_source_mappings.delivery import Delivery
from lambdalab.simulator.lambda_.event_source_mappings.mapping import Mapping
from lambdalab.simulator.lambda_.event_source_mappings.refusals import service_of
from lambdalab.simulator.lambda_.event_source_mappings.settings import Settings
from lambdalab.simulator.lambda_.event_source_mappings.sqs import QueuePollers, Queues
from lambdalab.simulator.lambda_.event_source_mappings.stream_context import Streams
from lambdalab.simulator.lambda_.event_source_mappings.stream_pollers import StreamPollers
from lambdalab.simulator.trace.facts import MappingConfigured, MappingStateChanged
from lambdalab.simulator.trace.facts.mapping import MappingState
from lambdalab.simulator.vocabulary.assumptions.queues import MAPPING_START


class Pollers(Protocol):
    """What polls for one mapping."""

    def start(self) -> None:
        """Begin to poll."""
        ...

    def stop(self) -> Signal:
        """End; the signal fires when what is under way is done."""
        ...


class Mappings:
    """Every mapping by its UUID. ``queues`` and ``streams`` (by service) are put in when the services are there."""

    def __init__(self, world: World, delivery: Delivery) -> None:
        self._world = world
        self.delivery = delivery
        self.queues: Queues | None = None
        self.streams: dict[str, Streams] = {}
        self.all: dict[str, Mapping] = {}
        self._pollers: dict[str, Pollers] = {}

    def deploy(self, mapping: Mapping, enabled: bool) -> None:
        """Add a mapping of the template, which polls from the beginning (A-71)."""
        mapping.from_beginning = True
        self.all[mapping.id] = mapping
        self._configured(mapping)
        self._enter(mapping, "Enabled" if enabled else "Disabled")

    def create(self, mapping: Mapping, enabled: bool) -> None:
        """Add a mapping, which polls a little later."""
        self.all[mapping.id] = mapping
        self._configured(mapping)
        self._change(mapping, "Creating", "Enabled" if enabled else "Disabled")

    def update(self, mapping: Mapping, settings: Settings, function: str, qualifier: str | None, enabled: bool) -> None:
        """Change a mapping. Its batches under way are seen through with the old settings."""
        was = mapping.state in ("Enabled", "Enabling")
        changed = (settings, function, qualifier) != (mapping.settings, mapping.function, mapping.qualifier)
        mapping.settings, mapping.function, mapping.qualifier = settings, function, qualifier
        if changed:
            self._configured(mapping)
        through: MappingState = "Updating" if was == enabled else "Enabling" if enabled else "Disabling"
        self._change(mapping, through, "Enabled" if enabled else "Disabled")

    def delete(self, mapping: Mapping) -> None:
        """Take a mapping away."""
        self._change(mapping, "Deleting", "Deleted")

    def remove_all(self) -> None:
        """The stack goes: nothing polls any more."""
        for mapping in list(self.all.values()):
            mapping.revision += 1
            self._enter(mapping, "Deleted")

    def _change(self, mapping: Mapping, through: MappingState, state: MappingState) -> None:
        mapping.revision += 1
        mapping.modified_at = self._world.kernel.now
        self._tell(mapping, through)
        stops = through in ("Disabling", "Deleting") or mapping.settings.stream is not None  # no two read one shard
        ended = self._stop(mapping) if stops else None
        self._world.kernel.spawn(self._arrive(mapping, state, mapping.revision, ended))

    def _arrive(self, mapping: Mapping, state: MappingState, revision: int, ended: Signal | None) -> Process[None]:
        """After a while the mapping is there; where it ends, not before its last poll is done, which may take 20 s."""
        if ended is not None:
            yield from self._world.kernel.wait(ended)
        low, high = MAPPING_START
        yield from self._world.kernel.sleep(Micros(self._world.kernel.random_for("mapping/state").randint(low, high)))
        if mapping.revision == revision:  # nobody has asked for something else meanwhile
            self._enter(mapping, state)

    def _enter(self, mapping: Mapping, state: MappingState) -> None:
        self._stop(mapping)
        self._tell(mapping, state)
        if state == "Deleted":
            self.all.pop(mapping.id, None)
        elif state == "Enabled":
            mapping.result = mapping.result or "No records processed"
            pollers = self._pollers_for(mapping)
            self._pollers[mapping.id] = pollers
            pollers.start()

    def _pollers_for(self, mapping: Mapping) -> Pollers:
        if mapping.settings.stream is not None:
            return StreamPollers(self._world, mapping, self.delivery, self.streams[service_of(mapping.source)])
        assert self.queues is not None
        return QueuePollers(self._world, mapping, self.delivery, self.queues)

    def _stop(self, mapping: Mapping) -> Signal | None:
        pollers = self._pollers.pop(mapping.id, None)
        return None if pollers is None else pollers.stop()

    def _tell(self, mapping: Mapping, state: MappingState) -> None:
        mapping.state = state
        self._world.trace.record(MappingStateChanged(mapping.id, state))

    def _configured(self, mapping: Mapping) -> None:
        settings = mapping.settings
        self._world.trace.record(
            MappingConfigured(
                mapping=mapping.id,
                shown_as=mapping.shown_as,
                source=mapping.source,
                function=mapping.function,
                qualifier=mapping.qualifier,
                batch_size=settings.batch_size,
                window_us=settings.window_s * 1_000_000,
                filters=len(settings.filters),
                partial=settings.partial,
                counted=settings.counted,
                concurrency_max=settings.maximum_concurrency,
                pollers_min=settings.provisioned.least if settings.provisioned else None,
                pollers_max=settings.provisioned.most if settings.provisioned else None,
                **_terms(settings),
            )
        )


def _terms(settings: Settings) -> dict[str, Any]:
    """What only the mapping of a stream has, as members of the fact."""
    stream = settings.stream
    if stream is None:
        return {}
    return {
        "position": stream.position,
        "parallel": stream.parallel,
        "retries": stream.retries,
        "age_s": stream.age_s,
        "bisect": stream.bisect,
        "tumbling_s": stream.tumbling_s,
        "destination": stream.destination,
    }
