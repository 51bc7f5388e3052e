"""A control group an environment, where the broker may make one: the hard wall for memory and processes.

Version 2 (delegated to the broker, or made at the top by root) and version 1 (root). Without either the limits of
memory are kept by watching (see ``environment.py``), and the doctor says so. A process joins through a descriptor that
the broker has opened: nobody else needs to see the file system of control groups.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

MOUNT = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")
PREFIX = "lambdalab-"
WANTED = {"memory", "pids"}


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

    def remove(self) -> None:
        """Give it back; its last process has ended."""
        for folder in self._folders():
            with contextlib.suppress(OSError):  # a process that is still being cleared away: the next start removes it
                folder.rmdir()

    def _folders(self) -> tuple[Path, ...]:
        return (self.memory,) if self.version == 2 else (self.memory, self.pids)


class Cgroups:
    """Where this broker makes control groups. Made by :func:`find`."""

    def __init__(self, memory: Path, pids: Path, version: int) -> None:
        self._memory = memory
        self._pids = pids
        self.version = version
        self._made = 0

    def make(self) -> Cgroup:
        """A new control group. Raises ``OSError``."""
        self._made += 1
        name = f"{PREFIX}{os.getpid()}-{self._made}"
        (self._memory / name).mkdir()
        if self.version == 1:
            (self._pids / name).mkdir()
        return Cgroup(self._memory / name, self._pids / name, self.version)

    def sweep(self) -> None:
        """Remove what brokers left behind that did not come to their end."""
        for parent in {self._memory, self._pids}:
            for folder in parent.glob(f"{PREFIX}*"):
                pid = folder.name.removeprefix(PREFIX).partition("-")[0]
                if pid.isdigit() and not Path(f"/proc/{pid}").exists():
                    with contextlib.suppress(OSError):
                        folder.rmdir()


def find(mount: Path = MOUNT, own: Path = OWN) -> Cgroups | None:
    """The place for control groups, or None where this process may make none."""
    for place in (_version_2, _version_1):
        with contextlib.suppress(OSError):
            found = place(mount, _memberships(own))
            if found is not None:
                found.sweep()
                found.make().remove()  # may we?
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
