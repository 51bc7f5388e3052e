"""What a reader has done with the lessons. The lessons themselves are files."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class LessonRead(models.Model):
    """Somebody has marked a lesson as read."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="lessons_read")
    lesson = models.UUIDField()  # the identity of the file, which stays when its name changes
    read_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [models.UniqueConstraint(fields=["user", "lesson"], name="lesson_read_once")]

    def __str__(self) -> str:
        return f"{self.user_id} read {self.lesson}"
