"""A statement that is true or false."""

from __future__ import annotations

from typing import Any

from lambdalab.curriculum.questions import TrueFalse
from quizzes.engine.types import EMPTY, Defect, Grade, Note, Response, graded


def order(answer: TrueFalse, seed: int) -> tuple[int, ...]:
    """True stands first, always."""
    return (0, 1)


def key(answer: TrueFalse) -> Response:
    """Position 0 says true, position 1 false."""
    return {"choice": 0 if answer.answer else 1}


def grade(answer: TrueFalse, response: Response) -> Grade:
    """All or nothing, with the reasons of both sides."""
    choice = response.get("choice")
    if choice not in (0, 1) or isinstance(choice, bool):
        return EMPTY
    notes = (
        Note(answer.if_true, "option:0", answer.answer, choice == 0),
        Note(answer.if_false, "option:1", not answer.answer, choice == 1),
    )
    return graded(float((choice == 0) == answer.answer), notes)


def defects(answer: TrueFalse) -> list[Defect]:
    """Both sides say why."""
    sides = (("if_true", answer.if_true), ("if_false", answer.if_false))
    return [
        Defect(field, f"`{field}` is empty", "Say why this is right or wrong")
        for field, reason in sides
        if not reason.strip()
    ]


def computed(answer: TrueFalse, value: Any) -> Response | None:
    """The query yields true or false."""
    return {"choice": 0 if value else 1} if isinstance(value, bool) else None
