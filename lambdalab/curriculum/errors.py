"""What is wrong with a content file, said so that its author can mend it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class ContentError:
    """One defect of one content file.

    ``path`` is relative to the content folder, ``line`` and ``column`` start at 1; ``message`` says
    what is wrong and ``fix`` what to do about it, each as one sentence.
    """

    path: str
    line: int
    column: int
    message: str
    fix: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {_sentence(self.message)} {_sentence(self.fix)}".rstrip()


class ContentErrors(Exception):
    """Everything that is wrong with a content folder, in the order of its files and lines."""

    def __init__(self, errors: list[ContentError]) -> None:
        self.errors = tuple(sorted(errors))
        super().__init__("\n".join(map(str, self.errors)))

    def __iter__(self) -> Iterator[ContentError]:
        return iter(self.errors)

    def __len__(self) -> int:
        return len(self.errors)


class Problems:
    """Collects defects, so that an author sees all of them at once and not one a try."""

    def __init__(self) -> None:
        self.found: list[ContentError] = []

    def add(self, path: str, at: tuple[int, int] | int, message: str, fix: str = "") -> None:
        """Note one defect; ``at`` is a line, or a line and a column."""
        line, column = (at, 1) if isinstance(at, int) else at
        self.found.append(ContentError(path, line, column, message, fix))

    def raise_if_any(self) -> None:
        """Raise everything that was noted, if anything was."""
        if self.found:
            raise ContentErrors(self.found)


def _sentence(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?", ":")) else text + "."
