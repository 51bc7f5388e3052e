"""Lessons: a Markdown file with front matter becomes blocks in reading order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from markdown_it.token import Token

from lambdalab.curriculum import yaml_files
from lambdalab.curriculum.errors import Problems
from lambdalab.curriculum.figures import Projects, key_of
from lambdalab.curriculum.markdown import TermLinker, TermLookup, lesson_parser, render_tokens
from lambdalab.curriculum.model import (
    Block,
    CheckBlock,
    Figure,
    FigureBlock,
    HtmlBlock,
    Lesson,
    NoteBlock,
    Source,
    TryItBlock,
)
from lambdalab.curriculum.read_questions import UUID_FIX, is_uuid, read_question
from lambdalab.curriculum.schemas import FigureFence, LessonHead, TryFence
from lambdalab.curriculum.yaml_files import Document

_NAME = re.compile(r"^(\d\d)-([a-z0-9]+(?:-[a-z0-9]+)*)\.md$")
_TITLES = {"note": "Note", "exam": "The exam says, today's AWS says", "misconception": "A common belief"}
CHECK_KINDS = ("single_choice", "multiple_response", "true_false")


def split_front_matter(text: str, path: str, problems: Problems) -> tuple[Document, str, int] | None:
    """The front matter of a file, its text, and the line of the file at which that text begins."""
    lines = text.splitlines()
    end = next((i for i in range(1, len(lines)) if lines[i].strip() == "---"), None)
    if not lines or lines[0].strip() != "---" or end is None:
        problems.add(path, 1, "The file has no front matter", "Begin with `---`, the keys, and `---`")
        return None
    document = yaml_files.read("\n".join(lines[1:end]), path, problems, first_line=2)
    return None if document is None else (document, "\n".join(lines[end + 1 :]), end + 2)


class LessonReader:
    """Reads the lessons of one topic."""

    def __init__(
        self,
        content: Path,
        projects: Projects,
        terms: TermLookup,
        sources: Mapping[str, Source],
        problems: Problems,
    ) -> None:
        self.content, self.projects, self.terms = content, projects, terms
        self.sources, self.problems = sources, problems

    def read(self, file: Path) -> Lesson | None:
        """The lesson in ``file``, or ``None`` with what is wrong noted."""
        path = file.relative_to(self.content).as_posix()
        name = _NAME.match(file.name)
        if not name:
            self.problems.add(path, 1, "The name of a lesson is like 01-two-words.md", "Rename the file")
            return None
        split = split_front_matter(file.read_text(encoding="utf-8"), path, self.problems)
        head = split and yaml_files.decode(split[0], LessonHead, self.problems)
        if not split or not head:
            return None
        document, text, first_line = split
        if not self._head_holds(document, head):
            return None
        body = _Body(self, path, text, first_line, f"{int(name[1])}")
        return Lesson(
            uuid=UUID(head.uuid),
            slug=name[2],
            number=int(name[1]),
            title=head.title,
            minutes=head.minutes,
            summary=head.summary,
            blocks=tuple(body.blocks()),
            sources=head.sources,
        )

    def _head_holds(self, document: Document, head: LessonHead) -> bool:
        if not is_uuid(head.uuid):
            self.problems.add(document.path, document.at(("uuid",)), "This is no UUID", UUID_FIX)
            return False
        for index, key in enumerate(head.sources):
            if key not in self.sources:
                where = document.at(("sources", index))
                self.problems.add(document.path, where, f"The source `{key}` is not listed", "Add it to sources.yaml")
        return True


class _Body:
    """Walks the top-level tokens of one lesson."""

    def __init__(self, reader: LessonReader, path: str, text: str, first_line: int, number: str) -> None:
        self.reader, self.path, self.first_line, self.number = reader, path, first_line, number
        self.lines = text.splitlines()
        self.parser = lesson_parser()
        self.env: dict[str, object] = {}
        self.tokens = self.parser.parse(text, self.env)
        TermLinker(reader.terms, self._unknown_term).apply(self.tokens)
        self.figures = 0

    def blocks(self) -> list[Block]:
        blocks: list[Block] = []
        running: list[Token] = []
        index = 0
        while index < len(self.tokens):
            token = self.tokens[index]
            block_end = self._end_of_special(index)
            if block_end is None:
                running.append(token)
                index += 1
                continue
            self._flush(running, blocks)
            block = self._special(token, index, block_end)
            if block is not None:
                blocks.append(block)
            index = block_end + 1
        self._flush(running, blocks)
        return blocks

    def _end_of_special(self, index: int) -> int | None:
        """The index of the last token of a figure or container that begins at ``index``."""
        token = self.tokens[index]
        if token.level:
            return None
        if token.type == "fence" and token.info.strip() == "scenario":
            return index
        if token.type.startswith("container_") and token.type.endswith("_open"):
            closing = token.type.replace("_open", "_close")
            return next(i for i in range(index, len(self.tokens)) if self._closes(i, closing))
        return None

    def _closes(self, index: int, closing: str) -> bool:
        return self.tokens[index].type == closing and self.tokens[index].level == 0

    def _special(self, token: Token, start: int, end: int) -> Block | None:
        line = (token.map or [0])[0] + self.first_line
        if token.type == "fence":
            return self._figure(token.content, line + 1)
        kind = token.type.removeprefix("container_").removesuffix("_open")
        if kind == "check":
            return self._check(self._raw(token), line + 1)
        if kind == "try":
            return self._try(self._raw(token), line + 1)
        title = token.info.strip().removeprefix(kind).strip().strip('"') or _TITLES[kind]
        return NoteBlock(kind, title, render_tokens(self.parser, self.tokens[start + 1 : end], self.env))

    def _flush(self, running: list[Token], blocks: list[Block]) -> None:
        if running:
            blocks.append(HtmlBlock(render_tokens(self.parser, running, self.env)))
            running.clear()

    def _raw(self, token: Token) -> str:
        start, end = token.map or [0, 0]
        inside = self.lines[start + 1 : end]
        if inside and inside[-1].strip().startswith(":::"):
            inside.pop()
        return "\n".join(inside)

    def _figure(self, text: str, line: int) -> Block | None:
        problems = self.reader.problems
        document = yaml_files.read(text, self.path, problems, first_line=line)
        fence = document and yaml_files.decode(document, FigureFence, problems)
        if not fence:
            return None
        files = self.reader.projects.resolve(fence.project, fence.with_, fence.scenario, self.path, line)
        if files is None:
            return None
        self.figures += 1
        name = f"figure-{self.number}-{self.figures}"
        return FigureBlock(Figure(name, fence.title, fence.caption, key_of(files), files, fence.alt))

    def _check(self, text: str, line: int) -> Block | None:
        problems = self.reader.problems
        document = yaml_files.read(text, self.path, problems, first_line=line)
        question = document and read_question(document, (), self.reader.projects, problems)
        if not question:
            return None
        if question.kind not in CHECK_KINDS:
            fix = f"Use one of: {', '.join(CHECK_KINDS)}"
            problems.add(self.path, line, "A check in a lesson is a choice", fix)
            return None
        return CheckBlock(question)

    def _try(self, text: str, line: int) -> Block | None:
        problems = self.reader.problems
        document = yaml_files.read(text, self.path, problems, first_line=line)
        fence = document and yaml_files.decode(document, TryFence, problems)
        if not fence:
            return None
        if not self.reader.projects.exists(f"labs/{fence.lab}"):
            problems.add(self.path, line, f"There is no lab `{fence.lab}` in this topic", "Name one of its labs")
            return None
        return TryItBlock(fence.lab, fence.label)

    def _unknown_term(self, word: str, line: int) -> None:
        where = line + self.first_line
        self.reader.problems.add(self.path, where, f"The glossary has no `{word}`", "Add it to glossary.yaml")
