"""One broker for the session, and two ways to play code in it: `run(code)`, and `jail(code)` step by step."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest

from lambdalab.sandbox import Sandbox, Status
from lambdalab.sandbox.places import Home
from tests.sandbox.driver import Driven, Report

HOME_VARIABLE = "LAMBDALAB_TEST_HOME"  # where the ordinary user's run finds its jail


class Run(Protocol):
    """`run(code, event)`: a report for each invocation, or INIT's alone when it fails."""

    def __call__(self, code: str, event: object = None, *, invocations: int = 1, **how: Any) -> list[Report]: ...


def home_under_test() -> Home | None:
    """The jail to test: the installation's own, or a copy for another user."""
    return Home(Path(os.environ[HOME_VARIABLE])) if HOME_VARIABLE in os.environ else None


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    home = home_under_test()
    with Sandbox.private(home) as made:
        yield made


@pytest.fixture
def jail(sandbox: Sandbox) -> Iterator[Callable[..., Driven]]:
    """`jail(code)` is an environment to be driven by hand; shut down when the test ends."""
    made: list[Driven] = []

    def make(code: str, *, files: Mapping[str, bytes] | None = None, **how: Any) -> Driven:
        folder = {"app.py": textwrap.dedent(code).encode()} | dict(files or {})
        made.append(Driven(sandbox, folder, **how))
        return made[-1]

    yield make
    for driven in made:
        driven.environment.shutdown()


@pytest.fixture
def run(jail: Callable[..., Driven]) -> Run:
    def play(code: str, event: object = None, *, invocations: int = 1, **how: Any) -> list[Report]:
        driven, reports = jail(code, **how), []
        alive = False
        for _ in range(invocations):
            if not alive:
                first = driven.init()
                if first.status is not Status.READY:
                    reports.append(first)
                    driven.environment.reset()
                    continue
            report = driven.invoke(event)
            reports.append(report)
            alive = report.status in (Status.OK, Status.ERROR, Status.OUTPUT_LIMIT)
            if not alive:
                driven.environment.reset()
        return reports

    return play
