"""``python -m lambdalab.simulator explain TRACE``: a trace as sentences. Playing a lab is ``lambdalab run``."""

from __future__ import annotations

import sys
from pathlib import Path

from lambdalab.simulator.trace import decode_lines
from lambdalab.simulator.trace.explain import Explainer, clock

USAGE = "usage: python -m lambdalab.simulator explain TRACE   (a file of JSON lines, or - for standard input)"


def main(argv: list[str]) -> int:
    """Print one sentence a fact. Returns 0, or 2 when the arguments or the trace are not usable."""
    if len(argv) != 2 or argv[0] != "explain":
        print(USAGE, file=sys.stderr)
        return 2
    try:
        lines = sys.stdin.buffer.readlines() if argv[1] == "-" else Path(argv[1]).read_bytes().splitlines()
        explainer = Explainer()
        for stamped in decode_lines(lines):
            print(f"{clock(stamped.at):>12}  {explainer.explain(stamped)}")
    except (OSError, ValueError) as error:
        print(f"cannot explain {argv[1]}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
