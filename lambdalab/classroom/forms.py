"""What an instructor types about a class."""

from django import forms
from django.utils.translation import gettext_lazy as _

from lambdalab.accounts.forms import time_zone_choices


class ClassForm(forms.Form):
    """A class's name and zone."""

    name = forms.CharField(label=_("Name"), max_length=120)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zone_choices,
        help_text=_("Opening and closing times are meant in this zone."),
    )


class InstructorForm(forms.Form):
    """One more instructor, by user name."""

    username = forms.CharField(
        label=_("User name of another instructor"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
