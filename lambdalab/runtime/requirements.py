"""Which packages a project's functions require, and whether this installation offers them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from lambdalab.sandbox.offered import Offered
from lambdalab.simulator.project.problems import Problem

FILE = "requirements.txt"
LINES_MAX = 100
IN_RUNTIME = ("boto3", "botocore")  # every Python environment has them. DG26 "Runtime-included SDK versions"


class NotOffered(ValueError):
    """A line of ``requirements.txt`` that cannot be fulfilled; ``line`` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def refused_requirements(files: Mapping[str, bytes], offered: Offered) -> Iterator[Problem]:
    """The first line of each ``requirements.txt`` that names what is not offered."""
    for path, content in files.items():
        if path.rpartition("/")[2] != FILE:
            continue
        try:
            wanted(content.decode("utf-8", "replace"), offered.versions())
        except NotOffered as refused:
            fix = "Leave the line out, or ask the administrator (lambdalab.sandbox.setup --offer)."
            yield Problem(path, refused.line, 1, str(refused), fix)


def with_requirements(code: Mapping[str, bytes], offered: Offered) -> dict[str, bytes]:
    """A function's package with the packages that its ``requirements.txt`` names. Raises :class:`NotOffered`."""
    text = code.get(FILE, b"").decode("utf-8", "replace")
    return {**offered.files(wanted(text, offered.versions())), **code}


def wanted(text: str, versions: Mapping[str, str]) -> list[str]:
    """The packages that a ``requirements.txt`` names; ``versions`` are those on offer.

    Raises :class:`NotOffered` for the first line that asks for anything else.
    """
    lines, found = text.splitlines(), list[str]()
    if len(lines) > LINES_MAX:
        raise NotOffered(LINES_MAX + 1, f"{FILE} has more than {LINES_MAX} lines.")
    for number, line in enumerate(lines, 1):
        stripped = line.partition("#")[0].strip()
        name = _name(number, stripped, versions) if stripped else None
        if name is not None and name not in found:
            found.append(name)
    return found


def _name(number: int, line: str, versions: Mapping[str, str]) -> str | None:
    """The offered package that a line names; None for what every environment has."""
    try:
        asked = Requirement(line)
    except InvalidRequirement:
        raise NotOffered(number, f"{line} is no requirement; write a name, perhaps with a version.") from None
    name = canonicalize_name(asked.name)
    if asked.url or asked.extras:
        raise NotOffered(number, f"{line}: packages come without extras, and from no address.")
    if name in IN_RUNTIME:
        return None
    if name not in versions:
        listed = ", ".join(sorted(versions)) or "none"
        raise NotOffered(number, f"{asked.name} is not among the packages of this installation. Offered: {listed}.")
    if asked.specifier and not asked.specifier.contains(versions[name], prereleases=True):
        raise NotOffered(number, f"{line}: this installation offers {name} {versions[name]}.")
    return name
