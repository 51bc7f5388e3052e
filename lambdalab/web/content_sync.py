"""The course in memory, and the one door by which its files reach the database.

Apps register in `AppConfig.ready()`: a *sync* writes index rows for what the course holds (never the
content itself), a *check* finds defects that only that app can see. `manage.py content check|sync`
calls them in the order of their names.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import transaction

from lambdalab.curriculum import ContentError, ContentErrors, Course, load_course


class Report:
    """What a sync did, counted by a few words."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add(self, what: str, count: int = 1) -> None:
        """Count `what`, for instance "questions added"."""
        self.counts[what] += count

    def lines(self) -> list[str]:
        """One line for each thing that was done at least once."""
        return [f"{count} {what}" for what, count in sorted(self.counts.items()) if count]


Sync = Callable[[Course, Report], None]
Check = Callable[[Course], Iterable[ContentError]]

_syncs: dict[str, Sync] = {}
_checks: dict[str, Check] = {}


def register(name: str, function: Sync) -> None:
    """Add an app's sync; a name that is already there is replaced, since `ready()` may run twice in tests."""
    _syncs[name] = function


def register_check(name: str, function: Check) -> None:
    """Add an app's check."""
    _checks[name] = function


def check(course: Course) -> None:
    """Raise `ContentErrors` with what the apps' checks find. Needs no database."""
    found = [error for _name, function in sorted(_checks.items()) for error in function(course)]
    if found:
        raise ContentErrors(found)


def sync(course: Course) -> Report:
    """Bring the index rows of all apps in line with the course, all or nothing."""
    report = Report()
    with transaction.atomic():
        for _name, function in sorted(_syncs.items()):
            function(course, report)
    return report


def course() -> Course:
    """The course of this installation. Read once a process; while developing, again when a file changed."""
    folder = Path(settings.CONTENT_DIR)
    return _load(folder, _fingerprint(folder) if settings.DEBUG else 0)


@lru_cache(maxsize=1)
def _load(folder: Path, _fingerprint: int) -> Course:
    return load_course(folder)


def _fingerprint(folder: Path) -> int:
    return hash(tuple((str(path), path.stat().st_mtime_ns) for path in sorted(folder.rglob("*"))))
