"""A worker and its environments stay on one processor: they take turns, and handing over is cheapest there."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from lambdalab.sandbox import Sandbox, Status, client
from lambdalab.sandbox.client import current_processor
from tests.sandbox.driver import Driven

T = TypeVar("T")
TELLS = {
    "app.py": b"import os\nhere = os.sched_getaffinity(0)\ndef handler(event, context):\n    return sorted(here)\n"
}


def in_a_thread(act: Callable[[], T]) -> T:
    """Does it in a thread of its own, whose processors are not those of the tests."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(act).result()


def test_an_environment_stays_where_its_worker_is_and_the_worker_is_free_again() -> None:
    def play() -> tuple[set[int], list[int], set[int], set[int]]:
        before = os.sched_getaffinity(0)
        with Sandbox.private() as own:
            driven = Driven(own, TELLS)
            during = os.sched_getaffinity(0)
            assert driven.init().status is Status.READY
            found = driven.invoke().result
            driven.environment.reset()
            assert driven.init().status is Status.READY
            assert driven.invoke().result == found
        return before, found, during, os.sched_getaffinity(0)

    before, found, during, after = in_a_thread(play)
    assert len(during) == 1
    assert during <= before
    assert found == sorted(during)
    assert after == before


def test_the_last_ones_of_a_crowd_may_be_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "NEAR_MAX", 1)

    def play() -> list[list[int]]:
        found = [sorted(os.sched_getaffinity(0))]
        with Sandbox.private() as own:
            for _ in range(2):
                driven = Driven(own, TELLS)
                assert driven.init().status is Status.READY
                found.append(driven.invoke().result)
        return found

    before, first, second = in_a_thread(play)
    assert second == before
    assert len(first) == 1


def test_a_processor_that_is_not_there_holds_nothing_up(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_processor", 1_023)
    monkeypatch.setattr(sandbox, "_made", 0)
    driven = Driven(sandbox, TELLS)
    assert driven.init().status is Status.READY
    assert driven.invoke().result
    driven.environment.shutdown()


def test_the_present_processor_is_one_of_ours() -> None:
    assert current_processor() in os.sched_getaffinity(0)
