"""Writing questions: every save of something new makes a new version."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lambdalab.accounts.models import User
from lambdalab.curriculum import Figure
from lambdalab.curriculum.questions import Body
from lambdalab.web import content_sync
from quizzes import engine, rendering
from quizzes.models import Bank, Origin, Question, QuestionVersion

DRAFT, READY, RETIRED = QuestionVersion.Status.DRAFT, QuestionVersion.Status.READY, QuestionVersion.Status.RETIRED
QUESTIONS_MAX = 2000
BANKS_MAX = 100


class NotReady(Exception):
    """The question has defects and can be kept only as a draft."""

    def __init__(self, defects: list[engine.Defect]) -> None:
        self.defects = defects
        super().__init__("; ".join(defect.message for defect in defects))


class Full(Exception):
    """A bank or a person has as much as there may be."""


def bank_create(*, owner: User, title: str) -> Bank:
    """A new bank, seen by its owner only."""
    if Bank.objects.filter(owner=owner).count() >= BANKS_MAX:
        raise Full
    bank = Bank(owner=owner, title=title, origin=Origin.BROWSER)
    bank.full_clean(exclude=["owner"])
    bank.save()
    return bank


def question_create(
    *, bank: Bank, author: User, body: Body, head: dict[str, Any], marks: float, status: str
) -> Question:
    """A question with its first version. Raises `NotReady` before anything is written."""
    _check(body, status)
    if bank.questions.count() >= QUESTIONS_MAX:
        raise Full
    with transaction.atomic():
        question = Question(bank=bank, topic=bank.topic, **{**head, "slug": _free_slug(bank, head["slug"])})
        question.full_clean(exclude=["bank"])
        question.save()
        _version_add(question, author=author, body=body, marks=marks, status=status)
    return question


def question_save(
    *, question: Question, author: User, body: Body, head: dict[str, Any], marks: float, status: str
) -> QuestionVersion:
    """Save an edited question. Nothing new but the status changes the newest version's status only."""
    _check(body, status)
    with transaction.atomic():
        locked = Question.objects.select_for_update().get(pk=question.pk)
        for field, value in head.items():
            setattr(locked, field, value)
        locked.full_clean(exclude=["bank", "copied_from"])
        locked.save(update_fields=list(head))
        newest = locked.versions.first()
        if newest and newest.body == rendering.as_json(body) and newest.marks == marks:
            return _status_set(newest, status)
        return _version_add(locked, author=author, body=body, marks=marks, status=status)


def question_retire(*, question: Question) -> None:
    """Ask the question no more. Its versions stay for the attempts that met them."""
    question.versions.exclude(status=RETIRED).update(status=RETIRED)


def question_copy(*, question: Question, author: User) -> Question:
    """A copy of the newest version as a draft in a bank of one's own, to be edited there."""
    source = question.versions.first()
    assert source is not None, "a question is made together with its first version"
    with transaction.atomic():
        bank = Bank.objects.filter(owner=author, origin=Origin.BROWSER).first() or bank_create(
            owner=author, title=_("My questions")
        )
        copy = Question(
            bank=bank,
            slug=_free_slug(bank, question.slug),
            topic=question.topic,
            tags=question.tags,
            difficulty=question.difficulty,
            copied_from=question,
        )
        copy.full_clean(exclude=["bank", "copied_from"])
        copy.save()
        _version_add(copy, author=author, body=source.typed, marks=source.marks, status=DRAFT)
    return copy


def figure_of(body: Body, topic: str) -> Figure | None:
    """The run that ``body`` plays, found among the figures of its topic."""
    played = body.computed or body.see
    if played is None:
        return None
    quiz = next((each.quiz for each in content_sync.course().topics if each.slug == topic), None)
    for question in quiz.questions if quiz else ():
        if (question.body.computed or question.body.see) == played:
            return question.figure
    return None


def _check(body: Body, status: str) -> None:
    defects = engine.defects(body)
    if status == READY and defects:
        raise NotReady(defects)


def _version_add(question: Question, *, author: User, body: Body, marks: float, status: str) -> QuestionVersion:
    figure = figure_of(body, question.topic)
    newest = question.versions.first()
    version = QuestionVersion(
        question=question,
        number=newest.number + 1 if newest else 1,
        kind=body.kind,
        body=rendering.as_json(body),
        shown=rendering.as_json(rendering.shown(body, figure)),
        marks=marks,
        figure_key=figure.key if figure else "",
        author=author,
    )
    version.full_clean(exclude=["question", "author"])
    version.save()
    return _status_set(version, status)


def _status_set(version: QuestionVersion, status: str) -> QuestionVersion:
    """Give a version its status; a question has at most one that is ready."""
    if status == READY:
        version.question.versions.filter(status=READY).exclude(pk=version.pk).update(status=RETIRED)
    QuestionVersion.objects.filter(pk=version.pk).update(status=status)
    version.status = status
    return version


def _free_slug(bank: Bank, wanted: str) -> str:
    taken = set(bank.questions.values_list("slug", flat=True))
    names = (wanted[:90] + (f"-{number}" if number > 1 else "") for number in range(1, QUESTIONS_MAX + 2))
    return next(name for name in names if name not in taken)
