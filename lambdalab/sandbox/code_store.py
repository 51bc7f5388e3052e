"""The code store: a folder for each content hash, written once and never changed, readable by the jail."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from lambdalab.sandbox.errors import SandboxError

DIGEST = re.compile(r"[0-9a-f]{64}")
FILES_MAX = 20_000
BYTES_MAX = 262_144_000  # Lambda's own limit of an unzipped package


class CodeStore:
    """Content-addressed folders under ``root``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, files: Mapping[str, bytes]) -> str:
        """Store files (paths relative, with ``/``) and return their digest. The same files are stored once.

        Raises ``ValueError`` for a path that leads out of its folder, or for more than Lambda's 250 MB.
        """
        digest = self._digest(files)
        folder = self._root / digest
        if not folder.is_dir():
            self._write(folder, files)
        return digest

    def _digest(self, files: Mapping[str, bytes]) -> str:
        if len(files) > FILES_MAX or sum(map(len, files.values())) > BYTES_MAX:
            raise ValueError(f"a package has at most {FILES_MAX:,} files and {BYTES_MAX:,} bytes")
        total = hashlib.sha256()
        for name in sorted(files):
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
                raise ValueError(f"{name!r} leads out of its folder")
            total.update(b"%d:%s%d:" % (len(name.encode()), name.encode(), len(files[name])))
            total.update(files[name])
        return total.hexdigest()

    def _write(self, folder: Path, files: Mapping[str, bytes]) -> None:
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=self._root))
            for name, content in files.items():
                path = partial / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                path.chmod(0o644)
            for parent, _, _ in os.walk(partial):
                Path(parent).chmod(0o755)
            try:
                partial.rename(folder)
            except OSError:  # somebody else stored the same files first
                shutil.rmtree(partial, ignore_errors=True)
                if not folder.is_dir():
                    raise
        except OSError as error:
            raise SandboxError(
                f"the code cannot be stored in {self._root}: {error.strerror}. Free some space there."
            ) from error
