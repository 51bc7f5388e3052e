"""Any number of options is right; partly right answers count by a named scheme."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lambdalab.curriculum.questions import Credit, MultipleResponse
from quizzes.engine.kinds.options import defects_of, notes_on, positions
from quizzes.engine.shuffling import permutation
from quizzes.engine.types import EMPTY, Defect, Grade, Response, graded


def _all_or_nothing(hits: int, slips: int, right: int, _count: int) -> float:
    return float(hits == right and slips == 0)


def _net_correct(hits: int, slips: int, right: int, _count: int) -> float:
    return max(0.0, (hits - slips) / right)


def _each_option(hits: int, slips: int, right: int, count: int) -> float:
    return (count - slips - (right - hits)) / count


def _coverage(hits: int, slips: int, right: int, _count: int) -> float:
    return (hits / right) * (hits / (hits + slips)) if hits else 0.0


SCHEMES: dict[Credit, Callable[[int, int, int, int], float]] = {
    "all_or_nothing": _all_or_nothing,
    "net_correct": _net_correct,
    "each_option": _each_option,
    "coverage": _coverage,
}
"""By hits (right ones chosen), slips (wrong ones chosen), all right ones and all options:
net correct is hits minus slips over the right ones; each option is the share of options that are
ticked or left alone rightly; coverage is the share found times the share of the chosen that is right."""


def order(answer: MultipleResponse, seed: int) -> tuple[int, ...]:
    """Shuffled unless the author wants his own order."""
    return permutation(len(answer.options), seed) if answer.shuffle else tuple(range(len(answer.options)))


def key(answer: MultipleResponse) -> Response:
    """All options that are right."""
    return {"choices": [index for index, option in enumerate(answer.options) if option.right]}


def grade(answer: MultipleResponse, response: Response) -> Grade:
    """By the scheme of the question. Choosing nothing is no answer, whatever the scheme."""
    chosen = positions(response.get("choices"), len(answer.options))
    if not chosen:
        return EMPTY
    hits = sum(answer.options[index].right for index in chosen)
    right = sum(option.right for option in answer.options)
    if not right:
        return graded(0.0, notes_on(answer.options, chosen))
    fraction = SCHEMES[answer.credit](hits, len(chosen) - hits, right, len(answer.options))
    return graded(fraction, notes_on(answer.options, chosen))


def defects(answer: MultipleResponse) -> list[Defect]:
    """At least one right and one wrong option, and the rules of all options."""
    right = sum(option.right for option in answer.options)
    found = defects_of(answer.options)
    if not right:
        found.append(Defect("options", "No option is right", "Mark at least one"))
    elif right == len(answer.options):
        found.append(Defect("options", "Every option is right", "Add one that is wrong"))
    return found


def computed(answer: MultipleResponse, value: Any) -> Response | None:
    """Not asked in predictions."""
    return None
