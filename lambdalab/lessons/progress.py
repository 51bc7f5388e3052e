"""The lessons' columns on a class's page: a topic each, with how many of its lessons were read."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from lambdalab.curriculum import Topic
from lambdalab.lessons import queries
from lambdalab.web import content_sync
from lambdalab.web.progress import Column, Mark


def columns(members: Sequence[int]) -> list[Column]:
    """One column for each topic that is written."""
    return [_column(topic, members) for topic in content_sync.course().topics if topic.ready]


def _column(topic: Topic, members: Sequence[int]) -> Column:
    read = queries.lessons_read_by(members, [lesson.uuid for lesson in topic.lessons])
    total = len(topic.lessons)
    marks = {
        member: Mark(
            words=_("%(read)d of %(total)d read") % {"read": number, "total": total},
            value=number / total,
            tone="ok" if number == total else "",
        )
        for member, number in read.items()
    }
    return Column(f"lessons-{topic.slug}", _("%(number)d Lessons") % {"number": topic.number}, marks)
