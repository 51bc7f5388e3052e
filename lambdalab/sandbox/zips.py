"""Zips, read as packages. Every archive that a student hands in comes through here.

Nothing in an archive is believed: its directory is bounded before it is read, sizes are counted while content is
inflated, and entries may not share bytes. What Lambda refuses is refused in Lambda's words (facts J.4 and X.3, read
2026-11), with ours behind them where they name the entry.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from lambdalab.sandbox.packages import (
    FILES_MAX,
    PIECE_BYTES,
    UNZIPPED_BYTES_MAX,
    BadPackage,
    Budget,
    PackageFile,
    Paths,
    shown,
    too_large,
)

ZIPPED_BYTES_MAX = 52_428_800  # fact J.4: what one request may carry
DIRECTORY_BYTES_PER_FILE = 256  # of a zip's directory: 46 and the name. It is read at once, so it is bounded first
CANNOT_UNZIP = "Could not unzip uploaded file. Please check your file, then try to upload again."  # fact X.3
ENCRYPTED = 0x1 | 0x40 | 0x2000


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
    budget, paths = Budget(bytes_max), Paths(files_max)
    with _open(file, max(1 << 20, files_max * DIRECTORY_BYTES_PER_FILE)) as archive:
        entries = _checked(archive, paths, bytes_max)
        for path, entry in entries:
            executable = bool(entry.external_attr >> 16 & stat.S_IXUSR)
            yield PackageFile(path, _inflated(archive, entry, budget), executable)


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


def _checked(archive: zipfile.ZipFile, paths: Paths, bytes_max: int) -> list[tuple[str, zipfile.ZipInfo]]:
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
    name, kind = shown(entry.orig_filename), stat.S_IFMT(entry.external_attr >> 16)
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
            raise _cannot_unzip(f"{shown(entry.orig_filename)} overlaps another entry")
        end = entry.header_offset + zipfile.sizeFileHeader + entry.compress_size  # type: ignore[attr-defined]
    if end > archive.start_dir:
        raise _cannot_unzip("an entry overlaps the directory")


def _inflated(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget) -> Iterator[bytes]:
    try:
        with archive.open(entry) as content:
            while piece := content.read(PIECE_BYTES):
                yield budget.take(piece)
    except BadPackage:
        raise
    except _BROKEN as error:
        raise _cannot_unzip(error) from error
