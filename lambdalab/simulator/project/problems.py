"""What is wrong with a project or scenario: the place and the fix, all of it at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "unsupported", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. ``line`` and ``column`` count from 1; 0 means the whole file."""

    path: str
    line: int
    column: int
    message: str
    fix: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        kind = "" if self.severity == "error" else f"{self.severity}: "
        return f"{place}: {kind}{self.message}" + (f" {self.fix}" if self.fix else "")


class ProjectError(Exception):
    """A project or scenario that cannot be played. Carries every problem found, not just the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
