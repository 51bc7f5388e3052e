"""One clear sentence with the fix, instead of a traceback."""

import sys
from collections.abc import Callable


class Problem(Exception):
    """What stops us, and the command or change that helps."""

    def __init__(self, says: str, fix: str) -> None:
        self.says, self.fix = says, fix
        super().__init__(f"{says} Fix: {fix}")


def told(main: Callable[[], int]) -> int:
    """Run `main`; a problem becomes one line on standard error and exit code 1."""
    try:
        return main()
    except Problem as problem:
        print(f"\nlambdalab: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
