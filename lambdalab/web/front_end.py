"""Whether the front end that is served was built from the sources that stand beside it.

A checkout that was updated while a server ran, or without `make run`, serves old scripts with new pages: then the
scripts stop where a page has something they do not know. The build writes the stamp of its sources into
`static/build/stamp.txt` and into every script; here it is compared with the sources, and the page carries theirs, so
that the browser compares as well.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from scripts.stamps import digest, front_end_sources

NAME = "stamp.txt"
FIX = "Type `make build`, or `make run`, which does it first."
UNBUILT = "The front end has not been built: pages come without style and scripts."
STALE = "The front end was built from other sources than those in static/src: pages may stop in the middle."


@dataclass(frozen=True)
class State:
    """What a page says: the stamp of the sources (empty: unknown), and what is wrong, for developers."""

    stamp: str = ""
    problem: str = ""


def state() -> State:
    """The state at this moment. In production, where files do not change, it is worked out once."""
    return _of_production() if settings.LAMBDALAB_ENV == "production" else _now()


@lru_cache(maxsize=1)
def _of_production() -> State:
    return State(stamp_of_sources())


def _now() -> State:
    built = built_folder()
    if built is None:
        return State()
    problem = problem_of(built)
    return State(stamp_of_sources(), f"{problem} {FIX}" if problem else "")


def built_folder() -> Path | None:
    """Where the build writes; None where pages are not served with their scripts, as in tests."""
    folders = settings.STATICFILES_DIRS
    return Path(str(folders[0])) if folders else None


def problem_of(built: Path | None) -> str | None:
    """What is wrong with a built front end, in one sentence."""
    wanted = stamp_of_sources()
    if built is None or not wanted:
        return None
    try:
        found = (built / NAME).read_text().strip()
    except OSError:
        return UNBUILT if not (built / "app.css").exists() else STALE
    return None if found == wanted else STALE


def stamp_of_sources() -> str:
    """The stamp of the sources as they stand; empty where there are none, as in an installation without them."""
    sources = front_end_sources(Path(settings.BASE_DIR))
    if not all(each.exists() for each in sources):
        return ""
    files = [file for each in sources for file in ([each] if each.is_file() else sorted(each.rglob("*")))]
    return _digest(tuple((str(file), stat.st_mtime_ns, stat.st_size) for file in files if (stat := file.stat())))


@lru_cache(maxsize=2)
def _digest(known_by: tuple[tuple[str, int, int], ...]) -> str:
    """Read again only when a file has another name, time or size: every page of a developer asks."""
    return digest(front_end_sources(Path(settings.BASE_DIR)))
