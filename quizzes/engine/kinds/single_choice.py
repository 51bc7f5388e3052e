"""Exactly one option is right."""

from __future__ import annotations

from typing import Any

from lambdalab.curriculum.questions import SingleChoice
from quizzes.engine.kinds.options import defects_of, notes_on, positions
from quizzes.engine.shuffling import permutation
from quizzes.engine.types import EMPTY, Defect, Grade, Response, graded


def order(answer: SingleChoice, seed: int) -> tuple[int, ...]:
    """Shuffled unless the author wants his own order."""
    return permutation(len(answer.options), seed) if answer.shuffle else tuple(range(len(answer.options)))


def key(answer: SingleChoice) -> Response:
    """The first option that is right."""
    return next(({"choice": index} for index, option in enumerate(answer.options) if option.right), {})


def grade(answer: SingleChoice, response: Response) -> Grade:
    """All or nothing."""
    chosen = positions([response.get("choice")], len(answer.options))
    if not chosen:
        return EMPTY
    return graded(float(answer.options[chosen[0]].right), notes_on(answer.options, chosen))


def defects(answer: SingleChoice) -> list[Defect]:
    """One right option, and the rules of all options."""
    right = sum(option.right for option in answer.options)
    found = defects_of(answer.options)
    if right != 1:
        found.append(Defect("options", f"{right} options are right", "Mark exactly one"))
    return found


def computed(answer: SingleChoice, value: Any) -> Response | None:
    """The option whose ``value`` the query yields."""
    for index, option in enumerate(answer.options):
        if option.value is not None and option.value == value and type(option.value) is type(value):
            return {"choice": index}
    return None
