"""``lambdalab import`` and ``lambdalab export``: a project comes from elsewhere, and goes where ``sam`` takes it up."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from lambdalab.runtime.archives import write_folder, write_zip
from lambdalab.runtime.commands import problems_in
from lambdalab.runtime.projects import left_aside, read_project, whole_project
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.template import TEMPLATE_NAMES


def add_parsers(several: Any) -> None:
    """The two subcommands."""
    export = several.add_parser("export", help="pack a project into a zip that sam validates and deploys")
    export.add_argument("project", type=Path, help="folder with a template.yaml, or a zip of it")
    export.add_argument("file", type=Path, metavar="FILE.zip", help="a file that does not exist yet")
    export.add_argument("--with", dest="variant", metavar="VARIANT", help="starter, exemplar, broken/NAME or a folder")
    export.set_defaults(command=export_project)
    import_ = several.add_parser(
        "import", help="unpack a SAM project into a new folder, and say what is wrong with it"
    )
    import_.add_argument("project", type=Path, metavar="FILE.zip", help="a zip of a project, or its folder")
    import_.add_argument("folder", type=Path, metavar="DIR", help="a folder that is new or empty")
    import_.set_defaults(command=import_project)


def export_project(options: argparse.Namespace) -> int:
    """``lambdalab export``: 0 when the zip is written, whatever is still wrong with the project, which is told."""
    files = read_project(options.project, options.variant) if options.variant else whole_project(options.project)
    _with_template(options.project, files)
    write_zip(options.file, files)
    print(f"{options.file}: {_counted(files)}.")
    return _tell(options.project, files)


def import_project(options: argparse.Namespace) -> int:
    """``lambdalab import``: 0 when the folder is written; what has no effect here, or is wrong, is told."""
    files = whole_project(options.project)
    _with_template(options.project, files)
    write_folder(options.folder, files)
    print(f"{options.folder}: {_counted(files)}.")
    return _tell(options.project, files)


def _counted(files: dict[str, bytes]) -> str:
    return "1 file" if len(files) == 1 else f"{len(files):,} files"


def _with_template(place: Path, files: dict[str, bytes]) -> None:
    if not any(name in files for name in TEMPLATE_NAMES):
        text = "there is no template in it."
        raise ProjectError([Problem(str(place), 0, 0, text, "Name a project with a template.yaml at its top.")])


def _tell(place: Path, files: dict[str, bytes]) -> int:
    for left in left_aside(place):
        print(f"left out: {left}", file=sys.stderr)
    for problem in problems_in(files):
        print(problem, file=sys.stderr)
    return 0
