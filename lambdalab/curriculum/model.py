"""The course as typed, immutable objects: what pages, quizzes and checks read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from lambdalab.curriculum.questions import Body, MultipleResponse, SingleChoice, TrueFalse


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the glossary. ``html`` is its definition; ``names`` are the spellings that refer to it."""

    slug: str
    name: str
    html: str
    text: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read: the title of the page, who publishes it and the date of reading."""

    key: str
    title: str
    publisher: str
    read_on: str
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A run to be shown. ``key`` is the SHA-256 over ``files``, the scenario included."""

    id: str
    title: str
    caption: str
    key: str
    files: Mapping[str, bytes] = field(repr=False)
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a check, ready for a page. ``id`` is what a form posts."""

    id: str
    html: str
    right: bool
    reason_html: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a quiz file or of a lesson's check.

    ``options`` and the HTML are for lessons, whose checks are choices; quizzes go through the engine
    with ``body``. ``figure`` is the run that a predict question, or an explanation, shows.
    """

    uuid: UUID
    slug: str
    tags: tuple[str, ...]
    difficulty: int
    marks: float
    body: Body
    path: str
    line: int
    prompt_html: str = ""
    explanation_html: str = ""
    hint_html: str = ""
    options: tuple[Choice, ...] = ()
    figure: Figure | None = None

    @property
    def kind(self) -> str:
        """``single_choice``, ``multiple_response``, ``true_false``, … or ``predict``."""
        return self.body.kind

    @property
    def is_choice(self) -> bool:
        """Whether ``options`` holds all there is to choose from, as in every check of a lesson."""
        return isinstance(self.body.answer, SingleChoice | MultipleResponse | TrueFalse)

    @property
    def chooses_many(self) -> bool:
        """Whether several options may be chosen (checkboxes instead of radio buttons)."""
        return isinstance(self.body.answer, MultipleResponse)

    def is_right(self, chosen: set[str]) -> bool:
        """Whether the option ids ``chosen`` are exactly the right ones."""
        return chosen == {option.id for option in self.options if option.right}


@dataclass(frozen=True, slots=True)
class HtmlBlock:
    """Running text."""

    html: str


@dataclass(frozen=True, slots=True)
class NoteBlock:
    """A text set apart. ``kind`` is ``note``, ``exam`` or ``misconception``."""

    kind: str
    title: str
    html: str


@dataclass(frozen=True, slots=True)
class CheckBlock:
    """One question to check oneself with; nothing is recorded but that it was answered."""

    question: Question


@dataclass(frozen=True, slots=True)
class FigureBlock:
    """A played run, drawn by the same timeline as the playground."""

    figure: Figure


@dataclass(frozen=True, slots=True)
class TryItBlock:
    """A way into a lab of the same topic."""

    lab: str
    label: str


Block = HtmlBlock | NoteBlock | CheckBlock | FigureBlock | TryItBlock


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson: text, figures and checks in reading order. ``minutes`` is the reading time."""

    uuid: UUID
    slug: str
    number: int
    title: str
    minutes: int
    summary: str
    blocks: tuple[Block, ...] = field(repr=False)
    sources: tuple[str, ...] = ()

    @property
    def checks(self) -> tuple[Question, ...]:
        """The check questions of the lesson."""
        return tuple(block.question for block in self.blocks if isinstance(block, CheckBlock))

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The runs that the lesson shows."""
        return tuple(block.figure for block in self.blocks if isinstance(block, FigureBlock))


@dataclass(frozen=True, slots=True)
class BrokenVariant:
    """A plausible wrong solution: the check of the scenario that it ``misses``, and what it shows."""

    files: Mapping[str, bytes] = field(repr=False)
    misses: str
    says: str


@dataclass(frozen=True, slots=True)
class Lab:
    """An exercise: a SAM project with a scenario whose checks are its goal.

    ``files`` is what a student starts from; ``exemplar`` and the broken variants hold only the files
    that they replace. ``editable`` names the files that a student may change.
    """

    uuid: UUID
    slug: str
    number: int
    title: str
    minutes: int
    summary: str
    brief_html: str = field(repr=False)
    hints: tuple[str, ...] = field(repr=False)
    look_at_html: str = field(repr=False)
    editable: tuple[str, ...]
    files: Mapping[str, bytes] = field(repr=False)
    exemplar: Mapping[str, bytes] = field(repr=False)
    broken: Mapping[str, BrokenVariant]


@dataclass(frozen=True, slots=True)
class QuizFile:
    """The quiz of a topic, as its file says it."""

    uuid: UUID
    title: str
    intro_html: str
    minutes: int
    questions: tuple[Question, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. Only a ``ready`` one has lessons, labs and a quiz; the others are announced."""

    uuid: UUID
    number: int
    slug: str
    title: str
    goal: str
    module: int
    lessons: tuple[Lesson, ...] = ()
    labs: tuple[Lab, ...] = ()
    quiz: QuizFile | None = None
    ready: bool = False
    summary_html: str = ""

    @property
    def minutes(self) -> int:
        """Lessons, labs and quiz together."""
        parts = (*self.lessons, *self.labs, *((self.quiz,) if self.quiz else ()))
        return sum(part.minutes for part in parts)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every run that the topic's lessons and questions show, each key once."""
        shown = [figure for lesson in self.lessons for figure in lesson.figures]
        questions = [question for lesson in self.lessons for question in lesson.checks]
        questions += self.quiz.questions if self.quiz else ()
        shown += [question.figure for question in questions if question.figure]
        return tuple({figure.key: figure for figure in shown}.values())

    def lesson(self, slug: str) -> Lesson:
        """The lesson with this slug; ``KeyError`` when there is none."""
        return _by_slug(self.lessons, slug)

    def lab(self, slug: str) -> Lab:
        """The lab with this slug; ``KeyError`` when there is none."""
        return _by_slug(self.labs, slug)


@dataclass(frozen=True, slots=True)
class Module:
    """A part of the course."""

    number: int
    slug: str
    title: str
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """The whole course."""

    title: str
    modules: tuple[Module, ...]
    glossary: tuple[Term, ...]
    sources: Mapping[str, Source]

    @property
    def topics(self) -> tuple[Topic, ...]:
        """All topics in the order of the course."""
        return tuple(topic for module in self.modules for topic in module.topics)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every run that the course shows, each key once."""
        shown = [figure for topic in self.topics for figure in topic.figures]
        return tuple({figure.key: figure for figure in shown}.values())

    def topic(self, slug: str) -> Topic:
        """The topic with this slug; ``KeyError`` when there is none."""
        return _by_slug(self.topics, slug)


T = TypeVar("T", Lesson, Lab, Topic)


def _by_slug(things: tuple[T, ...], slug: str) -> T:
    for thing in things:
        if thing.slug == slug:
            return thing
    raise KeyError(slug)
