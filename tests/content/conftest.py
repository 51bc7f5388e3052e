"""The course of this repository, and a sandbox that plays its projects with the real handlers."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from lambdalab.curriculum import Course, load_course
from lambdalab.runtime import Outcome, play
from lambdalab.sandbox import Sandbox

CONTENT = Path(__file__).parents[2] / "lambdalab" / "content"
Player = Callable[[Mapping[str, bytes]], Outcome]


@cache
def course() -> Course:
    return load_course(CONTENT)


@pytest.fixture(scope="session")
def played() -> Iterator[Player]:
    """Plays a project once a session, however many tests look at it."""
    outcomes: dict[tuple[tuple[str, bytes], ...], Outcome] = {}
    with Sandbox.private() as sandbox:

        def player(files: Mapping[str, bytes]) -> Outcome:
            key = tuple(sorted(files.items()))
            if key not in outcomes:
                outcomes[key] = play(files, sink=lambda _chunk: None, should_stop=lambda: None, sandbox=sandbox)
            return outcomes[key]

        yield player
