"""Who may see a run. A stranger gets the same 404 as for a missing row."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from lambdalab.accounts.access import people_taught_by
from lambdalab.accounts.models import User
from lambdalab.runs.models import Purpose, Run

HEAVY = ("project", "player", "summary")


def runs_for_reader(user: User) -> QuerySet[Run]:
    """Own runs, those of people one teaches, and the figures of lessons."""
    own = Q(owner=user)
    taught = Q(owner__in=people_taught_by(user))
    figure = Q(purpose=Purpose.FIGURE)
    return Run.objects.filter(own | taught | figure)


def run_for_reader(user: User, run_id: UUID) -> Run:
    """A run that `user` may look at; its heavy columns are loaded when they are touched."""
    return get_object_or_404(runs_for_reader(user).defer(*HEAVY), pk=run_id)


def run_for_owner(user: User, run_id: UUID) -> Run:
    """A run of `user`'s own."""
    return get_object_or_404(Run.objects.filter(owner=user).defer(*HEAVY), pk=run_id)


def sees_hidden_checks(user: User) -> bool:
    """Hidden checks show whether they hold; what they look at is for those who teach."""
    return user.is_instructor
