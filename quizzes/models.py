"""Banks of questions, and what students did with them.

A question is a list of immutable versions: editing makes a new one, and an attempt points to the
versions it saw. What is shown of a version is rendered once, when it is made, so that the review of an
attempt is the same for ever.
"""

import uuid
from typing import Any, ClassVar

import msgspec
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from lambdalab.curriculum.questions import Body

KIND_LABELS: dict[str, Promise] = {
    "single_choice": _("Single choice"),
    "multiple_response": _("Several choices"),
    "true_false": _("True or false"),
    "numeric": _("A number"),
    "short_answer": _("Short answer"),
    "ordering": _("Put in order"),
    "matching": _("Find the pairs"),
    "predict": _("Predict, then see it run"),
}


class Origin(models.TextChoices):
    """Where something is written: in a file, then it is read-only here, or in the browser."""

    FILE = "file", _("File of the course")
    BROWSER = "browser", _("Written here")


class Identified(models.Model):
    """Addressed by a UUID, so that an address says nothing about how many there are."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


class Bank(Identified):
    """A collection of questions, owned by one instructor or by a file of the course."""

    title = models.CharField(_("title"), max_length=200)
    topic = models.SlugField(max_length=100, blank=True)  # a file's bank belongs to one topic
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.BROWSER)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="banks"
    )
    shared_with = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="shared_banks")
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["title", "id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["topic"], condition=Q(origin="file"), name="bank_one_file_per_topic"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_file(self) -> bool:
        return self.origin == Origin.FILE


class Question(Identified):
    """A question through all its versions."""

    bank = models.ForeignKey(Bank, on_delete=models.CASCADE, related_name="questions")
    slug = models.SlugField(_("short name"), max_length=100)
    topic = models.SlugField(max_length=100, blank=True)
    tags = models.JSONField(default=list, blank=True)
    difficulty = models.PositiveSmallIntegerField(_("difficulty"), default=2)
    copied_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["slug", "id"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["bank", "slug"], name="question_slug_once_a_bank"),
            models.CheckConstraint(
                condition=Q(difficulty__gte=1, difficulty__lte=5), name="question_difficulty_1_to_5"
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class QuestionVersion(Identified):
    """One state of a question. Only its status ever changes."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        READY = "ready", _("Ready")
        RETIRED = "retired", _("Retired")

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    kind = models.CharField(max_length=30)
    body = models.JSONField()  # `curriculum.questions.Body`
    shown = models.JSONField()  # `rendering.Shown`: the HTML of every part
    marks = models.FloatField(default=1.0)
    figure_key = models.CharField(max_length=64, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["question", "number"], name="version_number_once"),
            models.CheckConstraint(condition=Q(marks__gt=0), name="version_marks_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.question_id} v{self.number}"

    @property
    def kind_label(self) -> Promise:
        """The kind in words."""
        return KIND_LABELS[self.kind]

    @cached_property
    def typed(self) -> Body:
        """The body as the engine reads it."""
        return msgspec.convert(self.body, Body)


class Quiz(Identified):
    """Questions in a fixed order, with the settings of sitting them."""

    topic = models.SlugField(max_length=100, unique=True)
    title = models.CharField(max_length=200)
    intro_html = models.TextField(blank=True)
    minutes = models.PositiveSmallIntegerField(default=10)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.FILE)

    class Meta:
        verbose_name_plural = "quizzes"

    def __str__(self) -> str:
        return self.title


class Slot(models.Model):
    """A place of a quiz and the question that stands there."""

    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="slots")
    position = models.PositiveSmallIntegerField()
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="slots")

    class Meta:
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["quiz", "position"], name="slot_position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id} {self.position}"


class QuizAttempt(Identified):
    """One sitting of a quiz by one person. Its seed, questions and their order are fixed at the start."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        SUBMITTED = "submitted", _("Submitted")

    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="attempts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="quiz_attempts")
    number = models.PositiveIntegerField()
    seed = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    submitted_at = models.DateTimeField(null=True, blank=True)
    fraction = models.FloatField(null=True, blank=True)  # of the first tries; set when submitted

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["quiz", "user", "number"], name="attempt_number_once"),
            models.UniqueConstraint(
                fields=["quiz", "user"], condition=Q(state="open"), name="attempt_one_open_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state="open", submitted_at=None, fraction=None)
                | Q(state="submitted", submitted_at__isnull=False, fraction__isnull=False),
                name="attempt_submitted_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.quiz_id} {self.number}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def percent(self) -> int:
        """The score in percent, of a submitted attempt."""
        return round(100 * (self.fraction or 0))


class AttemptItem(Identified):
    """One question of an attempt, as this student meets it. A repeat comes back once, at the end."""

    attempt = models.ForeignKey(QuizAttempt, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="+")
    seed = models.BigIntegerField()
    order = models.JSONField(default=list)
    repeat_of = models.OneToOneField("self", on_delete=models.CASCADE, null=True, blank=True, related_name="repeat")
    settled_at = models.DateTimeField(null=True, blank=True)  # checked: the answer stands

    class Meta:
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["attempt", "position"], name="item_position_once"),
            models.CheckConstraint(condition=Q(repeat_of=None) | ~Q(repeat_of=F("id")), name="item_repeats_another"),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.position}"


class Response(models.Model):
    """What a student has answered so far. The last write by the client's sequence number wins."""

    class Confidence(models.TextChoices):
        GUESS = "guess", _("guess")
        FAIRLY = "fairly", _("fairly")
        CERTAIN = "certain", _("certain")

    item = models.OneToOneField(AttemptItem, on_delete=models.CASCADE, related_name="response")
    sequence = models.PositiveBigIntegerField(default=0)
    body = models.JSONField(default=dict)
    confidence = models.CharField(max_length=10, choices=Confidence.choices, blank=True)
    saved_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.item_id} {self.sequence}"


class Grade(models.Model):
    """A grading of an item. Rows are only ever added; the newest counts."""

    item = models.ForeignKey(AttemptItem, on_delete=models.CASCADE, related_name="grades")
    fraction = models.FloatField()
    verdict = models.CharField(max_length=10)
    feedback = models.JSONField(default=dict)  # `rendering.Feedback`: reasons as HTML by part
    graded_by = models.CharField(max_length=20, default="engine")
    engine_version = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["-made_at", "-id"]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(fraction__gte=0, fraction__lte=1), name="grade_fraction_0_to_1"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.fraction}"
