"""Brings the banks and quizzes of the course's files into the database. In the browser they are read-only."""

from collections.abc import Iterator

from lambdalab import curriculum
from lambdalab.curriculum import ContentError, Course, Topic
from lambdalab.web.content_sync import Report
from quizzes import engine, rendering
from quizzes.models import Bank, Origin, Question, QuestionVersion, Quiz, Slot

READY, RETIRED = QuestionVersion.Status.READY, QuestionVersion.Status.RETIRED


def check(course: Course) -> Iterator[ContentError]:
    """The defects that only the engine sees, in quizzes and in the checks of lessons."""
    for topic in course.topics:
        questions = [question for lesson in topic.lessons for question in lesson.checks]
        questions += topic.quiz.questions if topic.quiz else ()
        for question in questions:
            for defect in engine.defects(question.body):
                message = f"{question.slug}: {defect.message}"
                yield ContentError(question.path, question.line, 1, message, defect.fix)


def sync(course: Course, report: Report) -> None:
    """Write banks, question versions and quizzes of all topics that have a quiz."""
    for topic in course.topics:
        if topic.quiz:
            _sync_topic(topic, topic.quiz, report)


def _sync_topic(topic: Topic, file: curriculum.QuizFile, report: Report) -> None:
    bank, _created = Bank.objects.update_or_create(
        topic=topic.slug, origin=Origin.FILE, defaults={"title": topic.title}
    )
    questions = [_sync_question(bank, topic, question, report) for question in file.questions]
    _retire_others(bank, questions, report)
    quiz, _created = Quiz.objects.update_or_create(
        id=file.uuid,
        defaults={
            "topic": topic.slug,
            "title": file.title,
            "intro_html": file.intro_html,
            "minutes": file.minutes,
        },
    )
    Slot.objects.filter(quiz=quiz).delete()  # attempts point to versions, never to slots
    Slot.objects.bulk_create(
        Slot(quiz=quiz, position=position, question=question) for position, question in enumerate(questions, 1)
    )
    report.add("quizzes in line with their files")


def _sync_question(bank: Bank, topic: Topic, file: curriculum.Question, report: Report) -> Question:
    question, _created = Question.objects.update_or_create(
        id=file.uuid,
        defaults={
            "bank": bank,
            "slug": file.slug,
            "topic": topic.slug,
            "tags": list(file.tags),
            "difficulty": file.difficulty,
        },
    )
    _sync_version(question, file, report)
    return question


def _sync_version(question: Question, file: curriculum.Question, report: Report) -> None:
    """A new version only when what students see or how it is graded has changed."""
    version = QuestionVersion(
        question=question,
        status=READY,
        kind=file.kind,
        body=rendering.as_json(file.body),
        shown=rendering.as_json(rendering.shown(file.body, file.figure)),
        marks=file.marks,
        figure_key=file.figure.key if file.figure else "",
    )
    newest = question.versions.first()
    if newest and _same(newest, version):
        question.versions.filter(pk=newest.pk, status=RETIRED).update(status=READY)
        return
    question.versions.filter(status=READY).update(status=RETIRED)
    version.number = newest.number + 1 if newest else 1
    version.full_clean()
    version.save()
    report.add("question versions made")


def _same(one: QuestionVersion, other: QuestionVersion) -> bool:
    fields = ("kind", "body", "shown", "marks", "figure_key")
    return all(getattr(one, field) == getattr(other, field) for field in fields)


def _retire_others(bank: Bank, questions: list[Question], report: Report) -> None:
    """A question that left its file is asked no more; old attempts keep their versions."""
    gone = QuestionVersion.objects.filter(question__bank=bank, status=READY).exclude(question__in=questions)
    report.add("questions retired", gone.update(status=RETIRED))
