"""What functions and their versions run with: memory, ephemeral storage, processor. An update changes ``$LATEST`` only;
a version keeps what it was published with. Facts K.4 and J.1."""

from __future__ import annotations

from typing import NamedTuple

from lambdalab.simulator.trace.facts import (
    EdgeFunctionReplicated,
    FunctionDeployed,
    FunctionUpdated,
    HardwareConfigured,
    VersionPublished,
)
from lambdalab.simulator.views.fold import Take

LATEST = "$LATEST"


class Size(NamedTuple):
    """What an environment is priced by."""

    memory_mb: int
    ephemeral_mb: int
    architecture: str


class SizesFold:
    """The size of each version as it is now: environments have it that are created from here on."""

    def __init__(self) -> None:
        self._sizes: dict[tuple[str, str], Size] = {}
        self.takes: dict[type, Take] = {
            FunctionDeployed: self._deployed,
            FunctionUpdated: self._updated,
            HardwareConfigured: self._hardware,
            VersionPublished: self._published,
            EdgeFunctionReplicated: self._replicated,
        }

    def of(self, function: str, version: str) -> Size:
        """The size of a version, or of ``$LATEST``."""
        return self._sizes[function, version]

    def _deployed(self, at: int, fact: FunctionDeployed) -> None:
        self._sizes[fact.function, LATEST] = Size(fact.memory_mb, fact.ephemeral_mb, fact.architecture)

    def _updated(self, at: int, fact: FunctionUpdated) -> None:
        name = fact.function, LATEST
        self._sizes[name] = self._sizes[name]._replace(memory_mb=fact.memory_mb)

    def _hardware(self, at: int, fact: HardwareConfigured) -> None:
        memory_mb = self._sizes[fact.function, LATEST].memory_mb
        self._sizes[fact.function, LATEST] = Size(memory_mb, fact.ephemeral_mb, fact.architecture)

    def _published(self, at: int, fact: VersionPublished) -> None:
        self._sizes[fact.function, fact.version] = self._sizes[fact.function, LATEST]

    def _replicated(self, at: int, fact: EdgeFunctionReplicated) -> None:
        usual = self._sizes[fact.function, LATEST]
        self._sizes[fact.function, fact.version] = usual._replace(memory_mb=fact.memory_mb)
