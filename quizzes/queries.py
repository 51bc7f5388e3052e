"""What the pages and services read."""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from django.db.models import Count, Max, OuterRef, Prefetch, Q, QuerySet, Subquery

from lambdalab.accounts.models import User
from quizzes.models import AttemptItem, Bank, Grade, Question, QuestionVersion, Quiz, QuizAttempt


def open_attempt(quiz: Quiz, user: User) -> QuizAttempt | None:
    """The attempt that `user` has begun and not submitted."""
    return QuizAttempt.objects.filter(quiz=quiz, user=user, state=QuizAttempt.State.OPEN).first()


def attempts_of(quiz: Quiz, user: User) -> Sequence[QuizAttempt]:
    """All attempts of `user`, the newest first."""
    return list(QuizAttempt.objects.filter(quiz=quiz, user=user))


def ready_versions(quiz: Quiz) -> list[QuestionVersion]:
    """The ready version of each slot's question, in the order of the slots."""
    versions = QuestionVersion.objects.filter(question__slots__quiz=quiz, status=QuestionVersion.Status.READY).order_by(
        "question__slots__position"
    )
    return list(versions)


def items_of(attempt: QuizAttempt) -> list[AttemptItem]:
    """The items of an attempt with their versions, responses and newest grade."""
    items = AttemptItem.objects.filter(attempt=attempt).select_related("version", "response", "attempt")
    return list(items.prefetch_related(Prefetch("grades", to_attr="graded")))


def newest_fractions(items: Iterable[AttemptItem]) -> Iterator[tuple[UUID, float]]:
    """The fraction of each item that has been graded."""
    for item in items:
        if grade := newest_grade(item):
            yield item.pk, grade.fraction


def newest_grade(item: AttemptItem) -> Grade | None:
    """The grade that counts, of an item from `items_of`."""
    graded: list[Grade] = item.graded  # type: ignore[attr-defined]
    return graded[0] if graded else None


def banks_with_counts(banks: QuerySet[Bank]) -> Sequence[Bank]:
    """Banks with `question_count` and `ready_count`."""
    ready = Count(
        "questions",
        filter=Q(questions__versions__status=QuestionVersion.Status.READY),
        distinct=True,
    )
    return list(
        banks.annotate(question_count=Count("questions", distinct=True), ready_count=ready).select_related("owner")
    )


def questions_with_newest(bank: Bank) -> Sequence[Question]:
    """The questions of a bank; each has `newest`, its newest version."""
    questions = list(bank.questions.all())
    versions = newest_versions([question.pk for question in questions])
    for question in questions:
        question.newest = versions.get(question.pk)  # type: ignore[attr-defined]
    return questions


def newest_versions(questions: Sequence[UUID]) -> dict[UUID, QuestionVersion]:
    """The newest version of each question."""
    newest = QuestionVersion.objects.filter(question=OuterRef("question")).order_by("-number").values("pk")[:1]
    versions = QuestionVersion.objects.filter(question__in=questions, pk=Subquery(newest))
    return {version.question_id: version for version in versions}


def best_attempts(quizzes: Sequence[UUID], members: Sequence[int]) -> dict[tuple[UUID, int], float]:
    """The best submitted fraction of each member in each quiz."""
    attempts = QuizAttempt.objects.filter(quiz__in=quizzes, user__in=members, fraction__isnull=False)
    rows = attempts.values_list("quiz", "user").annotate(Max("fraction")).order_by()
    return {(quiz, user): fraction for quiz, user, fraction in rows}
