"""One broker for the session, and two ways to play code in it: `run(code)`, and `jail(code)` step by step.

A module that says ``AS_BOTH = True`` is tested twice where root runs the tests: with root's broker, and with one of an
ordinary user.
"""

from __future__ import annotations

import os
import tempfile
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest

from lambdalab.sandbox import Sandbox, Status
from tests.sandbox.driver import Driven, Report
from tests.sandbox.ordinary_user import ordinary_broker


class Run(Protocol):
    """`run(code, event)`: a report for each invocation, or INIT's alone when it fails."""

    def __call__(self, code: str, event: object = None, *, invocations: int = 1, **how: Any) -> list[Report]: ...


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Root's tests of attacks run as root and as an ordinary user; an ordinary user's as that user only."""
    if "sandbox" in metafunc.fixturenames and getattr(metafunc.module, "AS_BOTH", False) and os.geteuid() == 0:
        metafunc.parametrize("sandbox", ["as_root", "as_a_user"], indirect=True, scope="session")


@pytest.fixture(scope="session")
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    as_a_user = getattr(request, "param", "") == "as_a_user"
    with (
        tempfile.TemporaryDirectory() as folder,  # pytest's own folders are private
        ordinary_broker(Path(folder)) if as_a_user else Sandbox.private() as made,
    ):
        assert made.layers  # it is ready
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
