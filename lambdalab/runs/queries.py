"""Reads runs."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from lambdalab.accounts.models import User
from lambdalab.runs.access import HEAVY
from lambdalab.runs.engine import engine_hash
from lambdalab.runs.models import Purpose, Run, State
from lambdalab.runs.packing import unpack_files, unpack_json, unpack_lines

SECRET_OF_HIDDEN_CHECKS = ("query", "actual", "expected")


def figure_player(key: str) -> dict[str, Any] | None:
    """The player of a lesson's figure; None while this engine has not played it."""
    figures = Run.objects.filter(purpose=Purpose.FIGURE, subject=key, engine=engine_hash())
    played = figures.filter(state__in=(State.DONE, State.STOPPED)).only("player").first()
    return run_player(played) if played else None


def run_player(run: Run, *, hidden: bool = False) -> dict[str, Any] | None:
    """A run's player JSON; None while it is being played, or when it was forgotten."""
    if run.player is None:
        return None
    player: dict[str, Any] = unpack_json(run.player)
    return player if hidden else without_secrets(player)


def without_secrets(of: dict[str, Any]) -> dict[str, Any]:
    """A player or summary whose hidden checks tell only whether they hold."""
    if not of.get("checks"):
        return of
    return {**of, "checks": [_public(check) for check in of["checks"]]}


def _public(check: dict[str, Any]) -> dict[str, Any]:
    if not check.get("hidden"):
        return check
    return {key: value for key, value in check.items() if key not in SECRET_OF_HIDDEN_CHECKS}


def run_files(run: Run) -> dict[str, bytes]:
    """The project as it was played."""
    return unpack_files(run.project)


def run_trace(run: Run, *, hidden: bool = False) -> Iterator[bytes]:
    """The trace of the claim that finished, a chunk of JSON lines at a time."""
    chunks = run.chunks.filter(fence=run.fence).values_list("data", flat=True)
    for data in chunks.iterator(chunk_size=8):
        lines = unpack_lines(data)
        yield lines if hidden else _public_lines(lines)


def _public_lines(lines: bytes) -> bytes:
    """Facts about hidden checks are left out whole: their numbers are the answer."""
    if b'"hidden":' not in lines:
        return lines
    return b"".join(line for line in lines.splitlines(keepends=True) if not _is_secret(line))


def _is_secret(line: bytes) -> bool:
    return b'"hidden":' in line and json.loads(line).get("hidden") is True


def latest_runs(user: User, subject: str, limit: int) -> Sequence[Run]:
    """A person's last runs of something, newest first, without their heavy columns."""
    runs = Run.objects.filter(owner=user, subject=subject).defer(*HEAVY)
    return list(runs.order_by("-number")[:limit])


def run_status(run: Run) -> dict[str, Any]:
    """What a page that waits needs to know."""
    return {
        "state": run.state,
        "settled": run.is_settled,
        "queue_position": run.queue_position,
        "passed": run.passed,
        "stopped": run.stopped,
        "failure": run.failure,
        **run.progress,
    }
