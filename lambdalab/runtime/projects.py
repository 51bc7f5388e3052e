"""Reading a project from a folder or a zip, with an exemplar or a broken variant laid over it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from lambdalab.sandbox.packages import BadPackage
from lambdalab.sandbox.zips import files_of_zip
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.template import TEMPLATE_NAMES

BYTES_MAX = 64 * 1024 * 1024
FILES_MAX = 5_000
MADE_BY_TOOLS = (".git", "__pycache__", ".aws-sam", "node_modules", ".venv")
ASIDE = ("exemplar", "broken", *MADE_BY_TOOLS)


def read_project(place: Path, variant: str | None = None) -> dict[str, bytes]:
    """The files of a project's folder or zip, path to content.

    ``variant``: ``starter``, ``exemplar``, ``broken/<name>`` or a folder to lay over. Raises :class:`ProjectError`.
    """
    if os.path.isfile(place):
        everything = _unzipped(place)
        files = {path: content for path, content in everything.items() if path.split("/")[0] not in ASIDE}
    elif os.path.isdir(place):
        everything, files = {}, _read(place, skip=ASIDE)
    else:
        raise _refused(place, "there is no such folder.", "Name a folder with a template.yaml.")
    if variant in (None, "starter"):
        return files
    prefix = f"{variant}/"
    over = {path.removeprefix(prefix): content for path, content in everything.items() if path.startswith(prefix)}
    return overlaid(files, over or _variant(place, str(variant)))


def whole_project(place: Path) -> dict[str, bytes]:
    """Every file of a project's folder or zip but those that tools make. Raises :class:`ProjectError`."""
    if os.path.isfile(place):
        found = _unzipped(place)
        return {path: content for path, content in found.items() if not _made_by_tools(path.split("/"))}
    if not os.path.isdir(place):
        raise _refused(place, "there is no such folder or zip.", "Name a folder with a template.yaml.")
    return _read(place, skip=MADE_BY_TOOLS)


def left_aside(place: Path) -> list[str]:
    """What :func:`whole_project` leaves out of a folder: links, which may lead anywhere, and what tools make."""
    if not os.path.isdir(place):
        return []
    found = []
    for folder, folders, names in os.walk(place):
        here = Path(folder).relative_to(place)
        made = [name for name in folders if _made_by_tools([name])]
        links = [name for name in (*folders, *names) if name not in made and (Path(folder) / name).is_symlink()]
        found += [f"{(here / name).as_posix()}, which tools make" for name in made]
        found += [f"{(here / name).as_posix()}, a symbolic link" for name in links]
        folders[:] = [name for name in folders if name not in (*made, *links)]
    return sorted(found)


def _made_by_tools(parts: list[str]) -> bool:
    return not set(parts).isdisjoint(MADE_BY_TOOLS)


def overlaid(files: Mapping[str, bytes], over: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of ``files``, replaced and completed by those of ``over``."""
    return {**files, **{path: content for path, content in over.items() if path != "variant.yaml"}}


def project_of_zip(
    data: bytes | BinaryIO, *, files_max: int = FILES_MAX, bytes_max: int = BYTES_MAX
) -> dict[str, bytes]:
    """The files of a zipped project. Where all of them lie in one folder, as many tools pack it, without that folder.

    Raises :class:`BadPackage` with one clear sentence.
    """
    return without_folder(files_of_zip(data, files_max=files_max, bytes_max=bytes_max))


def without_folder(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The same files without the one folder around them, if there is one and it is not the project itself."""
    tops = {path.partition("/")[0] for path in files}
    if len(tops) == 1 and not tops & {*TEMPLATE_NAMES} and all("/" in path for path in files):
        return {path.partition("/")[2]: content for path, content in files.items()}
    return dict(files)


def _unzipped(place: Path) -> dict[str, bytes]:
    try:
        with place.open("rb") as file:
            return project_of_zip(file)
    except OSError as error:
        raise _refused(place, f"cannot be read: {error.strerror}.") from None
    except BadPackage as error:
        raise _refused(place, str(error), "Name a project's folder, or a zip of it.") from None


def _variant(place: Path, variant: str) -> dict[str, bytes]:
    over = place / variant if os.path.isdir(place / variant) else Path(variant)
    if not os.path.isdir(over):
        raise _refused(over, "there is no such variant.", "Try starter or exemplar.")
    return _read(over, skip=("__pycache__",))


def _read(folder: Path, skip: tuple[str, ...]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    try:
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(folder)
            aside = relative.parts[0] in skip or _made_by_tools(list(relative.parts))
            if aside or path.is_symlink() or not path.is_file():
                continue
            total += path.stat().st_size
            if len(files) >= FILES_MAX or total > BYTES_MAX:
                raise _refused(folder, f"the project has more than {FILES_MAX:,} files or {BYTES_MAX:,} bytes.")
            files[relative.as_posix()] = path.read_bytes()
    except OSError as error:
        raise _refused(Path(error.filename or folder), f"cannot be read: {error.strerror}.") from None
    return files


def _refused(place: Path, message: str, fix: str = "") -> ProjectError:
    return ProjectError([Problem(str(place), 0, 0, message, fix)])
