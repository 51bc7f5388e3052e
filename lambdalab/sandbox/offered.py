"""Packages that functions may use: a ``requirements.txt`` beside the code gets them from here, and from nowhere else.

They are installed beforehand, from a list that the administrator has chosen (``sandbox.setup --offer``), each with all
that it needs in a folder of its own. What a function asks for becomes part of its package, as ``sam build`` does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

CATALOGUE: Mapping[str, tuple[str, ...]] = {
    "pillow": ("pillow==13.0.0",),
    "requests": ("requests==2.34.2", "certifi==2026.10.19.post1", "charset-normalizer==3.5.2", "idna==3.20"),
    "aws-lambda-powertools": ("aws-lambda-powertools==3.37.0", "typing-extensions==4.16.0"),
    "aws-xray-sdk": ("aws-xray-sdk==2.15.0", "wrapt==2.5.2"),
    "numpy": ("numpy==2.4.6",),
    "scipy": ("scipy==1.17.1", "numpy==2.4.6"),
}
"""What can be offered, and what belongs to it beside what every environment has (boto3's own needs)."""

USUAL = ("pillow", "requests", "aws-lambda-powertools", "aws-xray-sdk")


@dataclass(frozen=True, slots=True)
class Offered:
    """The packages of one installation, a folder each below ``root``."""

    root: Path

    def versions(self) -> dict[str, str]:
        """Name and version of everything that is offered."""
        return {name: _version(name) for name in CATALOGUE if (self.root / name).is_dir()}

    def files(self, names: Iterable[str]) -> dict[str, bytes]:
        """Every file of these packages, as they lie in a function's package."""
        return {path: content for name in names for path, content in _files(self.root / name)}


def _version(name: str) -> str:
    return CATALOGUE[name][0].partition("==")[2]


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and "__pycache__" not in path.parts:
            yield path.relative_to(folder).as_posix(), path.read_bytes()
