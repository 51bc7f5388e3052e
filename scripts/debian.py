"""Debian packages: installs the missing ones where that is allowed, else says the one command."""

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.problems import Problem


@dataclass(frozen=True, slots=True)
class Need:
    """Something that only the system can provide, and the packages that bring it."""

    what: str
    packages: str
    there: Callable[[], bool]


def command(name: str) -> Callable[[], bool]:
    """Whether a command can be found."""
    return lambda: shutil.which(name) is not None


def file(pattern: str) -> Callable[[], bool]:
    """Whether a file that fits the pattern exists."""
    return lambda: any(Path("/").glob(pattern))


def venv_works() -> bool:
    """Debian splits `ensurepip` off the Python package."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return False
    return True


RUN = (
    Need("Python's venv", "python3-venv", venv_works),
    Need("Debian's Python, for the jail", "python3", file("usr/bin/python3")),
    Need("bubblewrap, for the jail", "bubblewrap", command("bwrap")),
    Need("libseccomp, for the jail", "libseccomp2", file("usr/lib/*/libseccomp.so.2")),
    Need("a C compiler, for the jail's clock", "gcc libc6-dev", command("cc")),
)
BROWSER = (*RUN, Need("Chromium", "chromium", command("chromium")))
POSTGRES = (
    *RUN,
    Need("PostgreSQL", "postgresql", file("usr/lib/postgresql/*/bin/initdb")),
    Need("Redis", "redis-server", file("usr/bin/redis-server")),
)


def missing(needs: Sequence[Need]) -> list[Need]:
    """The needs that this machine does not meet."""
    return [need for need in needs if not need.there()]


def require(needs: Sequence[Need]) -> None:
    """Install what is missing, or raise a `Problem` that says how."""
    lacking = missing(needs)
    if not lacking:
        return
    packages = [package for need in lacking for package in need.packages.split()]
    prefix = _right_to_install()
    if prefix is not None:
        print(f"Installing {' '.join(packages)} …", flush=True)
        _install(prefix, packages)
        lacking = missing(needs)
    if lacking:
        what = "; ".join(need.what for need in lacking)
        raise Problem(f"Missing: {what}.", f"sudo apt-get install -y {' '.join(packages)}")


def _right_to_install() -> list[str] | None:
    """What to write before `apt-get`; None when we may not install or there is no `apt-get`."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    asks_nothing = ["sudo", "--non-interactive"]
    if (
        shutil.which("sudo")
        and subprocess.run([*asks_nothing, "true"], capture_output=True, check=False).returncode == 0
    ):
        return asks_nothing
    return None


def _install(prefix: Sequence[str], packages: Sequence[str]) -> None:
    quiet = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "Dpkg::Use-Pty=0"]
    for words in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run([*quiet, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            print(f"apt-get {words[0]}: {last}", flush=True)
            return
