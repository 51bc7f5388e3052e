"""The form of a question: what an author writes and what the quiz engine grades.

The same types describe a question in a quiz file, a check in a lesson and, as JSON, a version of a
question in the database. They hold data only; `quizzes.engine` draws variants and grades. Texts are
Markdown. Positions of options, items and pairs count from 0 in the author's order.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Credit = Literal["all_or_nothing", "net_correct", "each_option", "coverage"]
OrderCredit = Literal["all_or_nothing", "neighbours"]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of everything below: immutable, and unknown keys are errors."""


class Option(Part, frozen=True):
    """One option of a choice, with the reason why it is right or wrong.

    ``value`` is what the query of a predict question yields when this option is the right one.
    """

    text: str
    reason: str = ""
    right: bool = False
    value: Any = None


class SingleChoice(Part, frozen=True, tag="single_choice", tag_field="kind"):
    """Exactly one option is right."""

    options: tuple[Option, ...]
    shuffle: bool = True


class MultipleResponse(Part, frozen=True, tag="multiple_response", tag_field="kind"):
    """Any number of options is right; ``credit`` names the scheme for partly right answers."""

    options: tuple[Option, ...]
    credit: Credit = "net_correct"
    shuffle: bool = True


class TrueFalse(Part, frozen=True, tag="true_false", tag_field="kind"):
    """A statement. ``if_true`` and ``if_false`` are shown to those who say so."""

    answer: bool
    if_true: str = ""
    if_false: str = ""


class WrongNumber(Part, frozen=True):
    """A number that people give for a reason, and that reason."""

    value: float
    reason: str
    tolerance: float = 0.0


class Numeric(Part, frozen=True, tag="numeric", tag_field="kind"):
    """A number. ``tolerance`` is in the unit of ``value``, or a share of it when ``relative``.

    ``units`` maps further accepted units to their factor: with ``unit: s`` and ``units: {min: 60}``
    the answers ``180``, ``180 s`` and ``3 min`` are the same.
    """

    value: float
    tolerance: float = 0.0
    relative: bool = False
    unit: str = ""
    units: dict[str, float] = {}
    wrong: tuple[WrongNumber, ...] = ()
    otherwise: str = ""


class WrongText(Part, frozen=True):
    """A text that people give for a reason, and that reason."""

    pattern: str
    reason: str


class ShortAnswer(Part, frozen=True, tag="short_answer", tag_field="kind"):
    """A few words. ``*`` in an accepted text stands for any characters; spaces count once."""

    accepted: tuple[str, ...]
    case: bool = False
    wrong: tuple[WrongText, ...] = ()
    otherwise: str = ""


class Item(Part, frozen=True):
    """One thing to put in order. ``value`` is its name in the result of a predict question's query."""

    text: str
    reason: str = ""
    value: Any = None


class Ordering(Part, frozen=True, tag="ordering", tag_field="kind"):
    """Things to put in order; the author writes them in the right one."""

    items: tuple[Item, ...]
    credit: OrderCredit = "neighbours"
    otherwise: str = ""


class Pair(Part, frozen=True):
    """Two things that belong together, and why."""

    left: str
    right: str
    reason: str = ""


class Matching(Part, frozen=True, tag="matching", tag_field="kind"):
    """Pairs to be found; ``distractors`` are right-hand sides that belong to nothing."""

    pairs: tuple[Pair, ...]
    distractors: tuple[str, ...] = ()
    otherwise: str = ""


Answer = SingleChoice | MultipleResponse | TrueFalse | Numeric | ShortAnswer | Ordering | Matching


class Played(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename={"with_": "with"}):
    """A project that is played beside a question: ``labs/<slug>`` or ``figures/<slug>`` of its topic."""

    project: str
    with_: str = "starter"
    scenario: dict[str, Any] = {}
    title: str = ""


class Computed(Played, frozen=True, rename={"with_": "with"}):
    """What a predict question plays, and the JMESPath query over the summary that yields its key."""

    query: str = ""


class Body(Part, frozen=True):
    """All that a student can see of a question, and its key.

    A body with ``computed`` is a *predict* question: the student commits an answer, then the run is
    shown beside it. ``see`` is a run that only illustrates the explanation.
    """

    prompt: str
    answer: Answer
    explanation: str = ""
    hint: str = ""
    computed: Computed | None = None
    see: Played | None = None

    @property
    def kind(self) -> str:
        """The kind that pages name: ``predict``, or that of the answer."""
        return "predict" if self.computed else str(self.answer.__struct_config__.tag)


class Head(Part, frozen=True):
    """What the bank knows about a question besides its body. Difficulty runs from 1 to 5."""

    uuid: str
    slug: str
    tags: tuple[str, ...] = ()
    difficulty: int = 2
    marks: float = 1.0


ANSWERS: dict[str, type[Part]] = {
    str(answer.__struct_config__.tag): answer
    for answer in (SingleChoice, MultipleResponse, TrueFalse, Numeric, ShortAnswer, Ordering, Matching)
}
"""The answer type of each kind, by the word that authors write."""
PREDICTABLE = ("single_choice", "numeric", "ordering", "true_false")
"""The kinds of answer a predict question may ask for."""
