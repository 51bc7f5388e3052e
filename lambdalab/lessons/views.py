"""The course to read: map, topic, lesson, glossary, assumptions."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST

from lambdalab.curriculum import Lesson, Topic
from lambdalab.lessons import access, contexts, queries, services
from lambdalab.runs import queries as runs
from lambdalab.runs import services as run_services
from lambdalab.simulator.vocabulary.assumptions import ASSUMPTIONS
from lambdalab.web import content_sync
from lambdalab.web.htmx import UNPROCESSABLE, HtmxRequest, see_other, wants_fragment


@require_GET
@gzip_page
def course_map(request: HtmxRequest) -> HttpResponse:
    """All modules and topics, and where this reader goes on."""
    course = content_sync.course()
    labs = [lab.uuid for topic in course.topics for lab in topic.labs]
    reached = queries.labs_reached(request.user, labs)
    page = contexts.course_map(course, queries.lessons_read(request.user), reached)
    return render(request, "lessons/course_map.html", {"course": course, "map": page})


@require_GET
def topic_detail(request: HtmxRequest, topic: str) -> HttpResponse:
    """One topic: its lessons, labs and quiz."""
    found = access.topic_for_reader(topic)
    context = {
        "topic": found,
        "read": queries.lessons_read(request.user),
        "reached": queries.labs_reached(request.user, [lab.uuid for lab in found.labs]),
    }
    return render(request, "lessons/topic.html", context)


@require_GET
@gzip_page
def lesson_detail(request: HtmxRequest, topic: str, slug: str) -> HttpResponse:
    """One lesson."""
    return _lesson(request, *access.lesson_for_reader(topic, slug), {})


@require_POST
def lesson_check(request: HtmxRequest, topic: str, slug: str, question: UUID) -> HttpResponse:
    """Say whether the answer to a check question is right. Nothing is kept."""
    found, lesson = access.lesson_for_reader(topic, slug)
    asked = access.check_of_lesson(lesson, question)
    chosen = {option.id for option in asked.options} & set(request.POST.getlist("choice"))
    if not wants_fragment(request):
        return _lesson(request, found, lesson, {asked.uuid: chosen})
    check = contexts.check_view(asked, chosen)
    context = {"value": check, "topic": found, "lesson": lesson}
    return render(request, "lessons/_check.html", context, status=UNPROCESSABLE if check.missing else 200)


@require_GET
def lesson_figure(request: HtmxRequest, topic: str, slug: str, figure: str) -> HttpResponse:
    """A figure that is being played asks for itself until it is there."""
    found, lesson = access.lesson_for_reader(topic, slug)
    shown = access.figure_of_lesson(lesson, figure)
    player = contexts.compact(runs.figure_player(shown.key))
    coming = player is None and queries.is_being_played(shown.key)
    context = {"value": contexts.FigureView(shown, player, coming), "topic": found, "lesson": lesson}
    return render(request, "lessons/_figure.html", context)


@require_POST
def lesson_read(request: HtmxRequest, topic: str, slug: str) -> HttpResponse:
    """Mark a lesson as read and go on to the next."""
    found, lesson = access.lesson_for_reader(topic, slug)
    services.lesson_mark_read(user=request.user, lesson=lesson)
    at = found.lessons.index(lesson) + 1
    if at < len(found.lessons):
        return see_other(request, "lesson-detail", found.slug, found.lessons[at].slug)
    return see_other(request, "topic-detail", found.slug)


@require_GET
@gzip_page
def glossary(request: HttpRequest) -> HttpResponse:
    """Every word that the course explains."""
    terms = sorted(content_sync.course().glossary, key=lambda term: term.name.lower())
    return render(request, "lessons/glossary.html", {"terms": terms})


@require_GET
def assumptions(request: HttpRequest) -> HttpResponse:
    """What AWS does not document and the simulator had to decide."""
    return render(request, "lessons/assumptions.html", {"assumptions": ASSUMPTIONS})


def _lesson(
    request: HtmxRequest, topic: Topic, lesson: Lesson, answers: Mapping[UUID, Collection[str]]
) -> HttpResponse:
    players = {figure.key: runs.figure_player(figure.key) for figure in lesson.figures}
    for figure in lesson.figures:
        if players[figure.key] is None:
            run_services.figure_ensure(key=figure.key, files=figure.files)
    page = contexts.lesson_page(
        content_sync.course(),
        topic,
        lesson,
        players=players,
        is_read=lesson.uuid in queries.lessons_read(request.user),
        answers=answers,
    )
    return render(request, "lessons/lesson.html", {"page": page, "topic": topic, "lesson": lesson})
