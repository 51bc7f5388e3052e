"""What the playground reads."""

from collections.abc import Mapping

from lambdalab.accounts.models import User
from lambdalab.playground.models import LabDraft


def drafts_of(user: User) -> list[Mapping[str, object]]:
    """What this app holds about `user`."""
    drafts = LabDraft.objects.filter(user=user).order_by("updated_at")
    return list(drafts.values("lab", "files", "before_reset", "updated_at"))
