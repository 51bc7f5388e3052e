"""Brokers that end at random moments, one way or another: afterwards the machine has nothing of them."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lambdalab.sandbox import Sandbox, SandboxError, Status
from lambdalab.sandbox.broker import cgroups
from lambdalab.sandbox.places import default_home
from tests.sandbox.driver import Driven
from tests.sandbox.host import broker_pid, calm_traces

HANDLER = {"app.py": b"def handler(event, context): return event\n"}
SEED = int(os.environ.get("LAMBDALAB_TEST_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
ROUNDS, MANY_ROUNDS = 12, 150
LONGEST_S = 0.8  # by then a broker has made all its blanks

End = Callable[[Sandbox], None]


def groups(pid: int) -> list[str]:
    """A broker's control groups, wherever they are."""
    name = f"{cgroups.PREFIX}{pid}-"
    return sorted(
        f"{parent}/{each}" for parent, below, _ in os.walk(cgroups.MOUNT) for each in below if each.startswith(name)
    )


def close(sandbox: Sandbox) -> None:
    sandbox.close()


def ask_to_end(sandbox: Sandbox) -> None:
    assert sandbox._broker is not None
    sandbox._broker.terminate()
    sandbox._broker.terminate()  # as an impatient administrator would
    assert sandbox._broker.wait(20) in (0, -signal.SIGTERM)  # the latter while Python itself began


def kill(sandbox: Sandbox) -> None:
    os.kill(broker_pid(sandbox), signal.SIGKILL)


def use(sandbox: Sandbox, chance: random.Random) -> list[Driven]:
    """Some environments of a broker, which may end at any moment of it."""
    made: list[Driven] = []
    with contextlib.suppress(SandboxError):
        for _ in range(chance.randrange(5)):
            made.append(Driven(sandbox, HANDLER))
            assert made[-1].init().status is Status.READY
    return made


def play(end: End, rounds: int, settle: Callable[[], None]) -> int:
    """Brokers that come to ``end`` after a random time, some of them in use. Returns how many groups were seen."""
    print(f"LAMBDALAB_TEST_SEED={SEED}")  # repeats what failed
    chance, seen, pids = random.Random(SEED), 0, []
    for _ in range(rounds):
        sandbox = Sandbox.private(zygotes=2)
        pids.append(broker_pid(sandbox))
        made = use(sandbox, chance) if chance.randrange(2) else []
        time.sleep(chance.uniform(0, LONGEST_S))
        seen += len(groups(pids[-1]))
        end(sandbox)
        if end is not kill:
            assert groups(pids[-1]) == []
        for driven in made:
            driven.environment.shutdown()
        sandbox.close()
    settle()
    assert [groups(pid) for pid in pids] == [[]] * rounds
    names = [f"{cgroups.PREFIX}{pid}-" for pid in pids]
    assert [path for path in default_home().brokers.glob("*") if path.name.startswith(tuple(names))] == []
    return seen


def nothing() -> None:
    """What closes leaves nothing to do."""


def start_another() -> None:
    with Sandbox.private() as another:
        assert another.layers


def ask_the_doctor() -> None:
    subprocess.run([sys.executable, "-c", "from lambdalab.sandbox.doctor import main; main()"], check=True)


WAYS = [(close, nothing), (ask_to_end, nothing), (kill, start_another), (kill, ask_the_doctor)]


@pytest.mark.parametrize(("end", "settle"), WAYS)
def test_a_broker_leaves_nothing_behind(sandbox: Sandbox, end: End, settle: Callable[[], None]) -> None:
    calm_traces(sandbox)
    inhabited = [group for group in groups(broker_pid(sandbox)) if Path(group, "cgroup.procs").read_text()]
    seen = play(end, ROUNDS, settle)
    assert (seen > 0) is sandbox.layers[-1].active  # else nothing was tried
    assert set(inhabited) <= set(groups(broker_pid(sandbox)))  # a living one's are its own
    assert bool(inhabited) is sandbox.layers[-1].active


@pytest.mark.long
@pytest.mark.parametrize(("end", "settle"), WAYS)
def test_many_brokers_leave_nothing_behind(sandbox: Sandbox, end: End, settle: Callable[[], None]) -> None:
    assert (play(end, MANY_ROUNDS, settle) > 0) is sandbox.layers[-1].active


def test_an_end_that_is_lost_in_a_finalizer_comes_again(tmp_path: Path) -> None:
    code = """
import os, signal, sys, time
from lambdalab.sandbox.broker import __main__ as broker
class Finalized:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.01)
signal.signal(signal.SIGTERM, broker._end_once)
with broker._in_the_end(lambda: print("closed")):
    Finalized()
    print("lost", flush=True)
    time.sleep(30)
"""
    began = time.monotonic()
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout.split()) == (0, ["lost", "closed", "closed"])
    assert time.monotonic() - began < 20


def test_brokers_that_start_at_once_do_not_take_each_other_for_dead() -> None:
    several = [Sandbox.private() for _ in range(4)]
    try:
        for sandbox in several:
            assert sandbox.layers
        for sandbox in several:
            driven = Driven(sandbox, HANDLER)
            assert driven.init().status is Status.READY
            assert bool(groups(broker_pid(sandbox))) is sandbox.layers[-1].active
            driven.environment.shutdown()
    finally:
        for sandbox in several:
            sandbox.close()


def test_a_worker_that_was_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    code = """
import os, signal
from lambdalab.sandbox import Sandbox
from tests.sandbox.driver import Driven
sandbox = Sandbox.private(zygotes=2)
driven = Driven(sandbox, {"app.py": b"def handler(event, context): return event"})
driven.init()
print(sandbox._broker.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL
    until = time.monotonic() + 10
    while Path(f"/proc/{ended.stdout.strip()}").exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert groups(int(ended.stdout)) == []
