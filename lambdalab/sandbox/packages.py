"""Code packages: what may be in one, and a folder read as one, in bounded pieces. Zips are read by ``zips``.

Nothing here writes or follows a link. What Lambda refuses is refused in Lambda's words (fact J.4, read 2026-11).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

UNZIPPED_BYTES_MAX = 262_144_000  # fact J.4
FILES_MAX = 20_000  # files and folders. Ours: Lambda names none
NAME_BYTES_MAX = 255  # what Linux takes, for one part of a path ...
PATH_BYTES_MAX = 2_048  # ... and less than what it takes for a whole one, since /var/task comes before it
PIECE_BYTES = 1 << 18
SKIPPED = "__pycache__"  # the interpreter's own, made by running the code here


class BadPackage(ValueError):
    """A package that Lambda or we refuse. The message is one clear sentence, or AWS's and ours."""


@dataclass(frozen=True, slots=True)
class PackageFile:
    """One file: its path (relative, with ``/``) and its content, to be read once and before the next file."""

    path: str
    pieces: Iterable[bytes]
    executable: bool = False


def read_folder(
    folder: Path, *, files_max: int = FILES_MAX, bytes_max: int = UNZIPPED_BYTES_MAX
) -> Iterator[PackageFile]:
    """The files of a folder, in the order of their names; without ``__pycache__``. Raises :class:`BadPackage`.

    Links are refused, not followed: the jail would not see where they lead.
    """
    budget, paths = Budget(bytes_max), Paths(files_max)
    for path, found in _walk(folder, paths):
        relative = paths.file(path.relative_to(folder).as_posix())
        budget.expect(found.st_size)
        yield PackageFile(relative, _content(path, budget), bool(found.st_mode & stat.S_IXUSR))


def checked_files(files: Iterable[PackageFile], *, files_max: int, bytes_max: int) -> Iterator[PackageFile]:
    """The same files, their paths and sizes checked as those of a zip. Raises :class:`BadPackage`."""
    budget, paths = Budget(bytes_max), Paths(files_max)
    for each in files:
        yield PackageFile(paths.file(each.path), map(budget.take, each.pieces), each.executable)


def check_paths(paths: Iterable[str], *, files_max: int = FILES_MAX) -> None:
    """Raise :class:`BadPackage` unless all ``paths`` together could be the files of a package."""
    seen = Paths(files_max)
    for path in paths:
        seen.file(path)


class Budget:
    """How many bytes a package may still have."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._left = bytes_max

    def expect(self, size: int) -> None:
        """Raise :class:`BadPackage` when a file of ``size`` bytes would be too much: it need not be read then."""
        if size > self._left:
            raise too_large(self._bytes_max)

    def take(self, piece: bytes) -> bytes:
        self._left -= len(piece)
        if self._left < 0:
            raise too_large(self._bytes_max)
        return piece


def too_large(bytes_max: int) -> BadPackage:
    """AWS's answer to an unzipped package of more than its 250 MB, or of more than another limit."""
    return BadPackage(f"Unzipped size must be smaller than {bytes_max} bytes")


class Paths:
    """The paths seen so far: none twice, none both file and folder, none that leads out, and not too many."""

    def __init__(self, files_max: int) -> None:
        self._files_max = files_max
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def file(self, name: str) -> str:
        """The clean path of a file named ``name``."""
        path = _clean(name)
        if not path:
            raise BadPackage(f"{shown(name)} names no file.")
        if path in self._files or path in self._folders:
            raise BadPackage(f"the package has {shown(path)} twice. Pack it again into a new file.")
        self.folder(path.rpartition("/")[0])
        self._files.add(path)
        self._count()
        return path

    def folder(self, name: str) -> None:
        """Note a folder and those above it."""
        path = _clean(name)
        while path and path not in self._folders:
            if path in self._files:
                raise BadPackage(f"{shown(path)} is both a file and a folder of the package.")
            self._folders.add(path)
            self._count()
            path = path.rpartition("/")[0]

    def _count(self) -> None:
        if len(self._files) + len(self._folders) > self._files_max:
            raise BadPackage(f"the package has more than {self._files_max:,} files and folders.")


def _clean(name: str) -> str:
    """``name`` without empty and ``.`` parts. Raises :class:`BadPackage` when it cannot be a path of a package."""
    if "\\" in name:
        raise BadPackage(f"{shown(name)} has a backslash; paths are written with /. Pack it again with another tool.")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or ".." in parts or "\0" in name:
        raise BadPackage(f"{shown(name)} leads out of the package.")
    try:
        too_long = any(len(part.encode()) > NAME_BYTES_MAX for part in parts) or len(name.encode()) > PATH_BYTES_MAX
    except UnicodeEncodeError:
        raise BadPackage(f"{shown(name)} is not UTF-8. Rename it.") from None
    if too_long:
        raise BadPackage(f"{shown(name)} is too long: {NAME_BYTES_MAX} bytes a name, {PATH_BYTES_MAX:,} a path.")
    return "/".join(parts)


def shown(name: str) -> str:
    return ascii(name if len(name) <= 80 else f"{name[:77]}...")


def _walk(folder: Path, paths: Paths) -> Iterator[tuple[Path, os.stat_result]]:
    """The regular files below ``folder``, with what the file system says of them."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        below = []
        for path, found in _listed(here):
            if stat.S_ISDIR(found.st_mode):
                if path.name != SKIPPED:
                    paths.folder(path.relative_to(folder).as_posix())
                    below.append(path)
            elif stat.S_ISREG(found.st_mode):
                yield path, found
            else:
                kind = "a link" if stat.S_ISLNK(found.st_mode) else "neither a file nor a folder"
                raise BadPackage(f"{path} is {kind}; a package holds files. Copy the file instead.")
        waiting += reversed(below)


def _listed(folder: Path) -> list[tuple[Path, os.stat_result]]:
    try:
        with os.scandir(folder) as entries:
            return sorted((folder / each.name, each.stat(follow_symlinks=False)) for each in entries)
    except OSError as error:
        raise _cannot_read(error, folder) from None


def _content(path: Path, budget: Budget) -> Iterator[bytes]:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(fd, "rb", buffering=0) as file:
            while piece := file.read(PIECE_BYTES):
                yield budget.take(piece)
    except OSError as error:
        raise _cannot_read(error, path) from None


def _cannot_read(error: OSError, path: Path) -> BadPackage:
    return BadPackage(f"{error.filename or path} cannot be read: {error.strerror}.")
