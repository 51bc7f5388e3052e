"""The columns that quizzes add to a class's page."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from lambdalab.web.progress import Column, Mark
from quizzes import queries
from quizzes.models import Quiz, QuizAttempt

GOOD = 0.8
"""From here on a score needs no attention."""


def columns(members: Sequence[int]) -> list[Column]:
    """One column a quiz: the best score of each member. Three statements, however many members."""
    quizzes = list(Quiz.objects.order_by("topic"))
    best = queries.best_attempts([quiz.pk for quiz in quizzes], members)
    begun = set(QuizAttempt.objects.filter(user__in=members, state=QuizAttempt.State.OPEN).values_list("quiz", "user"))
    return [
        Column(f"quiz-{quiz.topic}", quiz.title, {m: mark for m in members if (mark := _mark(quiz, m, best, begun))})
        for quiz in quizzes
    ]


def _mark(quiz: Quiz, member: int, best: dict, begun: set) -> Mark | None:  # type: ignore[type-arg]
    key = (quiz.pk, member)
    if key in best:
        percent = round(100 * best[key])
        return Mark(_("%(percent)s %%") % {"percent": percent}, best[key], "ok" if best[key] >= GOOD else "thr")
    return Mark(_("begun")) if key in begun else None
