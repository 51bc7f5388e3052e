"""Things to put in order."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from lambdalab.curriculum.questions import Ordering
from quizzes.engine.kinds.options import positions, same
from quizzes.engine.shuffling import derangement_of_order
from quizzes.engine.types import EMPTY, Defect, Grade, Note, Response, graded

ITEMS_MAX = 12


def order(answer: Ordering, seed: int) -> tuple[int, ...]:
    """Shuffled, and never right from the start."""
    return derangement_of_order(len(answer.items), seed)


def key(answer: Ordering) -> Response:
    """The author's own order."""
    return {"order": list(range(len(answer.items)))}


def grade(answer: Ordering, response: Response) -> Grade:
    """All or nothing, or the share of neighbours that follow each other rightly."""
    given = positions(response.get("order"), len(answer.items))
    if given is None or len(given) != len(answer.items):
        return EMPTY
    steps = len(given) - 1
    good = sum(later == sooner + 1 for sooner, later in pairwise(given))
    whole = given == list(range(len(given)))
    fraction = float(whole) if answer.credit == "all_or_nothing" or steps < 1 else good / steps
    notes = [Note(item.reason, f"item:{at}", given[at] == at) for at, item in enumerate(answer.items) if item.reason]
    if not whole and answer.otherwise:
        notes.append(Note(answer.otherwise))
    return graded(fraction, tuple(notes))


def defects(answer: Ordering) -> list[Defect]:
    """Enough items, all different."""
    found: list[Defect] = []
    if not 2 <= len(answer.items) <= ITEMS_MAX:
        found.append(Defect("items", f"There are {len(answer.items)} items", f"Give 2 to {ITEMS_MAX}"))
    for index, item in enumerate(answer.items):
        if not item.text.strip():
            found.append(Defect(f"items.{index}", f"Item {index + 1} is empty", "Write it or remove it"))
    for one, other in same([item.text for item in answer.items]):
        message = f"Items {one + 1} and {other + 1} are the same"
        found.append(Defect(f"items.{other}", message, "Change one of them"))
    if not answer.otherwise.strip():
        found.append(Defect("otherwise", "A wrong order gets no reason", "Write `otherwise`"))
    return found


def computed(answer: Ordering, value: Any) -> Response | None:
    """The query yields the items' values in the order in which things happened."""
    names = [item.value if item.value is not None else item.text for item in answer.items]
    if not isinstance(value, list) or sorted(map(str, value)) != sorted(map(str, names)):
        return None
    return {"order": [names.index(name) for name in value]} if all(name in names for name in value) else None
