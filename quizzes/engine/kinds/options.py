"""What the kinds with options share."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence

from lambdalab.curriculum.questions import Option
from quizzes.engine.types import Defect, Note

OPTIONS_MAX = 20


def positions(value: object, count: int) -> list[int] | None:
    """``value`` as distinct positions below ``count``, or ``None`` when it is anything else."""
    if not isinstance(value, list | tuple):
        return None
    found = [item for item in value if isinstance(item, int) and not isinstance(item, bool) and 0 <= item < count]
    return found if len(found) == len(value) == len(set(found)) else None


def notes_on(options: Sequence[Option], chosen: Collection[int]) -> tuple[Note, ...]:
    """The reason of every option, the chosen ones marked."""
    return tuple(
        Note(option.reason, f"option:{index}", option.right, index in chosen) for index, option in enumerate(options)
    )


def defects_of(options: Sequence[Option]) -> list[Defect]:
    """What every list of options must hold to."""
    found: list[Defect] = []
    if not 2 <= len(options) <= OPTIONS_MAX:
        found.append(Defect("options", f"There are {len(options)} options", f"Give 2 to {OPTIONS_MAX}"))
    for index, option in enumerate(options):
        if not option.text.strip():
            found.append(Defect(f"options.{index}", f"Option {index + 1} is empty", "Write it or remove it"))
        if not option.reason.strip():
            which = "right" if option.right else "wrong"
            message = f"Option {index + 1} does not say why it is {which}"
            found.append(Defect(f"options.{index}", message, "Write its reason: feedback teaches"))
    for one, other in same([option.text for option in options]):
        message = f"Options {one + 1} and {other + 1} are the same"
        found.append(Defect(f"options.{other}", message, "Change one of them"))
    return found


def same(texts: Sequence[str]) -> Iterable[tuple[int, int]]:
    """Pairs of positions whose texts are equal but for case and spaces."""
    seen: dict[str, int] = {}
    for index, text in enumerate(texts):
        plain = plain_text(text)
        if plain and plain in seen:
            yield seen[plain], index
        seen.setdefault(plain, index)


def plain_text(text: str) -> str:
    """A text without differences that a reader does not see."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
