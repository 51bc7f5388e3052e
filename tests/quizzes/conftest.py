"""A course with one quiz, synced into the database."""

from collections.abc import Sequence
from uuid import UUID, uuid5

import pytest

from lambdalab.curriculum import Course, Figure, Module, Question, QuizFile, Topic
from lambdalab.curriculum.questions import Answer, Body, Computed
from lambdalab.web.content_sync import Report
from quizzes import services, sync
from quizzes.models import AttemptItem, Quiz, QuizAttempt
from tests.quizzes.bodies import MATCHING, MULTIPLE, NUMERIC, ORDERING, SHORT, SINGLE, TRUE_FALSE, body

SPACE = UUID("0b6a2d3e-5f3e-4c58-9d7c-3a3d1c1d2e00")
FIGURE = Figure(
    "run-of-numeric", "The run", "", "f" * 64, {"src/app.py": b"def handler(event, context): ...\n"}, "The run"
)
BODIES: dict[str, Body] = {
    "single": body(SINGLE),
    "multiple": body(MULTIPLE, hint="Two of them."),
    "statement": body(TRUE_FALSE),
    "number": body(NUMERIC, computed=Computed(project="labs/x", query="v")),
    "words": body(SHORT),
    "order": body(ORDERING),
    "pairs": body(MATCHING),
}


def make_course(bodies: dict[str, Body]) -> Course:
    questions = tuple(
        Question(uuid5(SPACE, slug), slug, (), 2, 1.0, each, "quiz.yaml", 1, figure=FIGURE if each.computed else None)
        for slug, each in bodies.items()
    )
    quiz = QuizFile(uuid5(SPACE, "quiz"), "A quiz", "<p>Ready?</p>", 5, questions)
    topic = Topic(uuid5(SPACE, "topic"), 1, "first", "First", "Begin.", 1, quiz=quiz, ready=True)
    return Course("Small", (Module(1, "only", "Only", (topic,)),), (), {})


def sync_course(bodies: dict[str, Body]) -> Report:
    report = Report()
    sync.sync(make_course(bodies), report)
    return report


@pytest.fixture(autouse=True)
def _course(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdalab.web.content_sync.course", lambda: make_course(BODIES))


@pytest.fixture(autouse=True)
def _nothing_is_played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdalab.runs.queries.figure_player", lambda _key: None)


@pytest.fixture
def quiz(db: None) -> Quiz:
    sync_course(BODIES)
    return Quiz.objects.get()


@pytest.fixture
def attempt(quiz: Quiz, ada: object) -> QuizAttempt:
    return services.attempt_start(quiz=quiz, user=ada)  # type: ignore[arg-type]


def item_of(attempt: QuizAttempt, slug: str) -> AttemptItem:
    items = attempt.items.filter(version__question__slug=slug, repeat_of=None)
    return items.select_related("version", "response", "attempt").get()


def posted(item: AttemptItem, answer: Answer, response: dict[str, object]) -> dict[str, object]:
    """The form fields by which a page says `response`, which is in the author's positions."""
    places = {position: place for place, position in enumerate(item.order)}
    if "choice" in response:
        return {"choice": places[response["choice"]]}  # type: ignore[index]
    if "choices" in response:
        return {"choice": [places[position] for position in as_list(response["choices"])]}
    if "order" in response:
        return {f"place-{places[position]}": at for at, position in enumerate(as_list(response["order"]))}
    if "pairs" in response:
        pairs = as_list(response["pairs"])
        return {f"match-{left}": places[right] for left, right in enumerate(pairs) if right is not None}
    return {"text": response["text"]}


def as_list(value: object) -> Sequence[int]:
    assert isinstance(value, list)
    return value
