"""Questions of quiz files and checks: from a YAML mapping to a `Question`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from lambdalab.curriculum import yaml_files
from lambdalab.curriculum.errors import Problems
from lambdalab.curriculum.figures import Projects, key_of
from lambdalab.curriculum.markdown import render, render_inline
from lambdalab.curriculum.model import Choice, Figure, Question
from lambdalab.curriculum.questions import (
    ANSWERS,
    PREDICTABLE,
    Answer,
    Body,
    Head,
    MultipleResponse,
    Played,
    SingleChoice,
    TrueFalse,
)
from lambdalab.curriculum.yaml_files import Document, Path

_HEAD = frozenset(Head.__struct_fields__)
_COMMON = frozenset(Body.__struct_fields__) - {"answer"}


def read_question(document: Document, at: Path, projects: Projects | None, problems: Problems) -> Question | None:
    """The question that stands at ``at`` in ``document``, or ``None`` with what is wrong noted."""
    raw = document.part(at)
    if not isinstance(raw, dict):
        problems.add(document.path, document.at(at), "A question is a mapping", "Write `kind:`, `prompt:` and so on")
        return None
    head, body = _head(document, at, raw, problems), _body(document, at, raw, problems)
    if head is None or body is None:
        return None
    line = document.line(*at)
    return Question(
        uuid=UUID(head.uuid),
        slug=head.slug,
        tags=head.tags,
        difficulty=head.difficulty,
        marks=head.marks,
        body=body,
        path=document.path,
        line=line,
        prompt_html=render(body.prompt),
        explanation_html=render(body.explanation) if body.explanation else "",
        hint_html=render(body.hint) if body.hint else "",
        options=choices(body.answer),
        figure=_figure(head, body, document.path, line, projects, problems),
    )


def choices(answer: Answer) -> tuple[Choice, ...]:
    """The options of a choice, ready for a page; nothing for other kinds."""
    if isinstance(answer, SingleChoice | MultipleResponse):
        return tuple(
            Choice(str(index), render_inline(option.text), option.right, render_inline(option.reason))
            for index, option in enumerate(answer.options)
        )
    if isinstance(answer, TrueFalse):
        return (
            Choice("true", "True", answer.answer, render_inline(answer.if_true)),
            Choice("false", "False", not answer.answer, render_inline(answer.if_false)),
        )
    return ()


def _head(document: Document, at: Path, raw: dict[str, Any], problems: Problems) -> Head | None:
    part = {key: value for key, value in raw.items() if key in _HEAD}
    head = yaml_files.decode(document, Head, problems, at, value=part)
    if head is not None and not is_uuid(head.uuid):
        problems.add(document.path, document.at((*at, "uuid")), "This is no UUID", UUID_FIX)
        return None
    return head


def _body(document: Document, at: Path, raw: dict[str, Any], problems: Problems) -> Body | None:
    kind = raw.get("ask") if raw.get("kind") == "predict" else raw.get("kind")
    allowed = PREDICTABLE if raw.get("kind") == "predict" else (*ANSWERS, "predict")
    if kind not in allowed or kind not in ANSWERS:
        key = "ask" if raw.get("kind") == "predict" else "kind"
        fix = f"Write one of: {', '.join(allowed)}"
        problems.add(document.path, document.at((*at, key)), f"`{key}: {kind}` is no kind of question", fix)
        return None
    common = {key: value for key, value in raw.items() if key in _COMMON}
    rest = {key: value for key, value in raw.items() if key not in _COMMON | _HEAD | {"ask"}}
    answer = yaml_files.decode(document, ANSWERS[kind], problems, at, value={**rest, "kind": kind})
    body = yaml_files.decode(document, Body, problems, at, value={**common, "answer": _STAND_IN})
    if answer is None or body is None:
        return None
    if (raw.get("kind") == "predict") != (body.computed is not None):
        fix = "Write `kind: predict`, `ask: …` and `computed: {project, query}` together"
        problems.add(document.path, document.at(at), "A predict question computes its key, others do not", fix)
        return None
    return Body(body.prompt, answer, body.explanation, body.hint, body.computed, body.see)  # type: ignore[arg-type]


UUID_FIX = 'Make one: python -c "import uuid; print(uuid.uuid4())"'
_STAND_IN = {"kind": "true_false", "answer": True}


def _figure(
    head: Head, body: Body, path: str, line: int, projects: Projects | None, problems: Problems
) -> Figure | None:
    played: Played | None = body.computed or body.see
    if played is None:
        return None
    if projects is None:
        problems.add(path, line, "A question can play only a project of its topic", "Remove `see` or `computed`")
        return None
    files = projects.resolve(played.project, played.with_, played.scenario, path, line)
    if files is None:
        return None
    title = played.title or "What really happens"
    return Figure(f"run-of-{head.slug}", title, "", key_of(files), files, alt=title)


def is_uuid(text: str) -> bool:
    """Whether ``text`` is a UUID."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
