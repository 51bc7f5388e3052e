"""How long six hours of throttled retries take, beside bare SimPy doing as many timeouts in the same run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import simpy

from lambdalab.runtime import play
from lambdalab.runtime.projects import read_project
from lambdalab.sandbox import Sandbox

LABS = Path(__file__).resolve().parent.parent / "lambdalab/content/topics/18-asynchronous-invocations/labs"
ROUNDS = 9


def main() -> None:
    """Print medians in milliseconds."""
    files = read_project(LABS / "six-hours-of-throttling", "exemplar")
    with Sandbox.private() as sandbox:
        outcome = play(files, sandbox=sandbox, sink=_nowhere)  # warm: AWS's models and the template are read once
        played = _median_ms(lambda: play(files, sandbox=sandbox, sink=_nowhere))
    bare = _median_ms(lambda: _timeouts(outcome.facts))
    hours = outcome.summary["run"]["virtual_s"] / 3600
    print(f"{hours:.2f} virtual hours, {outcome.facts} facts: {played:.1f} ms")
    print(f"baseline, {outcome.facts} bare SimPy timeouts: {bare:.1f} ms (ratio {played / bare:.1f})")


def _median_ms(work: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        took.append((time.perf_counter() - started) * 1_000)
    return statistics.median(took)


def _timeouts(count: int) -> None:
    environment = simpy.Environment()

    def wait() -> Generator[Any, Any, None]:
        for _ in range(count):
            yield environment.timeout(1)

    environment.process(wait())
    environment.run()


def _nowhere(chunk: bytes) -> None:
    """A sink that keeps nothing."""


if __name__ == "__main__":
    main()
