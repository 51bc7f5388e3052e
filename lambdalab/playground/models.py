"""What somebody has written in a lab and not yet thrown away."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class LabDraft(models.Model):
    """The files of a lab as one person has changed them, and what a reset or an import took away."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="lab_drafts")
    lab = models.UUIDField()  # the identity of the lab's file, which stays when its name changes
    files = models.JSONField(default=dict)  # path -> text, only of editable files that differ from the start
    before_reset = models.JSONField(default=dict)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["user", "lab"], name="one_draft_a_lab")]

    def __str__(self) -> str:
        return f"draft of {self.lab} by {self.user_id}"
