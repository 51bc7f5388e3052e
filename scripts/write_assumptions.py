"""Write docs/assumptions.md from the lists in the simulator. ``--check`` only says whether it is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

from lambdalab.simulator.vocabulary.assumptions import ASSUMPTIONS, SUBJECTS
from lambdalab.simulator.vocabulary.left_out import LEFT_OUT, RULES_LEFT_OUT

PAGE = Path(__file__).resolve().parent.parent / "docs" / "assumptions.md"
HEAD = """# What we assume, and what we leave out

Made by `scripts/write_assumptions.py` from `assumptions/` and `left_out.py` in `lambdalab/simulator/vocabulary/`;
students read the same list at `/assumptions/`. A rule of AWS in the code names its source; where AWS documents nothing,
the model decides, and the decision has a number.

"""


def text() -> str:
    """The whole page."""
    rows = [f"| {a.id} | {a.title} | {a.text} |" for a in ASSUMPTIONS]
    table = "\n".join(["| number | what | the decision |", "| --- | --- | --- |", *rows])
    subjects = "\n".join(
        f"- {subject} (`{module.__name__.rpartition('.')[2]}.py`): {', '.join(a.id for a in module.ASSUMPTIONS)}"
        for subject, module in SUBJECTS.items()
    )
    left_out = "\n".join(f"- {line}" for line in LEFT_OUT)
    rules = "\n".join(f"- {each.reason} ({', '.join(each.rules)})" for each in RULES_LEFT_OUT)
    return (
        f"{HEAD}## Assumptions by subject\n\n{subjects}\n\n## Assumptions by number\n\n{table}\n\n"
        f"## Left out for now\n\n{left_out}\n\n"
        f"## Rules of AWS that are left out\n\nBy their numbers in [coverage.md](coverage.md).\n\n{rules}\n"
    )


def main() -> int:
    """Returns 0, or 1 when ``--check`` finds an old page."""
    if "--check" in sys.argv:
        return 0 if PAGE.exists() and PAGE.read_text() == text() else 1
    PAGE.write_text(text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
