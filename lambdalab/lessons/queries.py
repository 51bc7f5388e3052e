"""What the pages read from the database."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from django.db.models import Count

from lambdalab.accounts.models import User
from lambdalab.lessons.models import LessonRead
from lambdalab.runs.models import IN_FLIGHT, Purpose, Run


def lessons_read(user: User) -> frozenset[UUID]:
    """The lessons that `user` has marked as read."""
    return frozenset(LessonRead.objects.filter(user=user).values_list("lesson", flat=True))


def labs_reached(user: User, labs: Collection[UUID]) -> frozenset[UUID]:
    """Those of `labs` whose goals `user` has met in some run."""
    subjects = {str(lab): lab for lab in labs}
    passed = Run.objects.filter(owner=user, subject__in=subjects, passed=True)
    return frozenset(subjects[subject] for subject in passed.values_list("subject", flat=True).distinct())


def is_being_played(figure_key: str) -> bool:
    """Whether a worker has the figure before it, or will have."""
    return Run.objects.filter(purpose=Purpose.FIGURE, subject=figure_key, state__in=IN_FLIGHT).exists()


def lessons_read_by(members: Sequence[int], lessons: Iterable[UUID]) -> dict[int, int]:
    """How many of `lessons` each of `members` has read; those who read none are left out."""
    read = LessonRead.objects.filter(user__in=members, lesson__in=list(lessons))
    return dict(read.values_list("user").annotate(Count("lesson")).order_by())


def reading_of(user: User) -> list[Mapping[str, object]]:
    """What this app holds about `user`."""
    return list(LessonRead.objects.filter(user=user).order_by("read_at").values("lesson", "read_at"))
