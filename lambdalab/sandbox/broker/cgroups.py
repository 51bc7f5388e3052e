"""A control group an environment, where the broker may make one: the hard wall for memory and processes.

Version 2 (delegated to the broker, or made at the top by root) and version 1 (root). Without either the limits of
memory are kept by watching (see ``environment.py``), and the doctor says so. A process joins through a descriptor that
the broker has opened: nobody else needs to see the file system of control groups.

A group cannot be removed before the kernel has cleared its last process away, so removing is tried until it is done.
What a broker leaves that was killed is removed by the next of its installation, wherever in the hierarchy it is
(``records.py``). A home that cannot be written is a container's, and its groups end with the container.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lambdalab.sandbox.broker import records

MOUNT = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")
PREFIX = "lambdalab-"
WANTED = {"memory", "pids"}
CLOSE_S = 10.0  # for the end of a thousand environments the kernel takes two
SWEEP_S = 2.0  # a start does not wait longer for what is dying just now: the next one will find it


@dataclass(frozen=True, slots=True)
class Cgroup:
    """One environment's control group: a folder (version 2), or one a controller (version 1)."""

    memory: Path
    pids: Path
    version: int

    def open_procs(self) -> list[int]:
        """Descriptors of the files into which a process writes ``0`` to join."""
        return [os.open(folder / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC) for folder in self._folders()]

    def open_events(self) -> int:
        """A descriptor from which the number of kills for want of memory can be read (``oom_kill``)."""
        name = "memory.events" if self.version == 2 else "memory.oom_control"
        return os.open(self.memory / name, os.O_RDONLY | os.O_CLOEXEC)

    def limit(self, memory_bytes: int, processes: int) -> None:
        """Set the walls."""
        (self.memory / ("memory.max" if self.version == 2 else "memory.limit_in_bytes")).write_text(str(memory_bytes))
        (self.pids / "pids.max").write_text(str(processes))

    def remove(self) -> bool:
        """Give it back. Returns False while one of its processes is still being cleared away."""
        return all(_removed(folder) for folder in self._folders())

    def _folders(self) -> tuple[Path, ...]:
        return (self.memory,) if self.version == 2 else (self.memory, self.pids)


class Cgroups:
    """Where this broker makes control groups. Made by :func:`find`."""

    def __init__(self, memory: Path, pids: Path, version: int) -> None:
        self._memory = memory
        self._pids = pids
        self.version = version
        self._name = f"{PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
        self._record: records.Record | None = None
        self._made = 0
        self._left: list[Cgroup] = []  # to be removed once they are empty

    def may_be_used(self, place: Path) -> bool:
        """Whether this broker may make groups here; where it may, others can read at ``place`` where its groups are."""
        with contextlib.suppress(OSError):
            self._record = records.record(place, self._name, (self._memory, self._pids))
        try:
            self.take_back(self.make())
        except OSError:
            self.close()
            return False
        return True

    def make(self) -> Cgroup:
        """A new control group. Raises ``OSError``."""
        self._left = [group for group in self._left if not group.remove()]
        self._made += 1
        name = f"{self._name}-{self._made}"
        (self._memory / name).mkdir()
        if self.version == 1:
            (self._pids / name).mkdir()
        return Cgroup(self._memory / name, self._pids / name, self.version)

    def take_back(self, group: Cgroup) -> None:
        """``group`` is not needed any more: it goes as soon as its last process has gone."""
        if not group.remove():
            self._left.append(group)

    def close(self) -> None:
        """Remove every group of this broker, whose processes have been told to end. May be done again."""
        if _cleared({self._memory, self._pids}, self._name, CLOSE_S) and self._record is not None:
            self._record.forget()


def sweep(place: Path) -> None:
    """Remove the groups of those brokers recorded at ``place`` that did not come to their end."""
    for found in records.abandoned(place):
        if _cleared(found.folders, found.name, SWEEP_S):
            found.forget()
        else:
            found.release()


def _cleared(parents: Iterable[Path], name: str, patience_s: float) -> bool:
    """Remove the groups of the broker ``name``; returns whether none is left when time is up."""
    until = time.monotonic() + patience_s
    while left := [each for parent in parents for each in parent.glob(f"{name}-*") if not _removed(each)]:
        if time.monotonic() > until:
            return False
        time.sleep(0.002 if len(left) < 20 else 0.02)
    return True


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def find(place: Path, mount: Path = MOUNT, own: Path = OWN) -> Cgroups | None:
    """Where this process may make control groups, or None. ``place`` is for the records of brokers.

    Removes first what was left behind by others that are dead.
    """
    with contextlib.suppress(OSError):
        sweep(place)
    for look in (_version_2, _version_1):
        with contextlib.suppress(OSError):
            found = look(mount, _memberships(own))
            if found is not None and found.may_be_used(place):
                return found
    return None


def _memberships(own: Path) -> dict[str, str]:
    """Controllers (version 2: the empty name) and the path of our own group in each hierarchy."""
    found = {}
    for line in own.read_text().splitlines():
        _, names, path = line.split(":", 2)
        for name in names.split(","):
            found[name] = path.lstrip("/")
    return found


def _version_1(mount: Path, own: dict[str, str]) -> Cgroups | None:
    if not own.keys() >= WANTED:
        return None
    return Cgroups(mount / "memory" / own["memory"], mount / "pids" / own["pids"], 1)


def _version_2(mount: Path, own: dict[str, str]) -> Cgroups | None:
    """Our own group if it was delegated to us alone; else, where root may, one at the top."""
    ours = mount / own.get("", "")
    if _words(ours / "cgroup.controllers") >= WANTED and _words(ours / "cgroup.procs") <= {str(os.getpid())}:
        (ours / "sandboxd").mkdir(exist_ok=True)  # a group with groups below it may have no process of its own
        (ours / "sandboxd" / "cgroup.procs").write_text(str(os.getpid()))
    elif _words(mount / "cgroup.subtree_control") >= WANTED:
        ours = mount / "lambdalab"
        ours.mkdir(exist_ok=True)
    else:
        return None
    (ours / "cgroup.subtree_control").write_text("+memory +pids")
    return Cgroups(ours, ours, 2)


def _words(path: Path) -> set[str]:
    return set(path.read_text().split()) if path.exists() else set()
