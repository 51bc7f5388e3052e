"""Code packages: zips and folders, read in bounded pieces. Every archive that a student hands in comes through here.

Nothing here writes, follows a link, or believes a size or a count that an archive claims. What Lambda refuses is
refused in Lambda's words (facts J.4 and X.3, read 2026-11), with ours behind them where they name the entry.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

ZIPPED_BYTES_MAX = 52_428_800  # fact J.4: what one request may carry
UNZIPPED_BYTES_MAX = 262_144_000  # fact J.4
FILES_MAX = 20_000  # files and folders. Ours: Lambda names none
NAME_BYTES_MAX = 255  # what Linux takes, for one part of a path ...
PATH_BYTES_MAX = 2_048  # ... and less than what it takes for a whole one, since /var/task comes before it
PIECE_BYTES = 1 << 18
DIRECTORY_BYTES_PER_FILE = 256  # of a zip's directory: 46 and the name. It is read at once, so it is bounded first
CANNOT_UNZIP = "Could not unzip uploaded file. Please check your file, then try to upload again."  # fact X.3
ENCRYPTED = 0x1 | 0x40 | 0x2000
SKIPPED = "__pycache__"  # the interpreter's own, made by running the code here


class BadPackage(ValueError):
    """A package that Lambda or we refuse. The message is one clear sentence, or AWS's and ours."""


@dataclass(frozen=True, slots=True)
class PackageFile:
    """One file: its path (relative, with ``/``) and its content, to be read once and before the next file."""

    path: str
    pieces: Iterable[bytes]
    executable: bool = False


def files_of_zip(
    data: bytes | BinaryIO,
    *,
    files_max: int = FILES_MAX,
    bytes_max: int = UNZIPPED_BYTES_MAX,
    zipped_max: int = ZIPPED_BYTES_MAX,
) -> dict[str, bytes]:
    """The files of a zip, path to content, held in memory. Bounds and :class:`BadPackage` as in :func:`read_zip`."""
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    found = read_zip(file, files_max=files_max, bytes_max=bytes_max, zipped_max=zipped_max)
    return {each.path: b"".join(each.pieces) for each in found}


def read_zip(
    file: BinaryIO,
    *,
    files_max: int = FILES_MAX,
    bytes_max: int = UNZIPPED_BYTES_MAX,
    zipped_max: int = ZIPPED_BYTES_MAX,
) -> Iterator[PackageFile]:
    """The files of a zip, one after the other. ``file`` is open for reading and can be sought in.

    Refused with :class:`BadPackage`: more than ``files_max`` files and folders, ``bytes_max`` bytes of content or
    ``zipped_max`` bytes of zip; paths that lead out; backslashes; links and devices; encrypted, overlapping or repeated
    entries; anything that is not a complete zip. Names that differ in case or Unicode form are different files, as on
    Lambda's Linux.
    """
    zipped = file.seek(0, os.SEEK_END)
    file.seek(0)
    if zipped > zipped_max:
        raise BadPackage(f"Zipped size must be smaller than {zipped_max} bytes")
    budget, paths = _Budget(bytes_max), _Paths(files_max)
    with _open(file, max(1 << 20, files_max * DIRECTORY_BYTES_PER_FILE)) as archive:
        entries = _checked(archive, paths, bytes_max)
        for path, entry in entries:
            executable = bool(entry.external_attr >> 16 & stat.S_IXUSR)
            yield PackageFile(path, _inflated(archive, entry, budget), executable)


def read_folder(
    folder: Path, *, files_max: int = FILES_MAX, bytes_max: int = UNZIPPED_BYTES_MAX
) -> Iterator[PackageFile]:
    """The files of a folder, in the order of their names; without ``__pycache__``. Raises :class:`BadPackage`.

    Links are refused, not followed: the jail would not see where they lead.
    """
    budget, paths = _Budget(bytes_max), _Paths(files_max)
    for path, mode in _walk(folder, paths):
        relative = paths.file(path.relative_to(folder).as_posix())
        yield PackageFile(relative, _content(path, budget), bool(mode & stat.S_IXUSR))


def checked_files(files: Iterable[PackageFile], *, files_max: int, bytes_max: int) -> Iterator[PackageFile]:
    """The same files, their paths and sizes checked as those of a zip. Raises :class:`BadPackage`."""
    budget, paths = _Budget(bytes_max), _Paths(files_max)
    for each in files:
        yield PackageFile(paths.file(each.path), map(budget.take, each.pieces), each.executable)


def check_paths(paths: Iterable[str], *, files_max: int = FILES_MAX) -> None:
    """Raise :class:`BadPackage` unless all ``paths`` together could be the files of a package."""
    seen = _Paths(files_max)
    for path in paths:
        seen.file(path)


class _Budget:
    """How many bytes a package may still have."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._left = bytes_max

    def take(self, piece: bytes) -> bytes:
        self._left -= len(piece)
        if self._left < 0:
            raise too_large(self._bytes_max)
        return piece


def too_large(bytes_max: int) -> BadPackage:
    """AWS's answer to an unzipped package of more than its 250 MB, or of more than another limit."""
    return BadPackage(f"Unzipped size must be smaller than {bytes_max} bytes")


class _Paths:
    """The paths seen so far: none twice, none both file and folder, none that leads out, and not too many."""

    def __init__(self, files_max: int) -> None:
        self._files_max = files_max
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def file(self, name: str) -> str:
        """The clean path of a file named ``name``."""
        path = _clean(name)
        if not path:
            raise BadPackage(f"{_shown(name)} names no file.")
        if path in self._files or path in self._folders:
            raise BadPackage(f"the package has {_shown(path)} twice. Pack it again into a new file.")
        self.folder(path.rpartition("/")[0])
        self._files.add(path)
        self._count()
        return path

    def folder(self, name: str) -> None:
        """Note a folder and those above it."""
        path = _clean(name)
        while path and path not in self._folders:
            if path in self._files:
                raise BadPackage(f"{_shown(path)} is both a file and a folder of the package.")
            self._folders.add(path)
            self._count()
            path = path.rpartition("/")[0]

    def _count(self) -> None:
        if len(self._files) + len(self._folders) > self._files_max:
            raise BadPackage(f"the package has more than {self._files_max:,} files and folders.")


def _clean(name: str) -> str:
    """``name`` without empty and ``.`` parts. Raises :class:`BadPackage` when it cannot be a path of a package."""
    if "\\" in name:
        raise BadPackage(f"{_shown(name)} has a backslash; paths are written with /. Pack it again with another tool.")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or ".." in parts or "\0" in name:
        raise BadPackage(f"{_shown(name)} leads out of the package.")
    try:
        too_long = any(len(part.encode()) > NAME_BYTES_MAX for part in parts) or len(name.encode()) > PATH_BYTES_MAX
    except UnicodeEncodeError:
        raise BadPackage(f"{_shown(name)} is not UTF-8. Rename it.") from None
    if too_long:
        raise BadPackage(f"{_shown(name)} is too long: {NAME_BYTES_MAX} bytes a name, {PATH_BYTES_MAX:,} a path.")
    return "/".join(parts)


def _shown(name: str) -> str:
    return ascii(name if len(name) <= 80 else f"{name[:77]}...")


class _Bounded:
    """A file in which nothing can be read that is longer than ``most``: how a zip's directory is kept small."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file = file
        self.most: int | None = most
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        if self.most is not None and size > self.most:
            raise BadPackage("the package has more files than a package may have.")
        return self._file.read(size)

    def seekable(self) -> bool:
        return True


def _open(file: BinaryIO, directory_max: int) -> zipfile.ZipFile:
    bounded = _Bounded(file, directory_max)
    try:
        archive = zipfile.ZipFile(bounded)
    except BadPackage:
        raise
    except _BROKEN as error:
        raise _cannot_unzip(error) from error
    bounded.most = None
    return archive


# What Python's zipfile raises for bytes that are no zip, found by changing bytes at random.
_BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError, OverflowError,
    ValueError, struct.error, zlib.error, MemoryError,
)  # fmt: skip


def _cannot_unzip(why: object) -> BadPackage:
    return BadPackage(f"{CANNOT_UNZIP} ({str(why).rstrip('.') or 'it is damaged'}.)")


def _checked(archive: zipfile.ZipFile, paths: _Paths, bytes_max: int) -> list[tuple[str, zipfile.ZipInfo]]:
    """Every file of an archive with its clean path, once nothing in its directory is to be refused."""
    found = []
    for entry in archive.infolist():
        _refuse_odd(entry)
        if entry.orig_filename.endswith("/"):
            paths.folder(entry.orig_filename)
        else:
            found.append((paths.file(entry.orig_filename), entry))
    if sum(entry.file_size for _, entry in found) > bytes_max:
        raise too_large(bytes_max)
    _refuse_overlaps(archive)
    return found


def _refuse_odd(entry: zipfile.ZipInfo) -> None:
    name, kind = _shown(entry.orig_filename), stat.S_IFMT(entry.external_attr >> 16)
    if entry.flag_bits & ENCRYPTED:
        raise _cannot_unzip(f"{name} is encrypted")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _cannot_unzip(f"{name} is a link or a device; a package holds files and folders")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _cannot_unzip(f"{name} is packed by a method other than deflate")


def _refuse_overlaps(archive: zipfile.ZipFile) -> None:
    """Entries that share bytes are how a small zip holds endless content."""
    end = 0
    for entry in sorted(archive.infolist(), key=lambda each: each.header_offset):
        if entry.header_offset < end:
            raise _cannot_unzip(f"{_shown(entry.orig_filename)} overlaps another entry")
        end = entry.header_offset + zipfile.sizeFileHeader + entry.compress_size  # type: ignore[attr-defined]
    if end > archive.start_dir:
        raise _cannot_unzip("an entry overlaps the directory")


def _inflated(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: _Budget) -> Iterator[bytes]:
    try:
        with archive.open(entry) as content:
            while piece := content.read(PIECE_BYTES):
                yield budget.take(piece)
    except BadPackage:
        raise
    except _BROKEN as error:
        raise _cannot_unzip(error) from error


def _walk(folder: Path, paths: _Paths) -> Iterator[tuple[Path, int]]:
    """The regular files below ``folder`` with their modes."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        below = []
        for path, mode in _listed(here):
            if stat.S_ISDIR(mode):
                if path.name != SKIPPED:
                    paths.folder(path.relative_to(folder).as_posix())
                    below.append(path)
            elif stat.S_ISREG(mode):
                yield path, mode
            else:
                kind = "a link" if stat.S_ISLNK(mode) else "neither a file nor a folder"
                raise BadPackage(f"{path} is {kind}; a package holds files. Copy the file instead.")
        waiting += reversed(below)


def _listed(folder: Path) -> list[tuple[Path, int]]:
    try:
        with os.scandir(folder) as entries:
            return sorted((folder / each.name, each.stat(follow_symlinks=False).st_mode) for each in entries)
    except OSError as error:
        raise _cannot_read(error, folder) from None


def _content(path: Path, budget: _Budget) -> Iterator[bytes]:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(fd, "rb", buffering=0) as file:
            while piece := file.read(PIECE_BYTES):
                yield budget.take(piece)
    except OSError as error:
        raise _cannot_read(error, path) from None


def _cannot_read(error: OSError, path: Path) -> BadPackage:
    return BadPackage(f"{error.filename or path} cannot be read: {error.strerror}.")
