"""Reads a content folder into a `Course`, or says everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

from lambdalab.curriculum import yaml_files
from lambdalab.curriculum.errors import Problems
from lambdalab.curriculum.figures import Projects
from lambdalab.curriculum.labs import read_lab
from lambdalab.curriculum.lessons import LessonReader
from lambdalab.curriculum.markdown import TermLookup, render, render_inline
from lambdalab.curriculum.model import Course, Lesson, Module, Question, QuizFile, Source, Term, Topic
from lambdalab.curriculum.read_questions import UUID_FIX, is_uuid, read_question
from lambdalab.curriculum.schemas import CourseFile, QuizHead, SourceEntry, TermEntry, TopicEntry, TopicFile
from lambdalab.curriculum.yaml_files import Document


def load_course(content: Path) -> Course:
    """The course under ``content``. Raises `ContentErrors` with every defect that was found."""
    problems = Problems()
    loader = _Loader(content, problems)
    course = loader.course()
    problems.raise_if_any()
    assert course is not None
    return course


class _Loader:
    def __init__(self, content: Path, problems: Problems) -> None:
        self.content, self.problems = content, problems
        self.sources = self._sources()
        self.glossary = self._glossary()
        self.terms = self._lookup()

    def course(self) -> Course | None:
        document = self._yaml("course.yaml")
        file = document and yaml_files.decode(document, CourseFile, self.problems)
        if not document or not file:
            return None
        modules = tuple(
            Module(
                module.number,
                module.slug,
                module.title,
                tuple(self._topic(t, module.number) for t in module.topics),
            )
            for module in file.modules
        )
        self._check_map(document, file)
        course = Course(file.title, modules, self.glossary, MappingProxyType(self.sources))
        self._check_unique(course)
        return course

    # -- the course's own files

    def _yaml(self, name: str) -> Document | None:
        file = self.content / name
        if not file.is_file():
            self.problems.add(name, 1, "The file does not exist", "Add it")
            return None
        return yaml_files.read(file.read_text(encoding="utf-8"), name, self.problems)

    def _sources(self) -> dict[str, Source]:
        document = self._yaml("sources.yaml")
        entries = document and yaml_files.decode(document, dict[str, SourceEntry], self.problems)
        return {
            key: Source(key, entry.title, entry.publisher, entry.read, entry.url, entry.note)
            for key, entry in (entries or {}).items()
        }

    def _glossary(self) -> tuple[Term, ...]:
        document = self._yaml("glossary.yaml")
        entries = document and yaml_files.decode(document, dict[str, TermEntry], self.problems)
        return tuple(
            Term(
                slug,
                entry.name,
                render_inline(entry.definition),
                _plain(entry.definition),
                (entry.name, *entry.also),
            )
            for slug, entry in sorted((entries or {}).items(), key=lambda item: item[1].name.lower())
        )

    def _lookup(self) -> TermLookup:
        return {name.lower(): term for term in self.glossary for name in term.names}

    def _check_map(self, document: Document, file: CourseFile) -> None:
        known = {f"{topic.number:02}-{topic.slug}" for module in file.modules for topic in module.topics}
        for folder in sorted((self.content / "topics").glob("*")):
            if folder.is_dir() and folder.name not in known:
                self.problems.add(document.path, 1, f"topics/{folder.name} is no topic", "List it in course.yaml")

    def _check_unique(self, course: Course) -> None:
        """Identities are stored in databases: none may stand for two things."""
        self._twice("course.yaml", "number", (topic.number for topic in course.topics))
        self._twice("course.yaml", "slug", (topic.slug for topic in course.topics))
        questions = _questions(course)
        uuids = [topic.uuid for topic in course.topics] + [question.uuid for question in questions]
        for topic in course.topics:
            uuids += [lesson.uuid for lesson in topic.lessons] + [lab.uuid for lab in topic.labs]
            uuids += [topic.quiz.uuid] if topic.quiz else []
        self._twice("course.yaml", "UUID", uuids)
        self._twice("course.yaml", "question slug", (question.slug for question in questions))

    def _twice(self, path: str, what: str, values: Iterable[Hashable]) -> None:
        seen: set[Hashable] = set()
        for value in values:
            if value in seen:
                self.problems.add(path, 1, f"The {what} {value} is used twice in the course", "Give one its own")
            seen.add(value)

    # -- topics

    def _topic(self, entry: TopicEntry, module: int) -> Topic:
        uuid = UUID(entry.uuid) if is_uuid(entry.uuid) else UUID(int=0)
        if not uuid.int:
            self.problems.add("course.yaml", 1, f"The uuid of topic {entry.number} is no UUID", UUID_FIX)
        bare = Topic(uuid, entry.number, entry.slug, entry.title, entry.goal, module)
        folder = self.content / "topics" / f"{entry.number:02}-{entry.slug}"
        return self._ready(bare, folder) if folder.is_dir() else bare

    def _ready(self, bare: Topic, folder: Path) -> Topic:
        where = folder.relative_to(self.content).as_posix()
        document = self._yaml(f"{where}/topic.yaml")
        file = document and yaml_files.decode(document, TopicFile, self.problems)
        if not document or not file:
            return bare
        projects = Projects(folder, self.content, self.problems)
        self._check_labs(document, file, folder)
        labs = (
            read_lab(slug, number, projects, self.content, self.problems)
            for number, slug in enumerate(file.labs, start=1)
            if (folder / "labs" / slug).is_dir()
        )
        return Topic(
            bare.uuid,
            bare.number,
            bare.slug,
            bare.title,
            bare.goal,
            bare.module,
            lessons=self._lessons(folder, projects),
            labs=tuple(lab for lab in labs if lab),
            quiz=self._quiz(f"{where}/quiz.yaml", projects),
            ready=True,
            summary_html=render(file.summary),
        )

    def _check_labs(self, document: Document, file: TopicFile, folder: Path) -> None:
        folders = {path.name for path in (folder / "labs").glob("*") if path.is_dir()}
        for index, slug in enumerate(file.labs):
            if slug not in folders:
                self.problems.add(document.path, document.at(("labs", index)), f"labs/{slug} does not exist", "Add it")
        for slug in sorted(folders - set(file.labs)):
            self.problems.add(document.path, document.at(("labs",)), f"labs/{slug} is not listed", "Add it to `labs`")

    def _lessons(self, folder: Path, projects: Projects) -> tuple[Lesson, ...]:
        reader = LessonReader(self.content, projects, self.terms, self.sources, self.problems)
        read = (reader.read(file) for file in sorted((folder / "lessons").glob("*.md")))
        return tuple(lesson for lesson in read if lesson)

    def _quiz(self, path: str, projects: Projects) -> QuizFile | None:
        if not (self.content / path).is_file():
            return None
        document = self._yaml(path)
        head = document and yaml_files.decode(document, QuizHead, self.problems)
        if not document or not head:
            return None
        if not is_uuid(head.uuid):
            self.problems.add(path, document.at(("uuid",)), "This is no UUID", UUID_FIX)
            return None
        read = (
            read_question(document, ("questions", index), projects, self.problems)
            for index in range(len(head.questions))
        )
        questions = tuple(question for question in read if question)
        return QuizFile(UUID(head.uuid), head.title, render(head.intro), head.minutes, questions)


def _questions(course: Course) -> list[Question]:
    found: list[Question] = []
    for topic in course.topics:
        found += [question for lesson in topic.lessons for question in lesson.checks]
        found += topic.quiz.questions if topic.quiz else ()
    return found


def _plain(markdown: str) -> str:
    return " ".join(markdown.replace("`", "").replace("*", "").split())
