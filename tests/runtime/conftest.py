"""The real sandbox: students' code runs as it does in production."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from lambdalab.runtime import Outcome, play
from lambdalab.sandbox import Sandbox
from lambdalab.simulator.trace import Stamped, decode_lines
from lambdalab.simulator.trace.platform_lines import with_platform_lines


@dataclass(frozen=True)
class Played:
    outcome: Outcome
    trace: bytes
    facts: list[Stamped]

    def of(self, kind: type[Any]) -> list[Any]:
        return [stamped.fact for stamped in with_platform_lines(self.facts) if isinstance(stamped.fact, kind)]

    @property
    def summary(self) -> dict[str, Any]:
        return self.outcome.summary

    @property
    def result(self) -> Any:
        """What the first invocation that succeeded returned."""
        return self.summary["functions"]["work"]["results"][0]


Play = Callable[..., Played]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox.private() as opened:
        yield opened


@pytest.fixture
def played(sandbox: Sandbox) -> Play:
    def player(files: Mapping[str, bytes], **how: Any) -> Played:
        chunks: list[bytes] = []
        outcome = play(files, sandbox=sandbox, sink=chunks.append, **how)
        trace = b"".join(chunks)
        return Played(outcome, trace, list(decode_lines(trace.splitlines())))

    return player
