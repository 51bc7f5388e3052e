"""What the quizzes hold about a person."""

from lambdalab.accounts.models import User
from quizzes.models import AttemptItem, Bank, QuestionVersion, QuizAttempt


def export(user: User) -> dict[str, object]:
    """Attempts with every answer, and the banks that the person wrote."""
    return {
        "attempts": [_attempt(attempt) for attempt in _attempts(user)],
        "banks": [_bank(bank) for bank in Bank.objects.filter(owner=user)],
    }


def erase(user: User) -> None:
    """Banks go with their author, except questions that somebody's attempt has met: those lose the name only."""
    met = AttemptItem.objects.values("version__question__bank")
    Bank.objects.filter(owner=user).exclude(pk__in=met).delete()


def _attempts(user: User) -> list[QuizAttempt]:
    attempts = QuizAttempt.objects.filter(user=user).select_related("quiz")
    return list(attempts.prefetch_related("items__response", "items__version__question", "items__grades"))


def _attempt(attempt: QuizAttempt) -> dict[str, object]:
    return {
        "quiz": attempt.quiz.title,
        "number": attempt.number,
        "started_at": attempt.started_at,
        "submitted_at": attempt.submitted_at,
        "fraction": attempt.fraction,
        "answers": [_answer(item) for item in attempt.items.all()],
    }


def _answer(item: AttemptItem) -> dict[str, object]:
    grades = list(item.grades.all())
    return {
        "question": item.version.question.slug,
        "version": item.version.number,
        "answer": item.response.body,
        "confidence": item.response.confidence,
        "saved_at": item.response.saved_at,
        "fraction": grades[0].fraction if grades else None,
    }


def _bank(bank: Bank) -> dict[str, object]:
    versions = QuestionVersion.objects.filter(question__bank=bank).order_by("question", "number")
    rows = versions.values("question__slug", "number", "status", "kind", "body", "marks", "made_at")
    return {"title": bank.title, "made_at": bank.made_at, "versions": list(rows)}
