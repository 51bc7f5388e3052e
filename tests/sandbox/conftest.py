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
from tests.sandbox import attack_kit
from tests.sandbox.driver import Driven, Report
from tests.sandbox.host import calm_traces, settled_traces, stored, strays
from tests.sandbox.ordinary_user import ordinary_broker

KIT = Path(attack_kit.__file__).read_bytes()
CONTENT = "the canary sings"

Attack = Callable[..., Report]


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


@pytest.fixture
def canary(sandbox: Sandbox) -> Iterator[Path]:
    """A file that everybody on the host may write. After each test it is as it was, and nothing is left behind:

    no process, mount, descriptor or control group, no file of the jail's users where everybody may write, and the code
    store holds what it held.
    """
    before, store = calm_traces(sandbox), stored(sandbox)
    folder = Path(tempfile.mkdtemp(prefix="lambdalab-canary-"))
    folder.chmod(0o777)
    path = folder / "canary"
    path.write_text(CONTENT)
    path.chmod(0o666)
    yield path
    assert path.read_text() == CONTENT
    assert os.listdir(folder) == ["canary"]
    path.unlink()
    folder.rmdir()
    assert settled_traces(sandbox, before) == before
    assert strays() == []
    assert store.items() <= stored(sandbox).items()


@pytest.fixture
def attack(run: Run) -> Attack:
    """`attack(body)` runs the body of a handler that has the kit; `result` is what it made out."""

    def play(body: str, event: object = None, **how: object) -> Report:
        lines = textwrap.indent(textwrap.dedent(body.strip("\n")), "    ")
        code = f"import ctypes, os, socket, subprocess, sys, time\nfrom kit import *\ndef handler(event, context):\n{lines}\n"
        return run(code, event, files={"kit.py": KIT}, **how)[0]

    return play
