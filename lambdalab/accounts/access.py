"""Who may see whose work. Every other app asks here."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from lambdalab.accounts.models import Membership, SchoolClass, User

TEACHING = Membership.Part.INSTRUCTOR
LEARNING = Membership.Part.MEMBER


def require_instructor(user: User) -> None:
    """Pages for teaching do not exist for students."""
    if not user.is_instructor:
        raise PermissionDenied


def classes_taught_by(user: User) -> QuerySet[SchoolClass]:
    """The classes that `user` runs: an instructor their own, an administrator all."""
    if user.is_administrator:
        return SchoolClass.objects.all()
    if not user.is_instructor:
        return SchoolClass.objects.none()
    return SchoolClass.objects.filter(memberships__user=user, memberships__part=TEACHING)


def class_for_instructor(user: User, class_id: int) -> SchoolClass:
    """A class that `user` runs; for everybody else it does not exist."""
    return get_object_or_404(classes_taught_by(user), pk=class_id)


def people_taught_by(user: User) -> QuerySet[User]:
    """The people whose work `user` may see, besides their own."""
    if user.is_administrator:
        return User.objects.all()
    learning = Membership.objects.filter(school_class__in=classes_taught_by(user), part=LEARNING)
    return User.objects.filter(pk__in=learning.values("user_id"))


def teaches(user: User, other: User) -> bool:
    """Whether `user` may see the work of `other` because they teach them."""
    return people_taught_by(user).filter(pk=other.pk).exists()


def may_see_work(user: User, owner: User) -> bool:
    """Whether `user` may see what `owner` did."""
    return user == owner or teaches(user, owner)
