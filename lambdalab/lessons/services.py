"""What changes when somebody reads."""

from lambdalab.accounts.models import User
from lambdalab.curriculum import Course, Lesson
from lambdalab.lessons.models import LessonRead
from lambdalab.runs import services as runs
from lambdalab.web.content_sync import Report


def lesson_mark_read(*, user: User, lesson: Lesson) -> None:
    """Note that `user` has read `lesson`. Saying it twice changes nothing."""
    LessonRead.objects.get_or_create(user=user, lesson=lesson.uuid)


def figures_sync(course: Course, report: Report) -> None:
    """Have every figure of the course played that this engine has not played yet."""
    for figure in course.figures:
        runs.figure_ensure(key=figure.key, files=figure.files)
    report.add("figures looked after", len(course.figures))
