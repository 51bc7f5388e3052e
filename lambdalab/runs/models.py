"""One play of a scenario, and its trace."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Purpose(models.TextChoices):
    """Why a run is played; it decides who waits for whom."""

    PLAY = "play", _("Play")
    PREDICT = "predict", _("Prediction")
    GRADE = "grade", _("Graded answer")
    FIGURE = "figure", _("Figure of a lesson")


# As in Redis: the smallest goes first. Each number has its own list there (see CELERY_BROKER_TRANSPORT_OPTIONS).
PRIORITY = {Purpose.PLAY: 0, Purpose.PREDICT: 0, Purpose.GRADE: 3, Purpose.FIGURE: 6}


class State(models.TextChoices):
    """Where a run stands. The last three are for ever."""

    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")
    FAILED = "failed", _("Failed")


WHY_STOPPED = {
    "owner": _("You stopped it."),
    "wall seconds": _("It took more real time than a run may take. Let it do less, or end the scenario earlier."),
    "cpu seconds": _("Its code computed for longer than a run may. Let it compute less, or invoke it less often."),
    "environments": _("It needed more execution environments than a run may have in all. Invoke less often."),
    "environments at once": _(
        "It needed more execution environments at once than a run may have. Limit the function's concurrency "
        "(ReservedConcurrentExecutions), or spread the invocations over a longer time."
    ),
    "facts": _("More happened than a run may record. Send fewer events, or end the scenario earlier."),
    "trace bytes": _("It wrote more trace than a run may write. Log less, or send fewer and smaller events."),
    "bytes held": _("Its queues, tables and buckets held more than a run may hold. Store less, or delete more."),
}

LAPSES_FORGIVEN = 1  # a run that outlived two workers, or two sandboxes, is likely what killed them

SETTLED = (State.DONE, State.STOPPED, State.FAILED)
IN_FLIGHT = (State.QUEUED, State.RUNNING)


class Run(models.Model):
    """A project, its scenario, and what came out. Written only by `services`, `execution` and `lapses`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="runs")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    subject = models.CharField(max_length=128)  # a lab's uuid, a figure's key
    number = models.PositiveIntegerField()  # from 1, for each owner and subject
    project = models.BinaryField()  # packed files
    seed = models.BigIntegerField(null=True)
    engine = models.CharField(max_length=128, blank=True)

    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    priority = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(default=timezone.now)
    enqueued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    fence = models.PositiveIntegerField(default=0)  # grows with each claim; older claims write nothing
    lease_until = models.DateTimeField(null=True)
    lapses = models.PositiveSmallIntegerField(default=0)
    stop_requested = models.BooleanField(default=False)

    progress = models.JSONField(default=dict)
    summary = models.JSONField(null=True)
    player = models.BinaryField(null=True)  # packed player JSON
    passed = models.BooleanField(null=True)
    problem = models.JSONField(default=list)  # why the project or scenario was refused
    failure = models.TextField(blank=True)  # a failure of ours
    stopped = models.CharField(max_length=200, blank=True)
    facts = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    wall_ms = models.PositiveIntegerField(null=True)
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["owner", "subject", "number"], name="run_number_unique"),
            models.UniqueConstraint(
                fields=["subject", "engine"],
                condition=Q(purpose="figure") & ~Q(state="failed"),
                name="run_figure_once",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["state", "priority", "created_at"], name="run_queue"),
            models.Index(fields=["owner", "subject", "-number"], name="run_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk} ({self.state})"

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED

    @property
    def why_stopped(self) -> str:
        """A sentence about a run that was cut short."""
        return str(WHY_STOPPED.get(self.stopped, self.stopped))

    @property
    def queue_position(self) -> int | None:
        """How many runs go first, this one included; None when it does not wait."""
        if self.state != State.QUEUED:
            return None
        # A run that was put back has a new message, behind those that were sent meanwhile.
        since = self.enqueued_at if self.lapses else self.created_at
        first = Q(lapses=0, created_at__lt=since) | Q(lapses__gt=0, enqueued_at__lt=since)
        ahead = Q(priority__lt=self.priority) | Q(priority=self.priority) & first
        return Run.objects.filter(ahead, state=State.QUEUED).count() + 1


class TraceChunk(models.Model):
    """Some lines of a run's trace, in order, written by the claim whose fence they carry."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="chunks")
    fence = models.PositiveIntegerField()
    sequence = models.PositiveIntegerField()
    data = models.BinaryField()  # packed JSON lines

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["run", "fence", "sequence"], name="chunk_once"),
        ]
        ordering: ClassVar[list[str]] = ["sequence"]

    def __str__(self) -> str:
        return f"{self.run_id} #{self.sequence}"
