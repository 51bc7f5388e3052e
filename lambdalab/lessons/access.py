"""The way from an address to a topic or lesson. Everybody who has signed in may read everything."""

from uuid import UUID

from django.http import Http404

from lambdalab.curriculum import Figure, Lesson, Question, Topic
from lambdalab.web import content_sync


def topic_for_reader(slug: str) -> Topic:
    """A topic that is written; one that is only announced has no page yet."""
    try:
        topic = content_sync.course().topic(slug)
    except KeyError:
        raise Http404 from None
    if not topic.ready:
        raise Http404
    return topic


def lesson_for_reader(topic_slug: str, slug: str) -> tuple[Topic, Lesson]:
    """A lesson and the topic it belongs to."""
    topic = topic_for_reader(topic_slug)
    try:
        return topic, topic.lesson(slug)
    except KeyError:
        raise Http404 from None


def check_of_lesson(lesson: Lesson, question: UUID) -> Question:
    """One of the check questions of `lesson`."""
    for each in lesson.checks:
        if each.uuid == question:
            return each
    raise Http404


def figure_of_lesson(lesson: Lesson, figure_id: str) -> Figure:
    """One of the figures of `lesson`."""
    for each in lesson.figures:
        if each.id == figure_id:
            return each
    raise Http404
