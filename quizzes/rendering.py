"""What is shown of a question, as HTML made once: when a version is made, and when an answer is graded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from lambdalab.curriculum import Figure
from lambdalab.curriculum.markdown import render, render_inline
from lambdalab.curriculum.questions import (
    Body,
    Matching,
    MultipleResponse,
    Numeric,
    Ordering,
    ShortAnswer,
    SingleChoice,
    TrueFalse,
)
from quizzes.engine import Grade
from quizzes.engine.kinds.matching import rights

_LANGUAGES = {"py": "python", "yaml": "yaml", "json": "json"}


class ShownFile(msgspec.Struct):
    """A file of the project that a predict question plays."""

    name: str
    html: str


class Shown(msgspec.Struct):
    """The HTML of every part of a question, parts in the author's order.

    ``parts`` are options, items or left-hand sides; ``choices`` the right-hand sides of a matching, plain
    texts because they stand in menus. ``key`` says the right answer in words where parts cannot show it, and
    ``about`` that answers near it are right as well.
    """

    prompt: str
    parts: list[str] = []
    choices: list[str] = []
    explanation: str = ""
    hint: str = ""
    key: str = ""
    about: bool = False
    unit: str = ""
    units: list[str] = []
    credit: str = ""
    files: list[ShownFile] = []
    figure_title: str = ""


class Feedback(msgspec.Struct):
    """The reasons of one grading as HTML: by part of the question, and for the whole of it."""

    parts: dict[str, str] = {}
    general: list[str] = []
    trouble: str = ""


def shown(body: Body, figure: Figure | None = None) -> Shown:
    """Everything a page needs to show ``body``, and the files of the run it plays."""
    result = Shown(
        prompt=render(body.prompt),
        explanation=render(body.explanation) if body.explanation else "",
        hint=render(body.hint) if body.hint else "",
    )
    answer = body.answer
    match answer:
        case SingleChoice() | MultipleResponse():
            result.parts = [render_inline(option.text) for option in answer.options]
            result.credit = answer.credit if isinstance(answer, MultipleResponse) else ""
        case TrueFalse():
            result.parts = ["True", "False"]
        case Numeric():
            result.key = f"{answer.value:,.12g} {answer.unit}".strip()
            result.about = answer.tolerance > 0
            result.unit, result.units = answer.unit, sorted(answer.units)
        case ShortAnswer():
            result.key = answer.accepted[0].replace("*", "").strip() if answer.accepted else ""
        case Ordering():
            result.parts = [render_inline(item.text) for item in answer.items]
        case Matching():
            result.parts = [render_inline(pair.left) for pair in answer.pairs]
            result.choices = rights(answer)
    if figure:
        result.figure_title = figure.title
        result.files = _files(figure.files) if body.computed else []
    return result


def feedback(grade: Grade) -> Feedback:
    """The reasons of ``grade``. A part's reason is kept whether it was given or not."""
    result = Feedback(trouble=grade.trouble)
    for note in grade.notes:
        html = render_inline(note.text)
        if note.part:
            result.parts[note.part] = html
        elif html:
            result.general.append(html)
    return result


def as_json(value: msgspec.Struct) -> Any:
    """A struct as the plain values that a JSON field gives back: lists, never tuples."""
    return msgspec.json.decode(msgspec.json.encode(value))


def _files(files: Mapping[str, bytes]) -> list[ShownFile]:
    """The code, handler first, and the template; the scenario would give the answer away."""
    code = sorted(name for name in files if name.startswith("src/") and name.endswith(".py"))
    code.sort(key=lambda name: name != "src/app.py")
    return [
        ShownFile(name, render(f"```{_LANGUAGES[name.rsplit('.')[-1]]}\n{files[name].decode()}\n```"))
        for name in (*code, "template.yaml")
        if name in files
    ]
