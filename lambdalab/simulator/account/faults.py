"""What the real cloud does on a bad day: declared in the scenario, applied here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from lambdalab.simulator.kernel import Kernel, Micros

FaultKind = Literal["fail", "latency", "duplicate", "throttle", "kill", "cold", "s3"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault between ``begins`` and ``ends`` (None: to the end of the run).

    ``target`` is ``service.operation`` in boto3's names for ``fail`` and ``latency``, a queue kind for ``duplicate``,
    a function's name for ``throttle``, what befalls notifications for ``s3``, else empty. ``error`` is the code of
    ``fail``, ``by`` the added latency.
    """

    kind: FaultKind
    target: str
    begins: Micros
    ends: Micros | None
    error: str = ""
    by: Micros = Micros(0)
    probability: float = 1.0

    def covers(self, moment: Micros) -> bool:
        """Whether the fault is in force at ``moment``."""
        return self.begins <= moment and (self.ends is None or moment < self.ends)


class Faults:
    """The faults of a run; every draw comes from a named stream."""

    def __init__(self, kernel: Kernel, faults: Iterable[Fault] = ()) -> None:
        self._kernel = kernel
        self.aimed: dict[tuple[FaultKind, str], list[Fault]] = {}  # empty in most runs, and asked for at every call
        for fault in faults:
            self.aimed.setdefault((fault.kind, fault.target), []).append(fault)

    def striking(self, kind: FaultKind, target: str) -> Fault | None:
        """The fault of this kind that strikes ``target`` now, its probability drawn, or None."""
        for fault in self.aimed.get((kind, target), ()):
            if fault.covers(self._kernel.now):
                if fault.probability >= 1.0:
                    return fault
                if self._kernel.random_for(f"fault/{kind}/{target}").random() < fault.probability:
                    return fault
        return None
