"""What the playground's forms send: shape only; meaning is checked by the services."""

from collections.abc import Mapping

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from lambdalab.playground.template_edit import LIMITS, Setting

FILE_FIELD = "file:"


def posted_files(data: QueryDict) -> dict[str, str]:
    """The files of the editor: each is a field named after its path."""
    return {name.removeprefix(FILE_FIELD): str(data[name]) for name in data if name.startswith(FILE_FIELD)}


class SettingsForm(forms.Form):
    """The settings of one function, in Lambda's own bounds."""

    function = forms.CharField(max_length=255)
    memory_mb = forms.IntegerField(
        label=_("Memory, MB"), min_value=LIMITS["memory_mb"][0], max_value=LIMITS["memory_mb"][1]
    )
    timeout_s = forms.IntegerField(
        label=_("Timeout, s"), min_value=LIMITS["timeout_s"][0], max_value=LIMITS["timeout_s"][1]
    )
    retries = forms.IntegerField(
        label=_("Retries"), min_value=LIMITS["retries"][0], max_value=LIMITS["retries"][1], required=False
    )
    reserved = forms.IntegerField(
        label=_("Reserved concurrency"),
        min_value=LIMITS["reserved"][0],
        max_value=LIMITS["reserved"][1],
        required=False,
    )

    def changes(self) -> Mapping[Setting, int | None]:
        """What to write into the template; an empty field of retries leaves them alone."""
        names: tuple[Setting, ...] = ("memory_mb", "timeout_s", "reserved")
        found: dict[Setting, int | None] = {name: self.cleaned_data[name] for name in names}
        if self.cleaned_data["retries"] is not None:
            found["retries"] = self.cleaned_data["retries"]
        return found
