"""Projects as archives: packed so that the same files give the same bytes, and written where nothing stands yet."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

from lambdalab.simulator.project.problems import Problem, ProjectError

ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest a zip knows
MODE = 0o100644 << 16  # a plain file that everybody may read: Lambda needs that of code


def packed(files: Mapping[str, bytes], folder: str = "") -> bytes:
    """A zip of ``files``, path to content, inside ``folder`` if one is named."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{path}" if folder else path, ZIP_DATE)
            entry.external_attr = MODE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[path])
    return out.getvalue()


def write_zip(target: Path, files: Mapping[str, bytes]) -> None:
    """Pack ``files`` into a new file. Raises :class:`ProjectError` where one stands already, or none can be made."""
    try:
        with target.open("xb") as file:
            file.write(packed(files))
    except OSError as error:
        raise refused(target, error) from None


def write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Write ``files``, whose paths are clean, into a folder that is new or empty. Raises :class:`ProjectError`."""
    try:
        if os.path.isdir(target) and os.listdir(target):
            text = "the folder is not empty, and nothing in it is overwritten."
            raise ProjectError([Problem(str(target), 0, 0, text, "Name a new folder.")])
        for path, content in files.items():
            place = target / path
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("xb") as file:
                file.write(content)
    except OSError as error:
        raise refused(Path(error.filename or target), error) from None


def refused(place: Path, error: OSError) -> ProjectError:
    """What the operating system says, for people."""
    return ProjectError([Problem(str(place), 0, 0, f"cannot be written: {error.strerror}.", "Name another place.")])
