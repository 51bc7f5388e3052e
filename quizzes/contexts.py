"""What the templates of a question need, worked out once: nothing to decide in the template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lambdalab.curriculum.questions import (
    Body,
    Matching,
    MultipleResponse,
    Ordering,
    SingleChoice,
    TrueFalse,
)
from quizzes import engine, queries
from quizzes.models import KIND_LABELS, AttemptItem, QuizAttempt
from quizzes.rendering import Feedback, Shown

CREDIT: dict[str, Promise] = {
    "all_or_nothing": _("Counts only when all of it is right."),
    "net_correct": _("Each right choice counts, each wrong one takes as much away."),
    "each_option": _("Each option counts that is rightly chosen or rightly left."),
    "coverage": _("What counts is how much you found and how much of your choice is right."),
}


@dataclass(frozen=True, slots=True)
class Part:
    """An option, item or left-hand side. ``place`` is its number on the page, ``name`` what its field is called."""

    place: int
    html: str
    chosen: bool = False
    right: bool = False
    reason: str = ""
    at: int = 0
    partner: str = ""

    @property
    def key(self) -> str:
        """The key that chooses it; from the tenth on there is none."""
        return str(self.place + 1) if self.place < 9 else ""


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question as a page shows it, before or after it is checked."""

    kind: str
    answer_kind: str
    shown: Shown
    parts: Sequence[Part]
    menu: Sequence[tuple[int, str]] = ()
    text: str = ""
    checked: bool = False
    verdict: str = ""
    fraction: float = 0.0
    trouble: str = ""
    general: Sequence[str] = ()
    confidence: str = ""
    places: Sequence[int] = ()

    @property
    def chooses_many(self) -> bool:
        return self.answer_kind == "multiple_response"

    @property
    def is_choice(self) -> bool:
        return self.answer_kind in ("single_choice", "multiple_response", "true_false")

    @property
    def kind_label(self) -> Promise | str:
        return KIND_LABELS.get(self.kind, self.kind)

    @property
    def credit(self) -> Promise | str:
        return CREDIT.get(self.shown.credit, "")

    @property
    def is_right(self) -> bool:
        return self.verdict == "right"


def question_view(
    body: Body,
    shown: Shown,
    order: Sequence[int],
    response: engine.Response,
    *,
    verdict: str = "",
    fraction: float = 0.0,
    feedback: Feedback | None = None,
    confidence: str = "",
) -> QuestionView:
    """The question under ``order`` with ``response``; with ``feedback`` it has been checked."""
    reasons = feedback or Feedback()
    key = engine.key(body)
    parts: list[Part] = []
    match body.answer:
        case SingleChoice() | MultipleResponse() | TrueFalse():
            parts = _options(shown, order, response, key, reasons)
        case Ordering():
            parts = _items(shown, order, response, reasons)
        case Matching():
            parts = _pairs(shown, order, response, key, reasons)
    return QuestionView(
        kind=body.kind,
        answer_kind=str(body.answer.__struct_config__.tag),
        shown=shown,
        parts=parts,
        menu=[(place, shown.choices[position]) for place, position in enumerate(order)] if shown.choices else (),
        text=str(response.get("text", "")),
        checked=feedback is not None,
        verdict=verdict,
        fraction=fraction,
        trouble=reasons.trouble,
        general=reasons.general,
        confidence=confidence,
        places=range(len(order)),
    )


def _options(
    shown: Shown, order: Sequence[int], response: engine.Response, key: engine.Response, reasons: Feedback
) -> list[Part]:
    chosen = {response.get("choice"), *response.get("choices", ())}
    right = {key.get("choice"), *key.get("choices", ())}
    return [
        Part(
            place,
            shown.parts[position],
            position in chosen,
            position in right,
            reasons.parts.get(f"option:{position}", ""),
        )
        for place, position in enumerate(order)
    ]


def _items(shown: Shown, order: Sequence[int], response: engine.Response, reasons: Feedback) -> list[Part]:
    """In the order that the student gave; `at` is the place where each belongs."""
    given = response.get("order") or list(order)
    return [
        Part(
            order.index(position),
            shown.parts[position],
            right=at == position,
            reason=reasons.parts.get(f"item:{position}", ""),
            at=position if reasons.parts else at,
        )
        for at, position in enumerate(given)
    ]


def _pairs(
    shown: Shown, order: Sequence[int], response: engine.Response, key: engine.Response, reasons: Feedback
) -> list[Part]:
    given = response.get("pairs") or [None] * len(shown.parts)
    return [
        Part(
            left,
            html,
            chosen=given[left] is not None,
            right=given[left] == key["pairs"][left],
            reason=reasons.parts.get(f"pair:{left}", ""),
            at=order.index(given[left]) if given[left] is not None else -1,
            partner=shown.choices[key["pairs"][left]],
        )
        for left, html in enumerate(shown.parts)
    ]


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item of an attempt with its question."""

    item: AttemptItem
    question: QuestionView
    repeated: bool = False

    @property
    def is_repeat(self) -> bool:
        return self.item.repeat_of_id is not None


@dataclass(frozen=True, slots=True)
class AttemptView:
    """An attempt as a whole: where it stands and how it went."""

    attempt: QuizAttempt
    items: Sequence[ItemView]
    first_right: int = field(default=0)
    first_total: int = field(default=0)
    then_right: int = field(default=0)
    then_total: int = field(default=0)

    @property
    def settled(self) -> int:
        return sum(view.item.settled_at is not None for view in self.items)

    @property
    def percent(self) -> int:
        return round(100 * self.settled / len(self.items)) if self.items else 0

    @property
    def next_item(self) -> AttemptItem | None:
        """The first item that waits for an answer."""
        return next((view.item for view in self.items if view.item.settled_at is None), None)


def item_view(item: AttemptItem) -> ItemView:
    """One item, from `queries.items_of`."""
    grade = queries.newest_grade(item)
    question = question_view(
        item.version.typed,
        msgspec.convert(item.version.shown, Shown),
        item.order,
        item.response.body,
        verdict=grade.verdict if grade else "",
        fraction=grade.fraction if grade else 0.0,
        feedback=msgspec.convert(grade.feedback, Feedback) if grade else None,
        confidence=item.response.confidence,
    )
    return ItemView(item, question)


def attempt_view(attempt: QuizAttempt) -> AttemptView:
    """An attempt with all its items."""
    views = [item_view(item) for item in queries.items_of(attempt)]
    first = [view for view in views if not view.is_repeat]
    again = [view for view in views if view.is_repeat]
    return AttemptView(
        attempt,
        views,
        first_right=sum(view.question.is_right for view in first),
        first_total=len(first),
        then_right=sum(view.question.is_right for view in again),
        then_total=len(again),
    )
