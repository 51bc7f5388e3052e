"""Which brokers of an installation have made something that outlives them, and where: a file each, locked by its owner.

A lock ends with its process, however that ends, and is no other's by chance, as a process id may be. So who can lock a
record knows that its broker is dead, and that nobody else clears up after it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

NAME = re.compile(r"lambdalab-[0-9]+-[0-9a-f]{8}")


class Record:
    """A record that this process has locked: a name, and the folders in which things so named may be."""

    def __init__(self, path: Path, fd: int, folders: tuple[Path, ...]) -> None:
        self._path = path
        self._fd = fd
        self.name = path.name
        self.folders = folders

    def forget(self) -> None:
        """Nothing of that name is left."""
        self._path.unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """Leave the rest to another broker."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def record(place: Path, name: str, folders: tuple[Path, ...]) -> Record:
    """Note that things named ``name`` may be in ``folders`` from now on. Raises ``OSError`` where it cannot."""
    place.mkdir(parents=True, exist_ok=True)
    with _alone_in(place):  # none may see it before it is locked
        fd = os.open(place / name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(fd, json.dumps([str(folder) for folder in folders]).encode())
    return Record(place / name, fd, folders)


def abandoned(place: Path) -> list[Record]:
    """The records of brokers that are dead, locked by this process now."""
    if not place.is_dir():
        return []
    with _alone_in(place):
        named = (path for path in sorted(place.iterdir()) if NAME.fullmatch(path.name))
        return [found for path in named if (found := _taken(path)) is not None]


def _taken(path: Path) -> Record | None:
    with contextlib.suppress(OSError):
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # it lives
            os.close(fd)
            return None
        return Record(path, fd, _read(fd))
    return None


def _read(fd: int) -> tuple[Path, ...]:
    """What it says. One that was cut short was made by a broker that had made nothing else yet."""
    try:
        return tuple(map(Path, json.loads(os.pread(fd, 1 << 16, 0))))
    except (ValueError, TypeError):
        return ()


@contextlib.contextmanager
def _alone_in(place: Path) -> Iterator[None]:
    fd = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
