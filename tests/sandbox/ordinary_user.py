"""A broker that an ordinary user runs, as a classroom's container does, whoever runs the tests.

Root's tests see both ways: root's broker drops to an unprivileged user by itself, an ordinary user's never had rights.
The broker gets a copy of what it needs, because the checkout may lie in a private home.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import h11
import pyseccomp

import lambdalab.sandbox
from lambdalab.sandbox import Sandbox
from lambdalab.sandbox.places import JAIL_PYTHON, Home, default_home

USER = 64_994  # no account has it


def ordinary_broker(folder: Path) -> Sandbox:
    """A private broker of user :data:`USER`, with a home in ``folder``, which nothing above it may hide.

    Root only: others are ordinary themselves.
    """
    home = _home(folder)
    code = folder / "code-of-the-broker"
    package = Path(lambdalab.sandbox.__file__).parent
    shutil.copytree(package, code / "lambdalab" / "sandbox", ignore=shutil.ignore_patterns("__pycache__"))
    (code / "lambdalab" / "__init__.py").touch()
    shutil.copy(pyseccomp.__file__, code)
    shutil.copytree(Path(h11.__file__).parent, code / "h11")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [str(JAIL_PYTHON), "-m", "lambdalab.sandbox.broker", "--fd", str(theirs.fileno()), "--home", str(home.root),
               "--zygotes", "1"]  # fmt: skip
    errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the sandbox
    with theirs:
        broker = subprocess.Popen(
            command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stderr=errors, cwd="/", user=USER, group=USER,
            extra_groups=[], env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(code), "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
    return Sandbox(ours, home, broker, errors)


def _home(folder: Path) -> Home:
    folder.chmod(0o755)
    home = Home(folder / "home")
    home.root.mkdir()
    home.code.mkdir()
    home.packages.symlink_to(default_home().packages.resolve())
    return home
