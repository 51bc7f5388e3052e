"""`manage.py content check` and `manage.py content sync`: the only doors for content."""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lambdalab.curriculum import ContentErrors, Course, load_course
from lambdalab.web import content_sync


class Command(BaseCommand):
    """Checks the content files, or brings the index rows in line with them."""

    help = "check: read every content file and say what is wrong. sync: check, then update the index rows."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=("check", "sync"))
        parser.add_argument("--dir", type=Path, default=None, help="another content folder than the course's own")

    def handle(self, *args: object, action: str, dir: Path | None, **options: object) -> None:
        course = self.checked(dir or Path(settings.CONTENT_DIR))
        if action == "check":
            self.stdout.write(_inventory(course))
            return
        for line in content_sync.sync(course).lines():
            self.stdout.write(line)

    def checked(self, folder: Path) -> Course:
        """The course; every defect on a line of its own before the command fails."""
        try:
            course = load_course(folder)
            content_sync.check(course)
        except ContentErrors as errors:
            for error in errors:
                self.stderr.write(str(error))
            raise CommandError(f"{len(errors)} defects in {folder}") from None
        return course


def _inventory(course: Course) -> str:
    ready = [topic for topic in course.topics if topic.ready]
    lessons = sum(len(topic.lessons) for topic in ready)
    labs = sum(len(topic.labs) for topic in ready)
    questions = sum(len(topic.quiz.questions) for topic in ready if topic.quiz)
    return (
        f"{len(course.topics)} topics, {len(ready)} ready: {lessons} lessons, {labs} labs, "
        f"{questions} questions, {len(course.figures)} figures"
    )
