"""What the templates get: the course and a reader's progress put together, as plain values."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.utils.html import strip_tags
from django.utils.text import slugify

from lambdalab.curriculum import (
    CheckBlock,
    Course,
    Figure,
    FigureBlock,
    HtmlBlock,
    Lesson,
    Module,
    NoteBlock,
    Question,
    Source,
    Topic,
    TryItBlock,
)
from lambdalab.curriculum.model import Choice

_HEADING = re.compile(r"<h2>(.*?)</h2>", re.DOTALL)
COMPACT = ("version", "end_s", "sentence", "verdict", "events", "lanes", "items")


@dataclass(frozen=True, slots=True)
class TopicRow:
    """A topic on the course map."""

    topic: Topic
    parts: int
    done: int


@dataclass(frozen=True, slots=True)
class ModuleRows:
    """A module on the course map."""

    module: Module
    topics: tuple[TopicRow, ...]

    @property
    def ready(self) -> int:
        return sum(row.topic.ready for row in self.topics)


@dataclass(frozen=True, slots=True)
class CourseMap:
    """The start page."""

    modules: tuple[ModuleRows, ...]
    next_topic: Topic | None
    next_lesson: Lesson | None
    begun: bool


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the table of contents."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class OptionView:
    """One option of a check, before or after it was answered."""

    choice: Choice
    chosen: bool = False
    shown: bool = False  # whether its verdict and reason are shown


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check question and, when it has been answered, what is to be said about the answer."""

    question: Question
    options: tuple[OptionView, ...]
    answered: bool = False
    right: bool = False
    missing: bool = False

    @property
    def id(self) -> str:
        return f"check-{self.question.uuid}"


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure with its run, which is `None` while it is coming, or when it could not be played."""

    figure: Figure
    player: Mapping[str, Any] | None
    coming: bool = True


@dataclass(frozen=True, slots=True)
class BlockView:
    """One block of a lesson and the template that draws it."""

    template: str
    value: Any


@dataclass(frozen=True, slots=True)
class LessonPage:
    """A lesson with everything around it."""

    topic: Topic
    lesson: Lesson
    blocks: tuple[BlockView, ...]
    headings: tuple[Heading, ...]
    sources: tuple[Source, ...]
    previous: Lesson | None
    following: Lesson | None
    is_read: bool


def course_map(course: Course, read: Collection[UUID], reached: Collection[UUID]) -> CourseMap:
    """Modules and topics with how far the reader is, and where to go on."""
    rows = tuple(
        ModuleRows(module, tuple(_topic_row(topic, read, reached) for topic in module.topics))
        for module in course.modules
    )
    ready = [topic for topic in course.topics if topic.ready]
    unread = ((topic, each) for topic in ready for each in topic.lessons if each.uuid not in read)
    begun = [topic for topic in ready if any(each.uuid in read for each in topic.lessons)]
    topic, lesson = next(unread, (ready[0] if ready else None, None))
    return CourseMap(rows, topic, lesson, bool(begun))


def _topic_row(topic: Topic, read: Collection[UUID], reached: Collection[UUID]) -> TopicRow:
    done = sum(each.uuid in read for each in topic.lessons) + sum(each.uuid in reached for each in topic.labs)
    return TopicRow(topic, len(topic.lessons) + len(topic.labs), done)


def compact(player: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The part of a run that a figure in a text draws: no logs, metrics or bill."""
    return {key: player[key] for key in COMPACT if key in player} if player else None


def check_view(question: Question, chosen: Collection[str] | None = None) -> CheckView:
    """A check before (`None`) or after an answer. Nothing chosen is not yet an answer."""
    if not chosen:
        options = tuple(OptionView(option) for option in question.options)
        return CheckView(question, options, missing=chosen is not None)
    right = question.is_right(set(chosen))
    options = tuple(
        OptionView(option, option.id in chosen, option.id in chosen or (right and option.right))
        for option in question.options
    )
    return CheckView(question, options, answered=True, right=right)


def lesson_page(
    course: Course,
    topic: Topic,
    lesson: Lesson,
    *,
    players: Mapping[str, Mapping[str, Any] | None],
    is_read: bool,
    answers: Mapping[UUID, Collection[str]],
) -> LessonPage:
    """`players` are the runs by the key of their figure; `answers` what was chosen in which check."""
    headings: list[Heading] = []
    blocks = tuple(_block(block, topic, headings, players, answers) for block in lesson.blocks)
    at = topic.lessons.index(lesson)
    return LessonPage(
        topic=topic,
        lesson=lesson,
        blocks=blocks,
        headings=tuple(headings),
        sources=tuple(course.sources[key] for key in lesson.sources),
        previous=topic.lessons[at - 1] if at else None,
        following=topic.lessons[at + 1] if at + 1 < len(topic.lessons) else None,
        is_read=is_read,
    )


def _block(
    block: object,
    topic: Topic,
    headings: list[Heading],
    players: Mapping[str, Mapping[str, Any] | None],
    answers: Mapping[UUID, Collection[str]],
) -> BlockView:
    match block:
        case HtmlBlock():
            return BlockView("lessons/_html.html", replace(block, html=_anchored(block.html, headings)))
        case NoteBlock():
            return BlockView("lessons/_note.html", block)
        case CheckBlock():
            view = check_view(block.question, answers.get(block.question.uuid))
            return BlockView("lessons/_check.html", view)
        case FigureBlock():
            player = compact(players.get(block.figure.key))
            return BlockView("lessons/_figure.html", FigureView(block.figure, player))
        case TryItBlock():
            return BlockView("lessons/_try.html", (block, topic.lab(block.lab)))
        case _:
            raise TypeError(block)


def _anchored(html: str, headings: list[Heading]) -> str:
    """Give each heading an id of its own and note it for the table of contents."""

    def anchor(match: re.Match[str]) -> str:
        text = strip_tags(match[1])
        taken = {heading.id for heading in headings}
        name = slugify(text) or "part"
        while name in taken:
            name += "-2"
        headings.append(Heading(name, text))
        return f'<h2 id="{name}">{match[1]}</h2>'

    return _HEADING.sub(anchor, html)
