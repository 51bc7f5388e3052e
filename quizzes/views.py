"""Taking a quiz and reading it again. Works with plain forms; htmx and autosave come on top."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lambdalab.curriculum import Topic
from lambdalab.runs import queries as runs
from lambdalab.web import content_sync
from lambdalab.web.htmx import UNPROCESSABLE, HtmxRequest, render_page, see_other, wants_fragment
from quizzes import access, contexts, queries, responses, services
from quizzes.models import AttemptItem, Quiz, QuizAttempt


@require_GET
def quiz_detail(request: HtmxRequest, slug: str) -> HttpResponse:
    """What the quiz asks, how long it takes, and what the reader made of it before."""
    quiz = access.quiz_for_reader(slug)
    attempts = queries.attempts_of(quiz, request.user)
    page = {
        "quiz": quiz,
        "topic": _topic(quiz),
        "questions": quiz.slots.count(),
        "attempts": [attempt for attempt in attempts if not attempt.is_open],
        "open_attempt": next((attempt for attempt in attempts if attempt.is_open), None),
    }
    return render_page(request, "quizzes/quiz.html", page)


@require_POST
def quiz_start(request: HtmxRequest, slug: str) -> HttpResponse:
    """Begin, or go on where one stopped."""
    quiz = access.quiz_for_reader(slug)
    try:
        attempt = services.attempt_start(quiz=quiz, user=request.user)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
        return see_other(request, "quiz-detail", slug)
    return see_other(request, "attempt-detail", attempt.pk)


@require_GET
def attempt_detail(request: HtmxRequest, attempt_id: UUID) -> HttpResponse:
    """The question that waits for an answer; when none does, the last one with the way to the result."""
    attempt = access.attempt_for_owner(request.user, attempt_id)
    if not attempt.is_open:
        return see_other(request, "attempt-review", attempt.pk)
    view = contexts.attempt_view(attempt)
    current = view.next_item or view.items[-1].item
    return _item_page(request, attempt, view, current.position)


@require_GET
def attempt_item(request: HtmxRequest, attempt_id: UUID, position: int) -> HttpResponse:
    """One question of an attempt: to be answered, or as it was answered."""
    attempt = access.attempt_for_owner(request.user, attempt_id)
    access.item_for_owner(request.user, attempt_id, position)
    return _item_page(request, attempt, contexts.attempt_view(attempt), position)


@require_POST
def attempt_check(request: HtmxRequest, attempt_id: UUID, position: int) -> HttpResponse:
    """Settle the answer and show what was right."""
    item = access.item_for_owner(request.user, attempt_id, position)
    body = responses.from_post(item, request.POST)
    if not body and item.settled_at is None:
        view = contexts.attempt_view(item.attempt)
        return _item_page(request, item.attempt, view, position, missing=True, status=UNPROCESSABLE)
    services.answer_check(item=item, body=body, confidence=responses.confidence_from(request.POST))
    if request.htmx:
        return _item_page(request, item.attempt, contexts.attempt_view(item.attempt), position)
    return see_other(request, "attempt-item", attempt_id, position)


@require_POST
def attempt_save(request: HtmxRequest, attempt_id: UUID, position: int) -> JsonResponse:
    """Keep an answer that is still being thought about: four SQL statements, session and person included."""
    item = access.item_for_owner(request.user, attempt_id, position)
    sequence = responses.sequence_from(request.POST)
    if sequence is None:
        return JsonResponse({"error": _("This save has no usable sequence number.")}, status=400)
    saved = services.answer_save(
        item=item,
        body=responses.from_post(item, request.POST),
        confidence=responses.confidence_from(request.POST),
        sequence=sequence,
    )
    if saved.settled:
        return JsonResponse({"settled": True, "error": _("This answer has been checked already.")}, status=409)
    if saved.stale:
        return JsonResponse({"sequence": saved.sequence}, status=409)
    at = date_format(timezone.localtime(), "H:i:s")
    return JsonResponse({"sequence": saved.sequence, "says": _("saved %(time)s") % {"time": at}})


@require_POST
def attempt_submit(request: HtmxRequest, attempt_id: UUID) -> HttpResponse:
    """Finish now. Saved answers that were not checked count as they stand."""
    attempt = access.attempt_for_owner(request.user, attempt_id)
    if attempt.is_open:
        services.attempt_submit(attempt=attempt)
    return see_other(request, "attempt-review", attempt.pk)


@require_GET
def attempt_review(request: HtmxRequest, attempt_id: UUID) -> HttpResponse:
    """Every question as it was met, with what was answered and why it was right or wrong."""
    attempt = access.attempt_for_reader(request.user, attempt_id)
    if attempt.is_open:
        return see_other(request, "attempt-detail", attempt.pk)
    page = {"view": contexts.attempt_view(attempt), "topic": _topic(attempt.quiz), "mine": attempt.user == request.user}
    return render_page(request, "quizzes/review.html", page)


@require_GET
def attempt_figure(request: HtmxRequest, attempt_id: UUID, position: int) -> HttpResponse:
    """The run that a question plays; only after its answer stands, for it would give it away."""
    attempt = access.attempt_for_reader(request.user, attempt_id)
    item = next((each for each in queries.items_of(attempt) if each.position == position), None)
    if item is None or item.settled_at is None or not item.version.figure_key:
        return see_other(request, "attempt-detail", attempt.pk)
    page = {"attempt": attempt, "item": contexts.item_view(item), **_figure(item)}
    template = "components/_figure.html" if wants_fragment(request) else "quizzes/figure.html"
    return render_page(request, template, page)


def _item_page(
    request: HtmxRequest,
    attempt: QuizAttempt,
    view: contexts.AttemptView,
    position: int,
    *,
    missing: bool = False,
    status: int = 200,
) -> HttpResponse:
    current = next(each for each in view.items if each.item.position == position)
    page = {
        "attempt": attempt,
        "view": view,
        "current": current,
        "topic": _topic(attempt.quiz),
        "missing": missing,
        "is_last": view.next_item is None,
        "step": max(1, round(100 * (current.item.position - 1) / len(view.items))),
        **(_figure(current.item) if current.question.checked else {}),
    }
    return render_page(request, "quizzes/attempt.html", page, fragments={"question"}, status=status)


def _figure(item: AttemptItem) -> dict[str, object]:
    """The run beside a question, when there is one: what the figure component needs."""
    if not item.version.figure_key:
        return {}
    name = f"run-{item.position}"
    title = item.version.shown.get("figure_title", "")
    return {
        "figure": {"id": name, "title": title, "caption": "", "alt": title},
        "player": runs.figure_player(item.version.figure_key),
        "run_id": f"{name}-run",
        "waiting_url": reverse("attempt-figure", args=[item.attempt_id, item.position]),
    }


def _topic(quiz: Quiz) -> Topic | None:
    """The topic of a quiz, unless the course has lost it since."""
    try:
        return content_sync.course().topic(quiz.topic)
    except KeyError:
        return None
