"""Progress of a class's members: each app adds columns, the class page shows them side by side.

An app registers in `AppConfig.ready()` a function that gets the primary keys of the members and returns its
columns. It reads the database a fixed number of times, however many members there are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Mark:
    """Where one member stands: a few words and a number to sort by, and the page that shows the work."""

    words: str
    value: float = 0
    tone: Literal["ok", "err", "thr", ""] = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the class page; members without a mark have not begun."""

    slug: str
    label: str
    marks: Mapping[int, Mark]


Source = Callable[[Sequence[int]], Sequence[Column]]

_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Add an app's columns; a name that is already there is replaced."""
    _sources[name] = source


def columns(members: Sequence[int]) -> list[Column]:
    """The columns of all apps, in the order of their names."""
    return [column for _name, source in sorted(_sources.items()) for column in source(members)]
