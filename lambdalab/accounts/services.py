"""Changes people, classes and memberships. A `ValidationError` names the field it is about."""

import io
import json
import zipfile

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from lambdalab.accounts.models import Membership, Role, SchoolClass, User, make_join_code
from lambdalab.web import personal_data

FIELD_OF = {"username_taken": "username", "email_taken": "email"}


@transaction.atomic
def user_create(
    *,
    username: str,
    name: str,
    password: str,
    email: str = "",
    role: str = Role.STUDENT,
    time_zone: str = "UTC",
    is_demo: bool = False,
) -> User:
    """Make an account."""
    user = User(username=username, name=name, email=email, role=role, time_zone=time_zone, is_demo=is_demo)
    problems = _problems(user)
    try:
        validate_password(password, user)
    except ValidationError as refused:
        problems["password"] = refused.error_list
    if problems:
        raise ValidationError(problems)
    user.set_password(password)
    user.save()
    return user


@transaction.atomic
def sign_up(*, username: str, name: str, password: str, email: str, join_code: str) -> User:
    """Make a student's account in the class that the join code opens."""
    school_class = _class_by_code(join_code)
    user = user_create(username=username, name=name, password=password, email=email, time_zone=school_class.time_zone)
    Membership.objects.create(user=user, school_class=school_class)
    return user


def user_join(*, user: User, join_code: str) -> SchoolClass:
    """Add `user` to the class that the join code opens; being there already is no mistake."""
    school_class = _class_by_code(join_code)
    Membership.objects.get_or_create(user=user, school_class=school_class)
    return school_class


def user_update(*, user: User, name: str, email: str, time_zone: str, theme: str) -> User:
    """Change what people may change about themselves."""
    user.name, user.email, user.time_zone, user.theme = name, email, time_zone, theme
    if problems := _problems(user):
        raise ValidationError(problems)
    user.save(update_fields=["name", "email", "time_zone", "theme"])
    return user


def account_export(*, user: User) -> bytes:
    """Everything the site holds about `user`: a zip with one JSON file for each part."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, data in personal_data.export(user).items():
            parts.writestr(f"{slugify(name)}.json", json.dumps(data, cls=DjangoJSONEncoder, indent=2))
    return archive.getvalue()


@transaction.atomic
def account_delete(*, user: User) -> None:
    """Remove `user` and all they made. The last administrator stays, or nobody could run the house."""
    administrators = User.objects.select_for_update().filter(role=Role.ADMINISTRATOR, is_active=True)
    if user.is_administrator and set(administrators) <= {user}:
        raise ValidationError(_("You are the only administrator. Make somebody else one first."))
    personal_data.erase(user)
    user.delete()


@transaction.atomic
def class_create(*, name: str, time_zone: str, instructor: User) -> SchoolClass:
    """Open a class that `instructor` teaches."""
    school_class = SchoolClass(name=name, time_zone=time_zone)
    school_class.full_clean()
    school_class.save()
    Membership.objects.create(user=instructor, school_class=school_class, part=Membership.Part.INSTRUCTOR)
    return school_class


def class_update(*, school_class: SchoolClass, name: str, time_zone: str) -> SchoolClass:
    """Change a class's name and zone."""
    school_class.name, school_class.time_zone = name, time_zone
    school_class.full_clean()
    school_class.save(update_fields=["name", "time_zone"])
    return school_class


def class_rotate_code(*, school_class: SchoolClass) -> SchoolClass:
    """Give the class another join code; the old one opens nothing any more."""
    school_class.join_code = make_join_code()
    school_class.save(update_fields=["join_code"])
    return school_class


def class_add_instructor(*, school_class: SchoolClass, username: str) -> Membership:
    """Let another instructor teach in the class."""
    user = User.objects.filter(username__iexact=username, is_active=True).first()
    if user is None or not user.is_instructor:
        raise ValidationError({"username": _("No instructor has this user name.")})
    membership, _made = Membership.objects.update_or_create(
        user=user, school_class=school_class, defaults={"part": Membership.Part.INSTRUCTOR}
    )
    return membership


@transaction.atomic
def membership_remove(*, membership: Membership) -> None:
    """Take somebody out of a class; what they did stays theirs. A class keeps one instructor."""
    others = Membership.objects.select_for_update().filter(
        school_class=membership.school_class_id, part=Membership.Part.INSTRUCTOR
    )
    if membership.part == Membership.Part.INSTRUCTOR and set(others) <= {membership}:
        raise ValidationError(_("A class needs an instructor. Add another one first."))
    membership.delete()


def _class_by_code(join_code: str) -> SchoolClass:
    typed = "".join(letter for letter in join_code.upper() if letter.isalnum())
    school_class = SchoolClass.objects.filter(join_code=typed).first()
    if school_class is None:
        raise ValidationError({"join_code": _("No class has this join code. Ask your instructor for it.")})
    return school_class


def _problems(user: User) -> dict[str, list[ValidationError]]:
    """What the model refuses, each at its field; a constraint's own message knows none."""
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as refused:
        found: dict[str, list[ValidationError]] = {}
        for field, errors in refused.error_dict.items():
            for error in errors:
                found.setdefault(FIELD_OF.get(error.code or "", field), []).append(error)
        return found
    return {}
