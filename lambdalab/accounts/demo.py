"""The demo class: one sign-in for each role, with a password that everybody may know."""

from dataclasses import dataclass

from django.db import transaction

from lambdalab.accounts.models import Membership, Role, SchoolClass, User
from lambdalab.accounts.services import user_create
from lambdalab.web import personal_data

PASSWORD = "virtual-time"  # noqa: S105  # printed by `make run`; refused in production and beyond loopback
CLASS_NAME = "Demo class"
CAST = (
    ("ada", "Ada", Role.STUDENT),
    ("grace", "Grace", Role.INSTRUCTOR),
    ("katherine", "Katherine", Role.ADMINISTRATOR),
)


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """What to type; without a password where somebody has changed it."""

    role: str
    username: str
    password: str | None


@transaction.atomic
def demo_create() -> list[DemoSignIn]:
    """Make what is missing of the demo class; what somebody has changed stays as it is."""
    school_class, _made = SchoolClass.objects.get_or_create(name=CLASS_NAME)
    return [_sign_in(_member(school_class, username, name, role)) for username, name, role in CAST]


@transaction.atomic
def demo_remove() -> int:
    """Remove everybody whose password is published, as if they had asked for it themselves."""
    people = list(User.objects.filter(is_demo=True))
    for user in people:
        personal_data.erase(user)
        user.delete()
    return len(people)


def _member(school_class: SchoolClass, username: str, name: str, role: Role) -> User:
    user = User.objects.filter(username__iexact=username).first()
    if user is None:
        user = user_create(username=username, name=name, password=PASSWORD, role=role, is_demo=True)
        part = Membership.Part.MEMBER if role == Role.STUDENT else Membership.Part.INSTRUCTOR
        Membership.objects.create(user=user, school_class=school_class, part=part)
    return user


def _sign_in(user: User) -> DemoSignIn:
    return DemoSignIn(user.role, user.username, PASSWORD if user.check_password(PASSWORD) else None)
