"""Sitting a quiz: start, save, check, submit. The server owns the draw, the key and what counts."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from lambdalab.accounts.models import User
from quizzes import engine, queries, rendering
from quizzes.models import AttemptItem, Grade, QuestionVersion, Quiz, QuizAttempt, Response

SEEDS = 2**63 - 1


def attempt_start(*, quiz: Quiz, user: User) -> QuizAttempt:
    """The open attempt of `user`, or a new one: seed, versions and order are fixed here, at once."""
    try:
        with transaction.atomic():
            return queries.open_attempt(quiz, user) or _attempt_create(quiz, user)
    except IntegrityError:  # another tab was faster
        attempt = queries.open_attempt(quiz, user)
        if attempt is None:
            raise
        return attempt


def _attempt_create(quiz: Quiz, user: User) -> QuizAttempt:
    versions = queries.ready_versions(quiz)
    if not versions:
        raise ValidationError(_("This quiz has no question yet."))
    last = QuizAttempt.objects.filter(quiz=quiz, user=user).aggregate(last=Max("number"))["last"] or 0
    attempt = QuizAttempt(quiz=quiz, user=user, number=last + 1, seed=secrets.randbelow(SEEDS))
    attempt.full_clean(exclude=["quiz", "user"])
    attempt.save()
    _items_create(attempt, versions)
    return attempt


def _items_create(attempt: QuizAttempt, versions: Sequence[QuestionVersion]) -> None:
    items = [
        _item(attempt, version, position, (attempt.seed + position) % SEEDS)
        for position, version in enumerate(versions, start=1)
    ]
    AttemptItem.objects.bulk_create(items)
    Response.objects.bulk_create(Response(item=item) for item in items)


def _item(attempt: QuizAttempt, version: QuestionVersion, position: int, seed: int) -> AttemptItem:
    variant = engine.variant(version.typed, seed)
    return AttemptItem(
        attempt=attempt, version=version, position=position, seed=variant.seed, order=list(variant.order)
    )


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a save. A stale one was older than what is stored, whose sequence it learns."""

    sequence: int
    stale: bool = False
    settled: bool = False


def answer_save(*, item: AttemptItem, body: engine.Response, confidence: str, sequence: int) -> Saved:
    """Store an answer that is still being thought about: one statement, and the last sequence wins."""
    if item.settled_at or not item.attempt.is_open:
        return Saved(item.response.sequence, settled=True)
    written = Response.objects.filter(item=item, sequence__lt=sequence, item__settled_at=None).update(
        sequence=sequence, body=body, confidence=confidence, saved_at=timezone.now()
    )
    return Saved(sequence) if written else Saved(item.response.sequence, stale=True)


def answer_check(*, item: AttemptItem, body: engine.Response, confidence: str) -> None:
    """Settle an item with this answer, grade it, and let a wrong one come back once at the end."""
    with transaction.atomic():
        open_item = AttemptItem.objects.filter(pk=item.pk, settled_at=None, attempt__state=QuizAttempt.State.OPEN)
        if not open_item.update(settled_at=timezone.now()):
            return  # a second click, or another tab: what was settled first stands
        response = item.response
        response.sequence, response.body, response.saved_at = response.sequence + 1, body, timezone.now()
        response.confidence = confidence
        response.full_clean(exclude=["item", "body"])
        response.save(update_fields=["sequence", "body", "saved_at", "confidence"])
        grade = _grade(item, body)
        if grade.fraction < 1 and item.repeat_of_id is None:
            _repeat_create(item)


def _grade(item: AttemptItem, body: engine.Response) -> Grade:
    result = engine.grade(item.version.typed, body)
    grade = Grade(
        item=item,
        fraction=result.fraction,
        verdict=result.verdict,
        feedback=rendering.as_json(rendering.feedback(result)),
        engine_version=engine.VERSION,
    )
    grade.full_clean(exclude=["item"])
    grade.save()
    return grade


def _repeat_create(item: AttemptItem) -> None:
    last = AttemptItem.objects.filter(attempt=item.attempt).aggregate(last=Max("position"))["last"]
    repeat = _item(item.attempt, item.version, last + 1, (item.seed + 1_000_003) % SEEDS)
    repeat.repeat_of = item
    repeat.save()
    Response.objects.create(item=repeat)


def attempt_submit(*, attempt: QuizAttempt) -> None:
    """Close an attempt. What was answered but never checked is graded as it was saved."""
    with transaction.atomic():
        items = queries.items_of(attempt)
        settled = {item.pk for item in items if item.settled_at}
        now = timezone.now()
        fractions = dict(queries.newest_fractions(items))
        for item in items:
            if item.pk not in settled:
                fractions[item.pk] = _grade(item, item.response.body).fraction
        AttemptItem.objects.filter(attempt=attempt, settled_at=None).update(settled_at=now)
        QuizAttempt.objects.filter(pk=attempt.pk, state=QuizAttempt.State.OPEN).update(
            state=QuizAttempt.State.SUBMITTED, submitted_at=now, fraction=_score(items, fractions)
        )


def _score(items: Sequence[AttemptItem], fractions: dict[UUID, float]) -> float:
    """The marks of the first tries over all marks: coming back teaches, it does not count."""
    first = [item for item in items if item.repeat_of_id is None]
    marks = sum(item.version.marks for item in first)
    return sum(item.version.marks * fractions.get(item.pk, 0.0) for item in first) / marks
