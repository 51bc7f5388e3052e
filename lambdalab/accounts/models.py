"""People, classes, and who belongs to which."""

import secrets
import zoneinfo
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

JOIN_CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # nothing that a projector turns into something else
JOIN_CODE_LENGTH = 8


def validate_time_zone(name: str) -> None:
    """Refuse what is not in the IANA database."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone."), params={"name": name})


def make_join_code() -> str:
    """A code that a student can type from a blackboard: about 40 bits."""
    return "".join(secrets.choice(JOIN_CODE_ALPHABET) for _each in range(JOIN_CODE_LENGTH))


class Role(models.TextChoices):
    """What somebody may do at all; what they may see is decided by their classes."""

    STUDENT = "student", _("Student")
    INSTRUCTOR = "instructor", _("Instructor")
    ADMINISTRATOR = "administrator", _("Administrator")


class Theme(models.TextChoices):
    """The colours of the pages."""

    SYSTEM = "system", _("Like my device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class UserManager(BaseUserManager["User"]):
    """Finds people by what they type into the sign-in form."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A person. They sign in with their user name or, where they gave one, their e-mail address."""

    username = models.CharField(
        _("user name"),
        max_length=60,
        validators=[UnicodeUsernameValidator()],
        help_text=_("Letters, digits and @ . + - _"),
    )
    email = models.EmailField(_("e-mail address"), blank=True, help_text=_("Needed only to reset a password."))
    name = models.CharField(_("name"), max_length=120, help_text=_("As your class knows you."))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.STUDENT)
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC", validators=[validate_time_zone])
    theme = models.CharField(_("theme"), max_length=10, choices=Theme.choices, default=Theme.SYSTEM)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_demo = models.BooleanField(_("demo account"), default=False, editable=False)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_unique",
                violation_error_code="username_taken",
                violation_error_message=_("Somebody already has this user name."),
            ),
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                condition=~Q(email=""),
                violation_error_code="email_taken",
                violation_error_message=_("Somebody already uses this e-mail address."),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def clean(self) -> None:
        super().clean()
        self.email = self.email.strip()

    @property
    def is_administrator(self) -> bool:
        return self.role == Role.ADMINISTRATOR

    @property
    def is_instructor(self) -> bool:
        """Whether the pages for teaching are for them: an administrator may do what an instructor may."""
        return self.role in (Role.INSTRUCTOR, Role.ADMINISTRATOR)

    @property
    def initials(self) -> str:
        """One or two letters for the round sign in the top bar."""
        words = str(self).split()
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()

    def get_full_name(self) -> str:
        return str(self)


class SchoolClass(models.Model):
    """A group that learns together. Whoever has its join code can sign up into it."""

    name = models.CharField(_("name"), max_length=120)
    join_code = models.CharField(_("join code"), max_length=20, unique=True, default=make_join_code, editable=False)
    time_zone = models.CharField(
        _("time zone"),
        max_length=60,
        default="UTC",
        validators=[validate_time_zone],
        help_text=_("Opening and closing times are meant in this zone."),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    people = models.ManyToManyField(User, through="Membership", related_name="classes")

    class Meta:
        verbose_name = _("class")
        verbose_name_plural = _("classes")
        ordering: ClassVar[list[str]] = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def spoken_code(self) -> str:
        """The join code in two halves, as it is written on the board."""
        half = JOIN_CODE_LENGTH // 2
        return f"{self.join_code[:half]}-{self.join_code[half:]}"


class Membership(models.Model):
    """Somebody learns or teaches in a class."""

    class Part(models.TextChoices):
        MEMBER = "member", _("Member")
        INSTRUCTOR = "instructor", _("Instructor")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    school_class = models.ForeignKey(SchoolClass, on_delete=models.CASCADE, related_name="memberships")
    part = models.CharField(max_length=20, choices=Part.choices, default=Part.MEMBER)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["user", "school_class"], name="membership_once"),
        ]
        ordering: ClassVar[list[str]] = ["user__name", "user_id"]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.school_class_id} ({self.part})"
