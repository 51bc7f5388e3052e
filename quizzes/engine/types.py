"""What the engine gives and takes. All of it is JSON-able by msgspec and immutable."""

from __future__ import annotations

from typing import Any, Literal, Protocol

import msgspec

from lambdalab.curriculum.questions import Answer

Response = dict[str, Any]
"""What a student answered, in the author's positions, never in those of the page:
``{"choice": 1}``, ``{"choices": [0, 2]}``, ``{"text": "3 min"}``, ``{"order": [2, 0, 1]}`` or
``{"pairs": [1, None, 0]}``. An empty mapping is an answer that was not given."""

Verdict = Literal["right", "partly", "wrong", "empty"]
Trouble = Literal["", "not_a_number", "unknown_unit"]

EPSILON = 1e-9
VERSION = 1
"""Stored with every grade. Raise it when the same response may get another fraction than before."""


class Variant(msgspec.Struct, frozen=True):
    """How one student meets a question: ``order[i]`` is the author's position of what stands i-th."""

    seed: int
    order: tuple[int, ...] = ()


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """A reason, and the part of the question it belongs to (``option:2``, ``item:0``, ``pair:1`` or nothing).

    ``given`` says whether the student chose that part, ``right`` whether choosing it was right.
    """

    text: str
    part: str = ""
    right: bool = False
    given: bool = True


class Grade(msgspec.Struct, frozen=True, omit_defaults=True):
    """The result: a fraction of the marks from 0 to 1 and the reasons. ``trouble`` names a slip of form."""

    fraction: float
    verdict: Verdict
    notes: tuple[Note, ...] = ()
    trouble: Trouble = ""


class Defect(msgspec.Struct, frozen=True):
    """Something an author must mend before a question can be used; ``field`` is a key of the question."""

    field: str
    message: str
    fix: str


class Kind(Protocol):
    """What a kind of answer must be able to do. All of it without side effects."""

    def order(self, answer: Any, seed: int) -> tuple[int, ...]:
        """The positions in the order in which this seed shows them."""
        ...

    def key(self, answer: Any) -> Response:
        """A response that is right."""
        ...

    def grade(self, answer: Any, response: Response) -> Grade:
        """The grade of any response; one that has not the form of the kind counts as empty."""
        ...

    def defects(self, answer: Any) -> list[Defect]:
        """What keeps the question from being used."""
        ...

    def computed(self, answer: Any, value: Any) -> Response | None:
        """The response that ``value``, the result of a predict question's query, stands for."""
        ...


def verdict_of(fraction: float) -> Verdict:
    """The word for a fraction."""
    if fraction >= 1 - EPSILON:
        return "right"
    return "partly" if fraction > EPSILON else "wrong"


def graded(fraction: float, notes: tuple[Note, ...] = ()) -> Grade:
    """A grade whose verdict follows from its fraction."""
    bounded = min(1.0, max(0.0, fraction))
    return Grade(bounded, verdict_of(bounded), notes)


EMPTY = Grade(0.0, "empty")

__all__ = ["Answer", "Defect", "Grade", "Kind", "Note", "Response", "Trouble", "Variant", "Verdict"]
