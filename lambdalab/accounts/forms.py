"""What people type about themselves. Meaning is checked by the services."""

import zoneinfo
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordResetForm
from django.utils.translation import gettext_lazy as _

from lambdalab.accounts.models import Theme
from lambdalab.web.throttle import Throttle

RESETS, RESET_WINDOW_S = 5, 3600


def time_zone_choices() -> list[tuple[str, str]]:
    """All zones by name, UTC first."""
    named = sorted(name for name in zoneinfo.available_timezones() if "/" in name)
    return [
        ("UTC", "UTC"),
        *((name, name.replace("_", " ")) for name in named if not name.startswith("Etc/")),
    ]


def _password(label: Any, autocomplete: str, help_text: Any = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=1000, widget=widget, help_text=help_text)


class SignInForm(forms.Form):
    """Name or address, and password."""

    username = forms.CharField(
        label=_("User name or e-mail address"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    password = _password(_("Password"), "current-password")


class SignUpForm(forms.Form):
    """A student's new account."""

    join_code = forms.CharField(
        label=_("Join code"),
        max_length=20,
        help_text=_("From your instructor, such as ABCD-EFGH."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("As your class knows you."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        help_text=_("Letters, digits and @ . + - _"),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("Needed only to reset a password."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = _password(_("Password"), "new-password", _("At least 10 characters; a short sentence is good."))


class AccountForm(forms.Form):
    """What people may change about themselves."""

    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("Needed only to reset a password."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zone_choices)
    theme = forms.ChoiceField(label=_("Theme"), choices=Theme.choices)


class JoinForm(forms.Form):
    """Join one more class."""

    join_code = forms.CharField(
        label=_("Join code"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class DeleteForm(forms.Form):
    """The password again, before everything goes."""

    password = _password(_("Your password"), "current-password")


class ResetForm(PasswordResetForm):
    """Asks for a link; nobody's mailbox can be filled with them."""

    def get_users(self, email: str) -> Iterable[Any]:
        throttle = Throttle("reset", email.strip().lower(), RESETS, RESET_WINDOW_S)
        return super().get_users(email) if throttle.take() else ()
