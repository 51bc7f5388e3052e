"""Deployment packages: what a zip file holds, and how large code and layers may be. Source: facts J.4, K.1 and X.3."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterable, Mapping

from lambdalab.simulator.vocabulary.errors import AwsError, invalid
from lambdalab.simulator.vocabulary.quotas import (
    PACKAGE_FILES_MAX,
    PACKAGE_NAME_BYTES_MAX,
    PACKAGE_PATH_BYTES_MAX,
    UNZIPPED_BYTES_MAX,
    ZIPPED_BYTES_MAX,
)

CANNOT_UNZIP = "Could not unzip uploaded file. Please check your file, then try to upload again."
EMPTY = "Uploaded file must be a non-empty zip"
_BROKEN = (
    ValueError, OSError, EOFError, RuntimeError, NotImplementedError, OverflowError, MemoryError, zipfile.BadZipFile,
    zipfile.LargeZipFile, zlib.error,
)  # fmt: skip


class _TooLarge(Exception):
    """More than a package may hold."""


def uploaded(content: bytes | str) -> dict[str, bytes] | AwsError:
    """The files of a zip that came within a request (``ZipFile``), which may be smaller than one in a bucket."""
    raw = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else bytes(content)
    if len(raw) > ZIPPED_BYTES_MAX:
        text = f"Zipped size must be smaller than {ZIPPED_BYTES_MAX} bytes"
        return AwsError("RequestEntityTooLargeException", text, 413, {"Type": "User"})
    return unzipped(raw)


def unzipped(content: bytes) -> dict[str, bytes] | AwsError:
    """The files of a zip, path to content, or AWS's answer to one that it cannot use. Nothing in it is believed."""
    try:
        found = _files_of(content)
    except _TooLarge:
        return too_large()
    except _BROKEN:
        return invalid(CANNOT_UNZIP)
    return found or invalid(EMPTY)


def too_large() -> AwsError:
    """AWS's answer to a package of more than its 250 MB."""
    return invalid(f"Unzipped size must be smaller than {UNZIPPED_BYTES_MAX} bytes")


def combined_refusal(code: Mapping[str, bytes], layers: Iterable[Mapping[str, bytes]]) -> AwsError | None:
    """AWS's answer to code and layers that are too large together; None when they are not.

    Text: AWS Lambda's own, as quoted in serverlesspub/ffmpeg-aws-lambda-layer issue 23, read 2026-11-24.
    """
    total = _size(code) + sum(map(_size, layers))
    if total <= UNZIPPED_BYTES_MAX:
        return None
    return invalid(
        f"Function code combined with layers exceeds the maximum allowed size of {UNZIPPED_BYTES_MAX} bytes. "
        f"The actual size is {total} bytes."
    )


def _size(files: Mapping[str, bytes]) -> int:
    return sum(map(len, files.values()))


def _files_of(content: bytes) -> dict[str, bytes]:
    """Raises for what is too large, leads elsewhere, or cannot be the files of one folder."""
    found: dict[str, bytes] = {}
    left = UNZIPPED_BYTES_MAX
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        if len(entries) > PACKAGE_FILES_MAX:
            raise _TooLarge
        for entry in entries:
            if entry.is_dir():
                continue
            path = _path_of(entry)
            if path in found:
                raise ValueError(path)
            with archive.open(entry) as file:
                found[path] = file.read(left + 1)  # never more than what is left, whatever the archive says
            left -= len(found[path])
            if left < 0:
                raise _TooLarge
    if not found.keys().isdisjoint(folders_of(found)):
        raise ValueError("both a file and a folder")
    return found


def _path_of(entry: zipfile.ZipInfo) -> str:
    name = entry.orig_filename
    parts = [part for part in name.split("/") if part not in ("", ".")]
    kind = stat.S_IFMT(entry.external_attr >> 16)
    odd = "\\" in name or "\0" in name or ".." in parts or name.startswith("/") or not parts
    too_long = any(len(part.encode()) > PACKAGE_NAME_BYTES_MAX for part in parts)
    if odd or too_long or len(name.encode()) > PACKAGE_PATH_BYTES_MAX or kind not in (0, stat.S_IFREG):
        raise ValueError(name)
    return "/".join(parts)


def folders_of(paths: Iterable[str]) -> set[str]:
    """All folders in which these files lie."""
    found: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found
