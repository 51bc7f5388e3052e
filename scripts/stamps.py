"""Does a step of the set-up once for each state of the files it depends on."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def front_end_sources(project: Path = PROJECT) -> list[Path]:
    """What the front end is built from; `scripts/build-frontend.mjs` knows the same and works out the same digest."""
    return [
        project / "static" / "src",
        project / "scripts" / "build-frontend.mjs",
        project / "package.json",
        project / "package-lock.json",
    ]


def digest(inputs: Iterable[Path | str]) -> str:
    """A fingerprint of files, folders (their files, in order) and plain texts."""
    total = hashlib.sha256()
    for each in inputs:
        for name, data in _parts(each):
            total.update(f"{name}:{len(data)}:".encode() + data)
    return total.hexdigest()


def _parts(each: Path | str) -> Iterable[tuple[str, bytes]]:
    if isinstance(each, str):
        return [("", each.encode())]
    files = [each] if each.is_file() else sorted(path for path in each.rglob("*") if path.is_file())
    return ((file.relative_to(each).as_posix() if file != each else each.name, file.read_bytes()) for file in files)


def once(stamp: Path, inputs: Iterable[Path | str], outputs: Iterable[Path], step: Callable[[], None]) -> bool:
    """Do `step` unless its stamp fits its inputs and its outputs are there. True when it was done.

    The stamp is written last: a step that was interrupted is done again.
    """
    wanted = digest(inputs)
    if stamp.exists() and stamp.read_text() == wanted and all(path.exists() for path in outputs):
        return False
    stamp.unlink(missing_ok=True)
    step()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted)
    return True
