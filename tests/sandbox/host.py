"""What a test sees of the host: the broker's processes, and whether something was left behind."""

from __future__ import annotations

import contextlib
import gc
import os
import time
from dataclasses import dataclass
from pathlib import Path

from lambdalab.sandbox import Sandbox
from lambdalab.sandbox.broker.cgroups import PREFIX
from lambdalab.sandbox.broker.server import BLANKS
from lambdalab.sandbox.places import JAIL_UID
from tests.sandbox.ordinary_user import USER

STANDING = 3 + 2 * BLANKS  # bubblewrap twice, one zygote, two processes a blank


@dataclass(frozen=True, slots=True)
class Traces:
    """What an environment would leave behind."""

    processes: int
    mounts: tuple[str, ...]
    own_descriptors: int
    broker_descriptors: int
    control_groups: int


def broker_pid(sandbox: Sandbox) -> int:
    """The private broker's process."""
    assert sandbox._broker is not None
    return sandbox._broker.pid


def descendants(pid: int) -> list[int]:
    """All living processes below ``pid``. The dead who wait to be collected are none."""
    children: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            state, parent = Path(f"/proc/{name}/stat").read_text().rsplit(")", 1)[1].split()[:2]
        except OSError:
            continue
        if state not in "ZX":
            children.setdefault(int(parent), []).append(int(name))
    found, waiting = [], [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def computes(pid: int) -> bool:
    """Whether a process has computed for two seconds and goes on: below a broker, only a handler does so."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return False
    ticks = os.sysconf("SC_CLK_TCK")
    return fields[0] == "R" and int(fields[11]) + int(fields[12]) > 2 * ticks


def traces(sandbox: Sandbox) -> Traces:
    """The present state."""
    pid = broker_pid(sandbox)
    return Traces(
        processes=len(descendants(pid)),
        mounts=tuple(Path("/proc/self/mounts").read_text().splitlines()),
        own_descriptors=len(os.listdir("/proc/self/fd")),
        broker_descriptors=len(os.listdir(f"/proc/{pid}/fd")),
        control_groups=sum(
            name.startswith(f"{PREFIX}{pid}-") for _, below, _ in os.walk("/sys/fs/cgroup") for name in below
        ),
    )


def strays() -> list[str]:
    """Files of the jail's users in the host's folders in which everybody may write, or the whole system looks."""
    found = []
    for folder in filter(os.path.isdir, ("/tmp", "/var/tmp", "/run", "/dev/shm")):
        for entry in os.scandir(folder):
            with contextlib.suppress(FileNotFoundError):  # somebody else's, gone meanwhile
                if entry.stat(follow_symlinks=False).st_uid in (JAIL_UID, USER):
                    found.append(entry.path)
    return sorted(found)


def stored(sandbox: Sandbox) -> dict[str, tuple[int, ...]]:
    """Every file in the code store, and by what one would see that it was changed."""
    found: dict[str, tuple[int, ...]] = {}
    for parent, _, names in os.walk(sandbox.home.code):
        for name in names:
            path = os.path.join(parent, name)
            now = os.lstat(path)
            found[path] = (now.st_ino, now.st_mode, now.st_uid, now.st_size, now.st_mtime_ns, now.st_nlink)
    return found


def calm_traces(sandbox: Sandbox) -> Traces:
    """The state when no environment is left of earlier tests and all blanks are made: the same at two looks."""
    gc.collect()  # descriptors of earlier tests that wait to be collected
    now, until = traces(sandbox), time.monotonic() + 10
    while time.monotonic() < until:
        time.sleep(0.02)
        last, now = now, traces(sandbox)
        if last == now and now.processes == STANDING:
            break
    return now


def settled_processes(sandbox: Sandbox, wanted: int) -> int:
    """How many the broker has below it once the blanks that replace the used ones are made, or after ten seconds."""
    until = time.monotonic() + 10
    while (now := len(descendants(broker_pid(sandbox)))) != wanted and time.monotonic() < until:
        time.sleep(0.01)
    return now


def settled_traces(sandbox: Sandbox, wanted: Traces) -> Traces:
    """The state once the kernel has ended what was killed; at most a few seconds later."""
    until = time.monotonic() + 10
    while (now := traces(sandbox)) != wanted and time.monotonic() < until:
        time.sleep(0.01)
    return now
