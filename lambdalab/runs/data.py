"""This app's part of a person's data."""

from lambdalab.accounts.models import User
from lambdalab.runs.queries import run_files, without_secrets


def export(user: User) -> list[dict[str, object]]:
    """Each run with the project that was played and what came out."""
    return [
        {
            "id": run.pk,
            "purpose": run.purpose,
            "subject": run.subject,
            "number": run.number,
            "created_at": run.created_at,
            "state": run.state,
            "passed": run.passed,
            "files": {path: data.decode(errors="replace") for path, data in run_files(run).items()},
            "summary": without_secrets(run.summary) if run.summary else None,
        }
        for run in user.runs.order_by("created_at").defer("player").iterator()
    ]
