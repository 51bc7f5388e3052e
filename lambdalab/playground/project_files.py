"""The files of a lab: what a student sees, what they may change, and what is played."""

import io
from collections.abc import Mapping
from typing import Any, BinaryIO

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lambdalab.curriculum import Lab
from lambdalab.runtime.archives import packed
from lambdalab.runtime.projects import without_folder
from lambdalab.sandbox.packages import BadPackage
from lambdalab.sandbox.zips import files_of_zip

SCENARIO = "scenario.yaml"
FILE_CHARS_MAX = 100_000
FILES_MAX = 1_000  # of an archive that somebody brings back
UNZIPPED_MAX = 16 * 1024 * 1024
ZIPPED_MAX = 4 * 1024 * 1024


def _round_trip() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    return yaml


def text_of(data: bytes) -> str | None:
    """The file as text, or `None` when it is none."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def parsed_scenario(lab: Lab) -> Mapping[str, Any]:
    """The scenario as plain values; empty when it cannot be read (content checks refuse that)."""
    try:
        data = YAML(typ="safe").load(lab.files[SCENARIO].decode("utf-8"))
    except (KeyError, YAMLError, UnicodeDecodeError):
        return {}
    return data if isinstance(data, dict) else {}


def shown_scenario(text: str) -> str:
    """The scenario without its hidden checks: what they ask must not leave the server."""
    yaml = _round_trip()
    try:
        data = yaml.load(text)
    except YAMLError:
        return ""
    checks = data.get("checks") if isinstance(data, dict) else None
    if not checks or not any(check.get("hidden") for check in checks):
        return text
    for index in reversed(range(len(checks))):
        if checks[index].get("hidden"):
            del checks[index]
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def shown_files(lab: Lab, draft: Mapping[str, str]) -> dict[str, str]:
    """Every text file as this student sees it: editable ones first, in the order of the lab."""
    texts = {path: text for path, data in lab.files.items() if (text := text_of(data)) is not None}
    if SCENARIO in texts:
        texts[SCENARIO] = shown_scenario(texts[SCENARIO])
    first = {path: draft.get(path, texts[path]) for path in lab.editable if path in texts}
    rest = {path: text for path, text in sorted(texts.items(), key=_by_use) if path not in first}
    return first | rest


def _by_use(item: tuple[str, str]) -> tuple[int, str]:
    order = {".py": 0, ".json": 2, ".md": 4}
    path = item[0]
    rank = {"template.yaml": 1, SCENARIO: 3}.get(path, order.get(path[path.rfind(".") :], 5))
    return rank, path


def played_files(lab: Lab, draft: Mapping[str, str]) -> dict[str, bytes]:
    """The project of a run: from the student only what they may edit, all else from the lab."""
    edited = {path: draft[path].encode("utf-8") for path in lab.editable if path in draft}
    return {**lab.files, **edited}


def zipped(lab: Lab, draft: Mapping[str, str]) -> bytes:
    """The student's project as an archive that `sam deploy` would take."""
    files = played_files(lab, draft)
    if SCENARIO in files:
        files[SCENARIO] = shown_scenario(files[SCENARIO].decode("utf-8")).encode("utf-8")
    return packed(files, folder=lab.slug)


def unzipped(lab: Lab, archive: BinaryIO) -> dict[str, str]:
    """The files of an archive that this lab lets one edit, as texts.

    Raises :class:`BadPackage` with one sentence for an archive that cannot be used, or that holds none of them.
    """
    files = files_of_zip(archive, files_max=FILES_MAX, bytes_max=UNZIPPED_MAX)
    found = _editable(lab, files) or _editable(lab, without_folder(files))
    if not found:
        raise BadPackage(f"the archive holds none of the files that this lab lets one edit: {', '.join(lab.editable)}.")
    return found


def _editable(lab: Lab, files: Mapping[str, bytes]) -> dict[str, str]:
    texts = {path: text_of(files[path]) for path in lab.editable if path in files}
    return {path: text for path, text in texts.items() if text is not None}
