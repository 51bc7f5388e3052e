"""The only way to a quiz, an attempt, a bank or a question for a person. A stranger gets a 404."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from lambdalab.accounts import access as people
from lambdalab.accounts.models import User
from quizzes.models import AttemptItem, Bank, Origin, Question, Quiz, QuizAttempt


def quiz_for_reader(topic: str) -> Quiz:
    """The quiz of a topic; whoever has signed in may take it."""
    return get_object_or_404(Quiz, topic=topic)


def attempt_for_owner(user: User, attempt_id: UUID) -> QuizAttempt:
    """An attempt of one's own."""
    return get_object_or_404(QuizAttempt.objects.select_related("quiz"), pk=attempt_id, user=user)


def attempt_for_reader(user: User, attempt_id: UUID) -> QuizAttempt:
    """An attempt of one's own, or a submitted one of somebody one teaches."""
    attempt = get_object_or_404(QuizAttempt.objects.select_related("quiz", "user"), pk=attempt_id)
    if attempt.user_id == user.pk:
        return attempt
    if not attempt.is_open and people.teaches(user, attempt.user):
        return attempt
    raise Http404


def item_for_owner(user: User, attempt_id: UUID, position: int) -> AttemptItem:
    """An item of one's own attempt, with its version and response, in one statement."""
    items = AttemptItem.objects.select_related("attempt", "attempt__quiz", "version", "response")
    return get_object_or_404(items, attempt=attempt_id, attempt__user=user, position=position)


def banks_of(user: User) -> QuerySet[Bank]:
    """The banks that `user` may read: those of the course, one's own, and those shared with one."""
    if not user.is_instructor:
        return Bank.objects.none()
    mine = Q(owner=user) | Q(shared_with=user)
    return Bank.objects.filter(mine | Q(origin=Origin.FILE)).distinct()


def bank_for_reader(user: User, bank_id: UUID) -> Bank:
    """A bank that `user` may read."""
    return get_object_or_404(banks_of(user), pk=bank_id)


def bank_for_author(user: User, bank_id: UUID) -> Bank:
    """A bank that `user` may write to: one's own, never that of a file."""
    own = banks_of(user).filter(origin=Origin.BROWSER)
    return get_object_or_404(own, pk=bank_id)


def question_for_reader(user: User, question_id: UUID) -> Question:
    """A question in a bank that `user` may read."""
    questions = Question.objects.filter(bank__in=banks_of(user).values("pk")).select_related("bank")
    return get_object_or_404(questions, pk=question_id)


def question_for_author(user: User, question_id: UUID) -> Question:
    """A question that `user` may edit. One from a file is edited as a copy."""
    question = question_for_reader(user, question_id)
    if question.bank.is_file:
        raise Http404
    return question
