"""Labs: a SAM project with a brief, an exemplar and broken variants."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

from lambdalab.curriculum import yaml_files
from lambdalab.curriculum.errors import Problems
from lambdalab.curriculum.figures import Projects
from lambdalab.curriculum.lessons import split_front_matter
from lambdalab.curriculum.markdown import render, render_inline
from lambdalab.curriculum.model import BrokenVariant, Lab
from lambdalab.curriculum.read_questions import UUID_FIX, is_uuid
from lambdalab.curriculum.schemas import LabHead
from lambdalab.curriculum.yaml_files import Document

_LOOK_AT = re.compile(r"^## Look at\s*$", re.MULTILINE)
_NEEDED = ("template.yaml", "scenario.yaml")


def read_lab(slug: str, number: int, projects: Projects, content: Path, problems: Problems) -> Lab | None:
    """The lab in ``labs/<slug>``, or ``None`` with what is wrong noted."""
    project = f"labs/{slug}"
    file = projects.folder / project / "lab.md"
    path = file.relative_to(content).as_posix()
    if not file.is_file():
        problems.add(path, 1, "The lab has no brief", "Write lab.md with its front matter")
        return None
    split = split_front_matter(file.read_text(encoding="utf-8"), path, problems)
    head = split and yaml_files.decode(split[0], LabHead, problems)
    if not split or not head:
        return None
    _check(split[0], head, project, projects, problems)
    if not is_uuid(head.uuid):
        return None
    brief, *look_at = _LOOK_AT.split(split[1], maxsplit=1)
    return Lab(
        uuid=UUID(head.uuid),
        slug=slug,
        number=number,
        title=head.title,
        minutes=head.minutes,
        summary=head.summary,
        brief_html=render(brief),
        hints=tuple(render_inline(hint) for hint in head.hints),
        look_at_html=render(look_at[0]) if look_at else "",
        editable=head.editable,
        files=_frozen(projects.files(project)),
        exemplar=_frozen(projects.variant(project, "exemplar")),
        broken=MappingProxyType(
            {
                name: BrokenVariant(_frozen(projects.variant(project, f"broken/{name}")), entry.misses, entry.says)
                for name, entry in head.broken.items()
            }
        ),
    )


def _frozen(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    return MappingProxyType(dict(files))


def _check(document: Document, head: LabHead, project: str, projects: Projects, problems: Problems) -> None:
    files, path = projects.files(project), document.path
    if not is_uuid(head.uuid):
        problems.add(path, document.at(("uuid",)), "This is no UUID", UUID_FIX)
    for name in _NEEDED:
        if name not in files:
            problems.add(path, 1, f"The lab has no {name}", "Add the file")
    for index, name in enumerate(head.editable):
        if name not in files:
            problems.add(path, document.at(("editable", index)), f"The lab has no file `{name}`", "Name a file of it")
    if not projects.variant(project, "exemplar"):
        problems.add(path, 1, "The lab has no exemplar", "Write exemplar/… so that the goal is known to be reachable")
    folders = projects.broken(project)
    if len(folders) < 2:
        problems.add(path, 1, "The lab has fewer than two broken variants", "Write broken/<misconception>/…")
    for name in head.broken:
        if name not in folders:
            problems.add(path, document.at(("broken", name)), f"broken/{name} does not exist", "Add the folder")
    for name in folders:
        if name not in head.broken:
            problems.add(path, document.at(("broken",)), f"broken/{name} is not described", "Say what it `misses`")
    _check_names(document, head, project, projects, problems)


def _check_names(document: Document, head: LabHead, project: str, projects: Projects, problems: Problems) -> None:
    """Every `misses` must name a check of the scenario."""
    scenario = projects.files(project).get("scenario.yaml")
    where = f"{document.path.removesuffix('lab.md')}scenario.yaml"
    read = yaml_files.read(scenario.decode(errors="replace"), where, problems) if scenario else None
    checks = read.data.get("checks") if read and isinstance(read.data, dict) else None
    known = {check.get("id") for check in checks or () if isinstance(check, dict)}
    for name, entry in head.broken.items():
        if entry.misses not in known:
            at = document.at(("broken", name, "misses"))
            fix = f"There are: {', '.join(sorted(map(str, known)))}"
            problems.add(document.path, at, f"The scenario has no check `{entry.misses}`", fix)
