"""Ten thousand invocations, harmless and hostile in a random order, and everything is where it was."""

from __future__ import annotations

import gc
import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from lambdalab.sandbox import Policy, Sandbox, Status
from tests.sandbox import many_deeds
from tests.sandbox.driver import Driven
from tests.sandbox.host import broker_pid, calm_traces, settled_traces

AS_BOTH = True
CODE = {"app.py": Path(many_deeds.__file__).read_bytes()}
INVOCATIONS, ALIVE, LIVES = 10_000, 4, 60
SEED = int(os.environ.get("LAMBDALAB_TEST_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
SURVIVES = (Status.OK, Status.ERROR, Status.OUTPUT_LIMIT)


@pytest.mark.long
def test_nothing_grows_and_nothing_is_left_behind(sandbox: Sandbox) -> None:
    print(f"LAMBDALAB_TEST_SEED={SEED}")  # repeats what failed
    chance = random.Random(SEED)
    play(sandbox, chance, 500)  # caches and pools are full from here on
    before, resident = calm_traces(sandbox), residents(sandbox)
    ends = play(sandbox, chance, INVOCATIONS)
    assert settled_traces(sandbox, before) == before
    assert ends.total() == INVOCATIONS
    assert {Status.OK, Status.ERROR, Status.EXIT, Status.OUT_OF_MEMORY, Status.OUTPUT_LIMIT} <= set(ends)
    grown = [now - then for now, then in zip(residents(sandbox), resident, strict=True)]
    assert max(grown) < 8_192, f"KB grown in worker and broker: {grown}"


def play(sandbox: Sandbox, chance: random.Random, invocations: int) -> Counter[Status]:
    """Several environments in turn; each is replaced after a while, and started again whenever its runtime ended."""
    ends: Counter[Status] = Counter()
    alive = [environment(sandbox) for _ in range(ALIVE)]
    for number in range(invocations):
        at = chance.randrange(ALIVE)
        if chance.randrange(LIVES) == 0:
            alive[at].environment.shutdown()
            alive[at] = environment(sandbox)
        deeds = many_deeds.HARMLESS if number % 2 else many_deeds.HOSTILE
        report = alive[at].invoke({"deed": chance.choice(deeds).__name__})
        ends[report.status] += 1
        if report.status not in SURVIVES:
            alive[at].environment.reset()
            assert alive[at].init().status is Status.READY
    for driven in alive:
        driven.environment.shutdown()
    return ends


def environment(sandbox: Sandbox) -> Driven:
    driven = Driven(sandbox, CODE, policy=Policy(memory_mb=128, tmp_mb=8, processes=64, wall_s=2.0, log_bytes=1 << 16))
    assert driven.init().status is Status.READY
    return driven


def residents(sandbox: Sandbox) -> list[int]:
    """KB of this process and of the broker."""
    gc.collect()
    of: Callable[[int], int] = lambda pid: int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4  # noqa: E731
    return [of(os.getpid()), of(broker_pid(sandbox))]
