"""Reads classes and the people in them."""

from collections.abc import Sequence

from django.db.models import Count, Q, QuerySet

from lambdalab.accounts.access import classes_taught_by
from lambdalab.accounts.models import Membership, SchoolClass, User


def classes_with_counts(user: User) -> QuerySet[SchoolClass]:
    """The classes that `user` teaches, each with `member_count`."""
    taught = classes_taught_by(user).values("pk")
    members = Count("memberships", filter=Q(memberships__part=Membership.Part.MEMBER))
    return SchoolClass.objects.filter(pk__in=taught).annotate(member_count=members)


def memberships_of(school_class: SchoolClass, part: str) -> Sequence[Membership]:
    """The members or the instructors of a class, by name."""
    return list(school_class.memberships.filter(part=part).select_related("user"))


def classes_of(user: User) -> Sequence[Membership]:
    """The classes that `user` belongs to."""
    return list(user.memberships.select_related("school_class").order_by("school_class__name"))


def demo_accounts_exist() -> bool:
    """Whether accounts with published passwords can sign in here."""
    return User.objects.filter(is_demo=True, is_active=True).exists()
