"""The front of the ``lambdalab`` command: it starts the sandbox first, and loads the simulator while that gets ready.

What the sandbox answers alone needs nothing else. ``python -m lambdalab.runtime`` is the same without the haste.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from lambdalab.sandbox import Sandbox

PLAYS = ("run", "invoke")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see ``lambdalab.runtime.command``)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments == ["doctor"]:
        from lambdalab.sandbox.doctor import main as doctor

        return doctor()
    if arguments[:1] == ["jail"]:
        from lambdalab.sandbox.command import main as jail

        return jail(arguments[1:])
    sandbox = Sandbox.private() if arguments[:1] and arguments[0] in PLAYS else None
    try:
        from lambdalab.runtime.command import main as command

        return command(arguments, sandbox)
    finally:
        if sandbox is not None:
            sandbox.close()
