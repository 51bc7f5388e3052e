"""What the zygote holds lies in huge pages, and so does what a keeper shares with it."""

from __future__ import annotations

import mmap
import re
from pathlib import Path

from lambdalab.sandbox import Sandbox, Status
from tests.sandbox.driver import Driven
from tests.sandbox.host import broker_pid, descendants

COLLAPSE = 25  # MADV_COLLAPSE: Linux 6.1
RUNS = {"app.py": b"def handler(event, context):\n    return event\n"}
PYTHON_KB = 16 << 10  # a process that was forked from the zygote has more


def kernel_collapses() -> bool:
    """Whether this kernel makes huge pages when it is asked to."""
    with mmap.mmap(-1, 8 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as place:
        place.write(b"x" * len(place))
        try:
            place.madvise(COLLAPSE)
        except OSError:
            return False
    return True


def anonymous_and_huge_kb(pid: int) -> tuple[int, int]:
    """Of a process's memory."""
    found = dict(re.findall(r"^(\w+): +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE))
    return int(found.get("Anonymous", 0)), int(found.get("AnonHugePages", 0))


def test_most_of_what_the_zygote_and_its_keepers_hold_is_huge(sandbox: Sandbox) -> None:
    driven = Driven(sandbox, RUNS)
    assert driven.init().status is Status.READY
    found = [anonymous_and_huge_kb(pid) for pid in descendants(broker_pid(sandbox))]
    driven.environment.shutdown()
    mostly = [huge > anonymous / 2 for anonymous, huge in found if anonymous > PYTHON_KB]
    assert len(mostly) > 2
    assert (sum(mostly) > len(mostly) / 2) is kernel_collapses()
