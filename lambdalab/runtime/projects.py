"""Reading a project from a folder, with an exemplar or a broken variant laid over it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lambdalab.simulator.project.problems import Problem, ProjectError

BYTES_MAX = 64 * 1024 * 1024
FILES_MAX = 5_000
ASIDE = ("exemplar", "broken", ".git", "__pycache__", ".aws-sam", "node_modules", ".venv")


def read_project(folder: Path, variant: str | None = None) -> dict[str, bytes]:
    """The files of a project folder. ``variant``: ``starter``, ``exemplar``, ``broken/<name>`` or a folder to lay over.

    Raises :class:`ProjectError`.
    """
    if not folder.is_dir():
        raise ProjectError(
            [Problem(str(folder), 0, 0, "there is no such folder.", "Name a folder with a template.yaml.")]
        )
    files = _read(folder, skip=ASIDE)
    if variant in (None, "starter"):
        return files
    over = folder / str(variant) if (folder / str(variant)).is_dir() else Path(str(variant))
    if not over.is_dir():
        raise ProjectError([Problem(str(over), 0, 0, "there is no such variant.", "Try starter or exemplar.")])
    return overlaid(files, _read(over, skip=("__pycache__",)))


def overlaid(files: Mapping[str, bytes], over: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of ``files``, replaced and completed by those of ``over``."""
    return {**files, **{path: content for path, content in over.items() if path != "variant.yaml"}}


def _read(folder: Path, skip: tuple[str, ...]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if relative.parts[0] in skip or "__pycache__" in relative.parts or path.is_symlink() or not path.is_file():
            continue
        total += path.stat().st_size
        if len(files) >= FILES_MAX or total > BYTES_MAX:
            text = f"the project has more than {FILES_MAX:,} files or {BYTES_MAX:,} bytes."
            raise ProjectError([Problem(str(folder), 0, 0, text)])
        files[relative.as_posix()] = path.read_bytes()
    return files
