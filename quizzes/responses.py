"""From what a form posts to what the engine grades, and back: the page knows places, the engine positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.http import QueryDict

from lambdalab.curriculum.questions import (
    Matching,
    MultipleResponse,
    Numeric,
    Ordering,
    ShortAnswer,
    SingleChoice,
    TrueFalse,
)
from quizzes import engine
from quizzes.models import AttemptItem, Response

TEXT_MAX = 500


def from_post(item: AttemptItem, data: QueryDict) -> engine.Response:
    """The response in the author's positions; empty when nothing usable was posted."""
    answer, order = item.version.typed.answer, item.order
    match answer:
        case SingleChoice() | TrueFalse():
            place = _place(data.get("choice"), len(order))
            return {} if place is None else {"choice": order[place]}
        case MultipleResponse():
            places = [_place(value, len(order)) for value in data.getlist("choice")]
            chosen = sorted({order[place] for place in places if place is not None})
            return {"choices": chosen} if chosen else {}
        case Numeric() | ShortAnswer():
            text = data.get("text", "").replace("\0", "").strip()[:TEXT_MAX]  # PostgreSQL stores no NUL
            return {"text": text} if text else {}
        case Ordering():
            return _ordered(order, data)
        case Matching():
            return _matched(len(answer.pairs), order, data)


def _ordered(order: Sequence[int], data: QueryDict) -> engine.Response:
    """Each shown item says its place; equal places keep the order of the page."""
    places = [_place(data.get(f"place-{shown}"), len(order)) for shown in range(len(order))]
    if any(place is None for place in places):
        return {}
    by_place = sorted(range(len(order)), key=lambda shown: (places[shown], shown))
    return {"order": [order[shown] for shown in by_place]}


def _matched(pairs: int, order: Sequence[int], data: QueryDict) -> engine.Response:
    places = [_place(data.get(f"match-{left}"), len(order)) for left in range(pairs)]
    if all(place is None for place in places):
        return {}
    return {"pairs": [None if place is None else order[place] for place in places]}


def _place(value: object, count: int) -> int | None:
    """A place of the page as a number, or nothing when it is none."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 and int(text) < count else None


def confidence_from(data: Mapping[str, str]) -> str:
    """How sure somebody was, if they said so."""
    said = data.get("confidence", "")
    return said if said in Response.Confidence.values else ""


def sequence_from(data: Mapping[str, str]) -> int | None:
    """The client's sequence number; a wild one is refused, lest it block all later writes."""
    text = data.get("sequence", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None
