"""Pairs to be found."""

from __future__ import annotations

from typing import Any

from lambdalab.curriculum.questions import Matching
from quizzes.engine.kinds.options import plain_text, same
from quizzes.engine.shuffling import permutation
from quizzes.engine.types import EMPTY, Defect, Grade, Note, Response, graded

PAIRS_MAX = 12


def rights(answer: Matching) -> list[str]:
    """The right-hand sides in the author's order: each text once, distractors last."""
    found: list[str] = []
    for text in (*(pair.right for pair in answer.pairs), *answer.distractors):
        if plain_text(text) not in map(plain_text, found):
            found.append(text)
    return found


def _right_of(answer: Matching, index: int) -> int:
    wanted = plain_text(answer.pairs[index].right)
    return [plain_text(text) for text in rights(answer)].index(wanted)


def order(answer: Matching, seed: int) -> tuple[int, ...]:
    """The right-hand sides are shuffled; the left ones stay."""
    return permutation(len(rights(answer)), seed)


def key(answer: Matching) -> Response:
    """Every left-hand side with its own."""
    return {"pairs": [_right_of(answer, index) for index in range(len(answer.pairs))]}


def grade(answer: Matching, response: Response) -> Grade:
    """The share of left-hand sides that have their own right-hand side."""
    given = response.get("pairs")
    if not isinstance(given, list | tuple) or len(given) != len(answer.pairs) or not answer.pairs:
        return EMPTY
    if all(choice is None for choice in given):
        return EMPTY
    right = [_same_position(choice, _right_of(answer, index)) for index, choice in enumerate(given)]
    notes = [Note(pair.reason, f"pair:{i}", right[i]) for i, pair in enumerate(answer.pairs) if pair.reason]
    if not all(right) and answer.otherwise:
        notes.append(Note(answer.otherwise))
    return graded(sum(right) / len(right), tuple(notes))


def _same_position(choice: object, position: int) -> bool:
    return isinstance(choice, int) and not isinstance(choice, bool) and choice == position


def defects(answer: Matching) -> list[Defect]:
    """Enough pairs, no left-hand side twice, and more than one thing to choose from."""
    found: list[Defect] = []
    if not 2 <= len(answer.pairs) <= PAIRS_MAX:
        found.append(Defect("pairs", f"There are {len(answer.pairs)} pairs", f"Give 2 to {PAIRS_MAX}"))
    for index, pair in enumerate(answer.pairs):
        if not pair.left.strip() or not pair.right.strip():
            found.append(Defect(f"pairs.{index}", f"Pair {index + 1} has an empty side", "Write both sides"))
    for one, other in same([pair.left for pair in answer.pairs]):
        message = f"The left sides of pairs {one + 1} and {other + 1} are the same"
        found.append(Defect(f"pairs.{other}", message, "Change one of them"))
    if answer.pairs and len(rights(answer)) < 2:
        found.append(Defect("pairs", "There is only one thing to choose from", "Add a distractor"))
    if not answer.otherwise.strip() and not all(pair.reason.strip() for pair in answer.pairs):
        found.append(Defect("otherwise", "A wrong pair gets no reason", "Write `otherwise`, or a reason a pair"))
    return found


def computed(answer: Matching, value: Any) -> Response | None:
    """Not asked in predictions."""
    return None
