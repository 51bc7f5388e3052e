"""What changes when somebody works in a lab."""

from collections.abc import Mapping
from typing import BinaryIO

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lambdalab.accounts.models import User
from lambdalab.curriculum import Lab
from lambdalab.playground import project_files, template_edit
from lambdalab.playground.errors import DraftRefused
from lambdalab.playground.models import LabDraft
from lambdalab.runs import services as runs
from lambdalab.runs.models import Run
from lambdalab.sandbox.packages import BadPackage

TEMPLATE = "template.yaml"


def draft_save(*, user: User, lab: Lab, files: Mapping[str, str]) -> LabDraft:
    """Keep what was written. Files the lab does not let one edit are ignored; unsent ones stay as they are."""
    with transaction.atomic():
        draft, _made = LabDraft.objects.select_for_update().get_or_create(user=user, lab=lab.uuid)
        merged = {**draft.files, **_accepted(lab, files)}
        kept = {path: text for path, text in merged.items() if _differs(lab, path, text)}
        if kept != draft.files:
            draft.files = kept
            draft.updated_at = timezone.now()
            draft.save(update_fields=["files", "updated_at"])
    return draft


def draft_import(*, user: User, lab: Lab, archive: BinaryIO) -> list[str]:
    """Take over what somebody has worked on elsewhere, and say which files; all else in the archive is ignored.

    What was there can be brought back, as after a reset.
    """
    try:
        files = project_files.unzipped(lab, archive)
    except BadPackage as error:
        raise DraftRefused(str(error)) from None
    with transaction.atomic():
        before = LabDraft.objects.select_for_update().filter(user=user, lab=lab.uuid).values_list("files", flat=True)
        replaced = before.first()
        draft = draft_save(user=user, lab=lab, files=files)
        if replaced and replaced != draft.files:
            draft.before_reset = replaced
            draft.save(update_fields=["before_reset"])
    return list(files)


def draft_reset(*, user: User, lab: Lab) -> None:
    """Start again from the lab's own files; what was there can be brought back once."""
    with transaction.atomic():
        draft = LabDraft.objects.select_for_update().filter(user=user, lab=lab.uuid).first()
        if draft and draft.files:
            draft.before_reset, draft.files = draft.files, {}
            draft.updated_at = timezone.now()
            draft.save(update_fields=["files", "before_reset", "updated_at"])


def draft_restore(*, user: User, lab: Lab) -> None:
    """Undo the last reset or import. What was written since takes its place, so that undo can be undone."""
    with transaction.atomic():
        draft = LabDraft.objects.select_for_update().filter(user=user, lab=lab.uuid).first()
        if draft and draft.before_reset:
            draft.files, draft.before_reset = draft.before_reset, draft.files
            draft.updated_at = timezone.now()
            draft.save(update_fields=["files", "before_reset", "updated_at"])


def lab_run(*, user: User, lab: Lab, files: Mapping[str, str]) -> Run:
    """Keep what was written and play the lab with it."""
    draft = draft_save(user=user, lab=lab, files=files)
    played = project_files.played_files(lab, draft.files)
    return runs.run_create(owner=user, purpose="play", subject=str(lab.uuid), files=played)


def template_change(*, lab: Lab, text: str, function: str, changes: Mapping[template_edit.Setting, int | None]) -> str:
    """The template as the settings panel changes it; `DraftRefused` says what stands in the way."""
    if TEMPLATE not in lab.editable:
        raise DraftRefused(_("This lab's settings are fixed."))
    try:
        return template_edit.with_settings(text, function, changes)
    except template_edit.TemplateUnreadable as error:
        says = _("template.yaml cannot be read at line %(line)d: %(error)s.")
        raise DraftRefused(says % {"line": error.line, "error": error}) from None


def _accepted(lab: Lab, files: Mapping[str, str]) -> dict[str, str]:
    accepted = {path: files[path].replace("\r\n", "\n") for path in lab.editable if path in files}
    for path, text in accepted.items():
        if len(text) > project_files.FILE_CHARS_MAX:
            says = _("%(path)s is longer than %(most)d characters.")
            raise DraftRefused(says % {"path": path, "most": project_files.FILE_CHARS_MAX})
    return accepted


def _differs(lab: Lab, path: str, text: str) -> bool:
    return path in lab.editable and lab.files.get(path) != text.encode("utf-8")
