"""`python3 -m scripts.setup run|test|browser|postgres`: makes the machine ready, as root or not, again and again.

Runs on a bare Python 3.11 or newer, before anything is installed.
"""

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts import debian
from scripts.problems import Problem, told
from scripts.stamps import front_end_sources, once

PROJECT = Path(__file__).resolve().parent.parent
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
MODULES = PROJECT / "node_modules"
PYTHON_LEAST = (3, 11)
FREE_MB = 700  # .venv, node_modules and the jail together, where none of them is there yet
FREE_LATER_MB = 100

NEEDS = {"run": debian.RUN, "test": debian.RUN, "browser": debian.BROWSER, "postgres": debian.POSTGRES}
COMMAND = """#!{python}
import sys

sys.path.insert(0, {project!r})
from lambdalab.command import main

sys.exit(main())
"""


def main() -> int:
    """Do every step that is not done yet."""
    wish = sys.argv[1]
    _check_python()
    _check_disk()
    debian.require(NEEDS[wish])
    try:
        _virtual_environment()
        _libraries("requirements.txt" if wish == "run" else "requirements-dev.txt")
        _command()
        _front_end()
        _jail()
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise _no_space() from error
        raise Problem(
            f"{error.filename or PROJECT}: {error.strerror}.", "give this user the right to write here"
        ) from error
    return 0


def _check_python() -> None:
    if sys.version_info < PYTHON_LEAST:
        found = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Problem(f"Python 3.11 or newer is needed, this is {found}.", "make run PYTHON=python3.11")


def _check_disk() -> None:
    least = FREE_LATER_MB if VENV.exists() and MODULES.exists() else FREE_MB
    if shutil.disk_usage(PROJECT).free < least * 1024 * 1024:
        raise _no_space(least)


def _no_space(least: int = FREE_MB) -> Problem:
    return Problem(f"The disk of {PROJECT} is full.", f"free {least} MB there")


def _virtual_environment() -> None:
    stamp = VENV / ".lambdalab-python"

    def make() -> None:
        _run([sys.executable, "-m", "venv", "--clear", str(VENV)], "Making .venv")

    if not _works(PYTHON):
        stamp.unlink(missing_ok=True)
        once(stamp, [sys.version], [PYTHON], make)


def _works(python: Path) -> bool:
    """Whether an environment is whole: its Python may have been removed, or its pip never arrived."""
    pip = any(VENV.glob("lib/python3.*/site-packages/pip/__main__.py"))
    return pip and subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def _libraries(name: str) -> None:
    """The pinned libraries. Those for the tests contain those for running."""
    both = [PROJECT / "requirements.txt", PROJECT / "requirements-dev.txt"]
    inputs = both if name == "requirements-dev.txt" else both[:1]
    stamp = VENV / f".lambdalab-{name}"
    install = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", name]
    once(stamp, [*inputs, sys.version], [PYTHON], lambda: _run(install, f"Installing {name}"))


def _command() -> None:
    """`.venv/bin/lambdalab`."""
    script = VENV / "bin" / "lambdalab"
    text = COMMAND.format(python=PYTHON, project=str(PROJECT))
    if not script.exists() or script.read_text() != text:
        script.write_text(text)
        script.chmod(0o755)


def _front_end() -> None:
    lock = PROJECT / "package-lock.json"
    install = [str(VENV / "bin" / "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    once(MODULES / ".lambdalab-lock", [lock], [MODULES], lambda: _run(install, "Installing the front end's libraries"))
    build = [str(VENV / "bin" / "npm"), "run", "build", "--silent"]
    built = PROJECT / "static" / "build"
    # The stamp stands among what was built: whoever builds by hand, or changes the branch, changes it as well.
    once(built / "stamp.txt", front_end_sources(), [built / "app.css"], lambda: _run(build, "Building the front end"))


def _jail() -> None:
    """Decides by itself what is out of date, and says in one sentence what it misses."""
    code = "import sys; from lambdalab.sandbox.setup import main; from lambdalab.settings.env import current\n"
    code += "home = current().home; sys.exit(main(['--home', str(home)] if home else []))"
    done = subprocess.run([str(PYTHON), "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        if "EnvironmentProblem: " in last:
            raise Problem(last.partition("EnvironmentProblem: ")[2], "see .env.example")
        raise Problem(f"The jail cannot be made: {last}", "see docs/install.md")


def _run(command: Sequence[str], says: str) -> None:
    print(f"{says} …", flush=True)
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return
    said = done.stderr + done.stdout
    if "No space left" in said or "ENOSPC" in said:
        raise _no_space()
    print(said[-4000:], file=sys.stderr)
    raise Problem(f"{says} failed; the lines above say why.", "mend that and type the same command again")


if __name__ == "__main__":
    sys.exit(told(main))
