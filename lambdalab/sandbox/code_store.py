"""The code store: a folder for each content hash, written once and never changed, readable by the jail.

A package is written beside its place while it is read, and renamed when it is complete: nobody ever sees half of one,
and of two processes that store the same, one renames and the other throws its copy away. Each use of a package dates
its folder anew, so that what nobody has used for long can be removed. A lock orders "is it there? then I use it"
against "nobody uses it, away with it"; a folder that was used within the last hour is never removed, since the
environments of a run may have it as their /var/task.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from lambdalab.sandbox.errors import SandboxError
from lambdalab.sandbox.packages import FILES_MAX, UNZIPPED_BYTES_MAX, PackageFile, checked_files

DIGEST = re.compile(r"[0-9a-f]{64}")
IN_USE_S = 3_600.0  # far longer than a run lasts
LOCK = ".lock"
FULL = (errno.ENOSPC, errno.EDQUOT)


class CodeStore:
    """Content-addressed folders under ``root``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, files: Mapping[str, bytes]) -> str:
        """Store files (paths relative, with ``/``) and return their digest. The same files are stored once.

        Raises :class:`BadPackage` (a ``ValueError``) for a path that leads out of its folder, or for more than
        Lambda's 250 MB; :class:`SandboxError` when the disk does not take them.
        """
        package = [PackageFile(path, (content,)) for path, content in files.items()]
        entries = {
            each.path: _entry(each, hashlib.sha256(b"".join(each.pieces)).digest()) for each in _checked(package)
        }
        digest = _digest(entries)
        return digest if self._use(digest) else self.put_package(package)

    def put_package(self, files: Iterable[PackageFile]) -> str:
        """The same for files that are read piece by piece: no more than one piece is held in memory."""
        with self._told():
            self._root.mkdir(parents=True, exist_ok=True)
            partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=self._root))
        try:
            entries = {each.path: self._write(partial, each) for each in _checked(files)}
            digest = _digest(entries)
            self._publish(partial, digest)
        finally:
            shutil.rmtree(partial, ignore_errors=True)  # of a package that was refused, or is there already
        return digest

    def remove_unused(self, *, unused_s: float, bytes_max: int) -> int:
        """Remove packages unused for ``unused_s`` seconds, and the longest unused ones of those beyond ``bytes_max``.

        What was used within the last hour stays in any case. Returns how many packages went.
        """
        now, removed, held = time.time(), 0, 0
        with self._told():
            packages = sorted(self._packages(), key=lambda each: -each[1])
            for folder, used in packages:
                held += _bytes_of(folder)
                if now - used > unused_s or held > bytes_max:
                    removed += self._remove(folder)
            self._sweep(now)
        return removed

    def _packages(self) -> Iterator[tuple[Path, float]]:
        if not self._root.is_dir():
            return
        for name in filter(DIGEST.fullmatch, os.listdir(self._root)):
            with contextlib.suppress(FileNotFoundError):
                yield self._root / name, (self._root / name).stat().st_mtime

    def _remove(self, folder: Path) -> bool:
        """Take a folder out of the store, unless it has been used meanwhile."""
        doomed = folder.with_name(f".removed-{folder.name}")
        with self._locked(fcntl.LOCK_EX):
            try:
                if time.time() - folder.stat().st_mtime < IN_USE_S:
                    return False
                folder.rename(doomed)
            except OSError:  # somebody else removes it
                return False
        shutil.rmtree(doomed, ignore_errors=True)
        return True

    def _sweep(self, now: float) -> None:
        """Remove what a process that was killed has left half written or half removed."""
        for pattern in (".partial-*", ".removed-*"):
            for left in self._root.glob(pattern):
                with contextlib.suppress(FileNotFoundError):
                    if now - left.stat().st_mtime > IN_USE_S:
                        shutil.rmtree(left, ignore_errors=True)

    def _use(self, digest: str) -> bool:
        """Whether the package is there; if so, it is in use from now on."""
        folder = self._root / digest
        if not folder.is_dir():
            return False
        with self._told(), self._locked(fcntl.LOCK_SH):
            try:
                os.utime(folder)
            except FileNotFoundError:
                return False
        return True

    def _write(self, partial: Path, file: PackageFile) -> bytes:
        """Write one file and return its part of the digest."""
        content = hashlib.sha256()
        path = partial / file.path
        with self._told():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as target:
                for piece in file.pieces:
                    target.write(piece)
                    content.update(piece)
                os.fchmod(target.fileno(), 0o755 if file.executable else 0o644)
        return _entry(file, content.digest())

    def _publish(self, partial: Path, digest: str) -> None:
        with self._told():
            for parent, _, _ in os.walk(partial):
                Path(parent).chmod(0o755)
            folder = self._root / digest
            with self._locked(fcntl.LOCK_SH):
                try:
                    os.utime(partial)
                    partial.rename(folder)
                except OSError as error:
                    if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                        raise
                    os.utime(folder)  # somebody else stored the same files first

    @contextlib.contextmanager
    def _locked(self, kind: int) -> Iterator[None]:
        fd = os.open(self._root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, kind)
            yield
        finally:
            os.close(fd)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            fix = "Free some space there." if error.errno in FULL else "See who may write there."
            text = f"the code cannot be stored in {self._root}: {error.strerror}. {fix}"
            raise SandboxError(text) from error


def _checked(files: Iterable[PackageFile]) -> Iterator[PackageFile]:
    return checked_files(files, files_max=FILES_MAX, bytes_max=UNZIPPED_BYTES_MAX)


def _entry(file: PackageFile, content: bytes) -> bytes:
    name = file.path.encode()
    return b"%d:%s%d%s" % (len(name), name, file.executable, content)


def _digest(entries: Mapping[str, bytes]) -> str:
    return hashlib.sha256(b"".join(entries[path] for path in sorted(entries))).hexdigest()


def _bytes_of(folder: Path) -> int:
    """What a package takes, its folders and the rest of the last block of each file included."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in [".", *names]:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(parent, name)).st_blocks * 512
    return total
