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
TELLS = {"app.py": b"import os\ndef handler(event, context):\n    return sorted(os.sched_getaffinity(0))\n"}


def in_a_thread(act: Callable[[], T]) -> T:
    """Does it in a thread of its own, whose processors are not those of the tests."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(act).result()


def told(driven: Driven) -> object:
    """On which processors a new runtime of this environment may be, once it is invoked."""
    assert driven.init().status is Status.READY
    return driven.invoke().result


def test_an_environment_stays_where_its_worker_is_and_the_worker_is_free_again() -> None:
    def play() -> tuple[set[int], set[int], list[object], set[int]]:
        before = os.sched_getaffinity(0)
        with Sandbox.private() as own:
            driven = Driven(own, TELLS)
            during = os.sched_getaffinity(0)
            found = [told(driven)]
            driven.environment.reset()
            found.append(told(driven))
        return before, during, found, os.sched_getaffinity(0)

    before, during, found, after = in_a_thread(play)
    assert len(during) == 1
    assert during <= before
    assert found == [sorted(during)] * 2
    assert after == before


def test_who_is_too_many_of_a_crowd_may_be_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "NEAR_MAX", 1)

    def play() -> tuple[object, list[object]]:
        before = sorted(os.sched_getaffinity(0))
        with Sandbox.private() as own:
            first, second = Driven(own, TELLS), Driven(own, TELLS)
            found = [told(first), told(second)]
            first.environment.shutdown()
            return before, [*found, told(Driven(own, TELLS))]

    before, (first, second, third) = in_a_thread(play)
    assert isinstance(first, list)
    assert len(first) == 1
    assert (second, third) == (before, first)


def test_a_processor_that_is_not_there_holds_nothing_up(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_processor", 1_023)
    monkeypatch.setattr(sandbox, "_near", [])
    driven = Driven(sandbox, TELLS)
    assert told(driven)
    driven.environment.shutdown()


def test_a_handler_cannot_put_itself_between(sandbox: Sandbox) -> None:
    driven = Driven(
        sandbox, {"app.py": b"import os\ndel os.sched_setaffinity\ndef handler(event, context): return 1\n"}
    )
    assert told(driven) == 1
    driven.environment.shutdown()


def test_the_present_processor_is_one_of_ours() -> None:
    assert current_processor() in os.sched_getaffinity(0)
