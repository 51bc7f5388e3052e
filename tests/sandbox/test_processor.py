"""A worker and its environments stay on one processor: they take turns, and handing over is cheapest there."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from lambdalab.sandbox import Policy, Sandbox, Status, client
from lambdalab.sandbox.client import current_processor
from tests.sandbox.conftest import Run
from tests.sandbox.driver import Driven

T = TypeVar("T")
TELLS = {
    "app.py": b"""
def handler(event, context):
    (line,) = [line for line in open("/proc/self/status") if line.startswith("Cpus_allowed_list:")]
    ranges = [part.partition("-") for part in line.split()[1].split(",")]
    return [number for low, _, high in ranges for number in range(int(low), int(high or low) + 1)]
"""
}  # the kernel's own word: what the C library says is Lambda's


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


ASKS = """
import asyncio, ctypes, multiprocessing, os, subprocess, sys
from concurrent.futures import ThreadPoolExecutor
libc = ctypes.CDLL(None)
CODE = "import os; print(os.cpu_count(), len(os.sched_getaffinity(0)))"
def handler(event, context):
    size = ctypes.create_string_buffer(128)
    return {
        "cpu_count": os.cpu_count(), "affinity": sorted(os.sched_getaffinity(0)), "of me": sorted(os.sched_getaffinity(os.getpid())),
        "process_cpu_count": getattr(os, "process_cpu_count", os.cpu_count)(), "multiprocessing": multiprocessing.cpu_count(),
        "configured": os.sysconf("SC_NPROCESSORS_CONF"), "get_nprocs": libc.get_nprocs(), "on": libc.sched_getcpu(),
        "thread": [libc.pthread_getaffinity_np(ctypes.c_void_p(libc.pthread_self()), 128, size), size.raw[0]],
        "pool": ThreadPoolExecutor()._max_workers, "page": os.sysconf("SC_PAGESIZE"),
        "child": subprocess.run([sys.executable, "-S", "-c", CODE], capture_output=True, text=True).stdout.split(),
        "nproc": subprocess.run(["nproc"], capture_output=True, text=True).stdout.strip(),
    }
"""


@pytest.mark.parametrize(
    ("memory_mb", "count"),
    [(128, 2), (1_769, 2), (3_008, 2), (3_009, 3), (5_307, 3), (5_308, 4), (7_077, 5), (8_846, 6), (10_240, 6)],
)
def test_code_sees_as_many_processors_as_lambda_shows_for_its_memory(run: Run, memory_mb: int, count: int) -> None:
    (report,) = run(ASKS, policy=Policy(memory_mb=memory_mb))
    every = list(range(count))
    assert report.result == {
        "cpu_count": count, "affinity": every, "of me": every, "process_cpu_count": count, "multiprocessing": count,
        "configured": count, "get_nprocs": count, "on": 0, "thread": [0, (1 << count) - 1], "pool": count + 4,
        "page": os.sysconf("SC_PAGESIZE"), "child": [str(count)] * 2, "nproc": str(count),
    }  # fmt: skip


def test_code_that_asks_for_a_processor_is_told_of_it_and_stays_put(jail: Callable[..., Driven]) -> None:
    code = TELLS["app.py"].decode() + """
import os
real = handler
def refused(pid, processors):
    try: os.sched_setaffinity(pid, processors)
    except OSError as error: return error.strerror
def handler(event, context):
    before = real(event, context)
    os.sched_setaffinity(0, {1, 9})
    read, write = os.pipe()
    if os.fork() == 0:
        os.write(write, repr(sorted(os.sched_getaffinity(0))).encode()); os._exit(0)
    return [before == real(event, context), sorted(os.sched_getaffinity(0)), os.read(read, 99).decode(),
            refused(0, {2}), refused(999_999, {0}), refused(0, set()), os.cpu_count()]
"""
    driven = jail(code)
    assert driven.init().status is Status.READY
    assert driven.invoke().result == [True, [1], "[1]", "Invalid argument", "No such process", "Invalid argument", 2]


def test_the_answer_is_the_same_wherever_a_worker_runs() -> None:
    def play(processors: set[int]) -> object:
        os.sched_setaffinity(0, processors)
        with Sandbox.private() as own:
            driven = Driven(own, {"app.py": ASKS.encode()})
            assert driven.init().status is Status.READY
            return driven.invoke().result

    everywhere = os.sched_getaffinity(0)
    plays = [in_a_thread(lambda where=where: play(where)) for where in ({min(everywhere)}, {max(everywhere)}, everywhere)]
    assert plays[0] == plays[1] == plays[2]


def test_a_mask_of_another_size_than_the_kernels_is_refused_as_by_the_kernel(jail: Callable[..., Driven]) -> None:
    driven = jail("import ctypes\nlibc = ctypes.CDLL(None)\ndef handler(event, context): return [libc.sched_getaffinity(0, n, ctypes.create_string_buffer(64)) for n in (0, 4, 12, 8, 64)]")
    driven.init()
    assert driven.invoke().result == [-1, -1, -1, 0, 0]


def test_the_present_processor_is_one_of_ours() -> None:
    assert current_processor() in os.sched_getaffinity(0)
