"""One module a kind of answer. `KINDS` finds the module of an answer by its type."""

from __future__ import annotations

from lambdalab.curriculum.questions import (
    Matching,
    MultipleResponse,
    Numeric,
    Ordering,
    Part,
    ShortAnswer,
    SingleChoice,
    TrueFalse,
)
from quizzes.engine.kinds import (
    matching,
    multiple_response,
    numeric,
    ordering,
    short_answer,
    single_choice,
    true_false,
)
from quizzes.engine.types import Kind

KINDS: dict[type[Part], Kind] = {
    SingleChoice: single_choice,
    MultipleResponse: multiple_response,
    TrueFalse: true_false,
    Numeric: numeric,
    ShortAnswer: short_answer,
    Ordering: ordering,
    Matching: matching,
}
