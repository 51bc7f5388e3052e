"""What the playground's forms send: shape only; meaning is checked by the services."""

from collections.abc import Mapping

from django import forms
from django.core.files import File
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from lambdalab.playground.project_files import ZIPPED_MAX
from lambdalab.playground.template_edit import LIMITS, Setting

FILE_FIELD = "file:"


def posted_files(data: QueryDict) -> dict[str, str]:
    """The files of the editor: each is a field named after its path."""
    return {name.removeprefix(FILE_FIELD): str(data[name]) for name in data if name.startswith(FILE_FIELD)}


class ImportForm(forms.Form):
    """A zip of the project, as Download gives it."""

    archive = forms.FileField(label=_("Zip file"), widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}))

    def clean_archive(self) -> "File[bytes]":
        """Nothing that is too large is opened."""
        archive: File[bytes] = self.cleaned_data["archive"]
        if (archive.size or 0) > ZIPPED_MAX:
            raise forms.ValidationError(_("The zip is larger than %(most)d MB."), params={"most": ZIPPED_MAX >> 20})
        return archive


class SettingsForm(forms.Form):
    """The settings of one function, in Lambda's own bounds."""

    function = forms.CharField(max_length=255)
    only = forms.CharField(max_length=20, required=False)  # the one that was touched, when a script tells
    memory_mb = forms.IntegerField(
        label=_("Memory, MB"),
        min_value=LIMITS["memory_mb"][0],
        max_value=LIMITS["memory_mb"][1],
        required=False,
    )
    timeout_s = forms.IntegerField(
        label=_("Timeout, s"),
        min_value=LIMITS["timeout_s"][0],
        max_value=LIMITS["timeout_s"][1],
        required=False,
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
        """What to write into the template. Empty means no limit of concurrency; the others it leaves alone."""
        only = self.cleaned_data["only"]
        found = {name: self.cleaned_data[name] for name in LIMITS if not only or name == only}
        return {name: value for name, value in found.items() if value is not None or name == "reserved"}
