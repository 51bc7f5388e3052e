"""Projects as files: what a lab starts from, its variants, and the exact files that a figure plays."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lambdalab.curriculum import yaml_files
from lambdalab.curriculum.errors import Problems

FILE_BYTES_MAX = 256 * 1024
PROJECT_FILES_MAX = 60
SCENARIO = "scenario.yaml"
_NOT_OF_THE_PROJECT = ("lab.md",)
_VARIANTS = ("exemplar", "broken")
_IGNORED = ("__pycache__", ".aws-sam", ".DS_Store")


def read_folder(folder: Path, content: Path, problems: Problems) -> dict[str, bytes]:
    """All files under ``folder`` by their path inside it, bounded; links are refused."""
    files: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        if any(part in _IGNORED for part in path.parts) or path.is_dir():
            continue
        where = path.relative_to(content).as_posix()
        if path.is_symlink():
            problems.add(where, 1, "A link may lead out of the project", "Copy the file instead")
        elif path.stat().st_size > FILE_BYTES_MAX:
            problems.add(where, 1, f"The file is larger than {FILE_BYTES_MAX // 1024} KB", "Make it smaller")
        else:
            files[path.relative_to(folder).as_posix()] = path.read_bytes()
    if len(files) > PROJECT_FILES_MAX:
        where = folder.relative_to(content).as_posix()
        problems.add(where, 1, f"The project has more than {PROJECT_FILES_MAX} files", "Remove some")
    return files


class Projects:
    """The projects (labs and figures) of one topic's folder."""

    def __init__(self, topic_folder: Path, content: Path, problems: Problems) -> None:
        self.folder, self.content, self.problems = topic_folder, content, problems
        self._read: dict[str, dict[str, bytes]] = {}

    def exists(self, project: str) -> bool:
        """Whether ``labs/<slug>`` or ``figures/<slug>`` is a project of this topic."""
        parts = project.split("/")
        return (
            len(parts) == 2
            and parts[0] in ("labs", "figures")
            and parts[1] not in ("", ".", "..")
            and (self.folder / project / SCENARIO).is_file()
        )

    def files(self, project: str) -> Mapping[str, bytes]:
        """The project as a student gets it: without its brief and its variants."""
        return {
            path: data
            for path, data in self._all(project).items()
            if path not in _NOT_OF_THE_PROJECT and path.split("/")[0] not in _VARIANTS
        }

    def variant(self, project: str, name: str) -> Mapping[str, bytes]:
        """The files that ``exemplar`` or ``broken/<name>`` replaces, by their path in the project."""
        prefix = name + "/"
        return {path.removeprefix(prefix): data for path, data in self._all(project).items() if path.startswith(prefix)}

    def broken(self, project: str) -> list[str]:
        """The names of the broken variants that have a folder."""
        return sorted({path.split("/")[1] for path in self._all(project) if path.startswith("broken/")})

    def resolve(
        self, project: str, with_: str, scenario: Mapping[str, Any], path: str, line: int
    ) -> dict[str, bytes] | None:
        """The exact files of a play, or ``None`` with a problem noted at ``path`` and ``line``."""
        if not self.exists(project):
            known = ", ".join(self._known()) or "none yet"
            self.problems.add(path, line, f"There is no project `{project}` in this topic", f"There are: {known}")
            return None
        overlay = {} if with_ == "starter" else self.variant(project, with_)
        if with_ != "starter" and not overlay:
            self.problems.add(path, line, f"`{project}` has no variant `{with_}`", "Use starter, exemplar or broken/…")
            return None
        files = {**self.files(project), **overlay}
        if scenario:
            base = self._scenario(project, files[SCENARIO])
            files[SCENARIO] = json.dumps({**base, **scenario}, indent=1, ensure_ascii=False).encode()
        return files

    def _scenario(self, project: str, data: bytes) -> dict[str, Any]:
        where = (self.folder / project / SCENARIO).relative_to(self.content).as_posix()
        document = yaml_files.read(data.decode(errors="replace"), where, self.problems)
        return document.data if document and isinstance(document.data, dict) else {}

    def _known(self) -> list[str]:
        return sorted(
            f"{kind}/{path.name}"
            for kind in ("labs", "figures")
            for path in (self.folder / kind).glob("*")
            if (path / SCENARIO).is_file()
        )

    def _all(self, project: str) -> dict[str, bytes]:
        if project not in self._read:
            self._read[project] = read_folder(self.folder / project, self.content, self.problems)
        return self._read[project]


def key_of(files: Mapping[str, bytes]) -> str:
    """The key of a play: SHA-256 over every path and every byte, in the order of the paths."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{len(path)} {path} {len(files[path])} ".encode())
        digest.update(files[path])
    return digest.hexdigest()
