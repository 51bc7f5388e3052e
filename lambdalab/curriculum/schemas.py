"""What each content file may hold. Unknown keys are errors; see `questions.py` for questions."""

from __future__ import annotations

from typing import Any

import msgspec

from lambdalab.curriculum.questions import Part


class TopicEntry(Part, frozen=True):
    """One line of the course map in ``course.yaml``."""

    number: int
    slug: str
    title: str
    goal: str
    uuid: str


class ModuleEntry(Part, frozen=True):
    """One module in ``course.yaml``."""

    number: int
    slug: str
    title: str
    topics: tuple[TopicEntry, ...]


class CourseFile(Part, frozen=True):
    """``course.yaml``: every topic there will be. A topic is ready when it has a folder."""

    title: str
    modules: tuple[ModuleEntry, ...]


class TermEntry(Part, frozen=True):
    """One term of ``glossary.yaml``: ``definition`` is Markdown, ``also`` lists further spellings."""

    name: str
    definition: str
    also: tuple[str, ...] = ()


class SourceEntry(Part, frozen=True):
    """One source of ``sources.yaml``."""

    title: str
    publisher: str
    read: str
    url: str = ""
    note: str = ""


class TopicFile(Part, frozen=True):
    """``topic.yaml`` of a topic's folder: what it promises, and its labs in order."""

    summary: str
    labs: tuple[str, ...] = ()


class LessonHead(Part, frozen=True):
    """The front matter of a lesson."""

    uuid: str
    title: str
    minutes: int
    summary: str
    sources: tuple[str, ...]


class BrokenEntry(Part, frozen=True):
    """A broken variant of a lab: the id of the check that it must miss, and what it teaches."""

    misses: str
    says: str


class LabHead(Part, frozen=True):
    """The front matter of a ``lab.md``; its text is the brief, up to the heading ``## Look at``."""

    uuid: str
    title: str
    minutes: int
    summary: str
    editable: tuple[str, ...]
    hints: tuple[str, ...] = ()
    broken: dict[str, BrokenEntry] = {}  # noqa: RUF012 - msgspec copies it


class QuizHead(Part, frozen=True):
    """A ``quiz.yaml``. The questions are read one by one, so that one bad one does not hide the next."""

    uuid: str
    title: str
    intro: str
    minutes: int
    questions: tuple[Any, ...]


class FigureFence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"with_": "with"}):
    """A ``scenario`` fence: what to play and what to say about it.

    ``alt`` describes the picture to somebody who cannot see it.
    """

    project: str
    title: str
    caption: str
    alt: str
    with_: str = "starter"
    scenario: dict[str, Any] = {}


class TryFence(Part, frozen=True):
    """The content of ``::: try``: a lab of the topic and the words of the link."""

    lab: str
    label: str
